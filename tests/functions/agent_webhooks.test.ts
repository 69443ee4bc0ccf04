/** A message on its way to an agent: from the provider's webhook to the agent's. */
import {
  type AnsweringWorkspace,
  createAnsweringWorkspace,
  rotateSecret,
  runOffers,
  setUrl,
  untilPosted,
  webhooksAt,
} from "../support/agent_webhooks.ts";
import { databaseTest, ingest, textFrom } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { makeDue, offersOf } from "../support/offers.ts";
import { serviceClient } from "../support/people.ts";
import { eventually } from "../support/poll.ts";
import { readTestStack } from "../support/stack.ts";
import { inboundParameters, postSigned, receive, webhookUrl } from "../support/webhooks.ts";
import { freshNumber, type World } from "../support/world.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Webhook } from "standardwebhooks";
import type postgres from "postgres";

/** The columns that helpers for worlds look at. */
const worldOf = (workspace: AnsweringWorkspace) => workspace as unknown as World;

/** Until what became of the posting is written down. */
const untilRecorded = (sql: postgres.Sql, workspace: AnsweringWorkspace) =>
  eventually("the outcome", async () => {
    const [offer] = await offersOf(sql, worldOf(workspace));
    return (offer?.state !== "pending" || offer?.last_error) && offer;
  });

/** A text that no function of ours was told of, so that nothing is posted before the test says so. */
async function hearInSilence(sql: postgres.Sql, workspace: AnsweringWorkspace) {
  await ingest(sql, workspace.connectionId, [textFrom(worldOf(workspace), freshNumber())]);
  const [offer] = await offersOf(sql, worldOf(workspace));
  return offer!.id as string;
}

databaseTest(
  "a text to an agent's number is posted to the agent at once, and signed",
  async (sql) => {
    const workspace = await createAnsweringWorkspace();
    const from = freshNumber();

    await receive(workspace, { from, body: "Are you open on Saturday?" });

    const [{ headers, body }] = await untilPosted(workspace) as [
      { headers: Record<string, string>; body: string },
    ];
    const message = new Webhook(workspace.secret).verify(body, headers) as {
      type: string;
      data: Record<string, string>;
    };
    assertEquals(message.type, "message.received");
    assertEquals(
      [message.data.from, message.data.to, message.data.text, message.data.channel],
      [from, workspace.phoneNumber, "Are you open on Saturday?", "sms"],
    );
    const offer = await untilRecorded(sql, workspace);
    assertEquals([offer.state, offer.id, offer.attempt_count], [
      "delivered",
      headers["webhook-id"],
      1,
    ]);
  },
);

Deno.test("what somebody changed on the way does not verify", async () => {
  const workspace = await createAnsweringWorkspace();
  await receive(workspace, { from: freshNumber(), body: "Pay 10" });
  const [{ headers, body }] = await untilPosted(workspace) as [
    { headers: Record<string, string>; body: string },
  ];
  const webhook = new Webhook(workspace.secret);
  const changed = (name: string, value: string) => ({ ...headers, [name]: value });
  const later = String(Number(headers["webhook-timestamp"]) + 1);

  webhook.verify(body, headers);
  assertThrows(() => webhook.verify(body.replace("Pay 10", "Pay 99"), headers));
  assertThrows(() => webhook.verify(body, changed("webhook-id", crypto.randomUUID())));
  assertThrows(() => webhook.verify(body, changed("webhook-timestamp", later)));
  assertThrows(() => new Webhook("whsec_" + btoa("x".repeat(32))).verify(body, headers));
});

Deno.test("while a secret is replaced both verify", async () => {
  const workspace = await createAnsweringWorkspace();
  const second = await rotateSecret(workspace, workspace.agentId);

  await receive(workspace, { from: freshNumber(), body: "Hello" });

  const [{ headers, body }] = await untilPosted(workspace) as [
    { headers: Record<string, string>; body: string },
  ];
  assertEquals(headers["webhook-signature"]!.split(" ").length, 2);
  for (const secret of [workspace.secret, second]) new Webhook(secret).verify(body, headers);
});

databaseTest("a webhook that the provider repeats is posted to the agent once", async (sql) => {
  const workspace = await createAnsweringWorkspace();
  const parameters = inboundParameters(workspace as never);
  const url = await webhookUrl(workspace);

  for (let time = 0; time < 3; time++) {
    await postSigned(url, parameters, workspace.account.auth_token);
  }
  await untilRecorded(sql, workspace);
  await runOffers();

  assertEquals((await webhooksAt(workspace.path)).length, 1);
});

databaseTest(
  "what was claimed by a worker that died is posted under the same name",
  async (sql) => {
    const workspace = await createAnsweringWorkspace();
    const id = await hearInSilence(sql, workspace);
    const { data } = await serviceClient().rpc("claim_agent_offers", { claim_limit: 1000 });
    assert(data!.some(({ offer_id }) => offer_id === id));

    await runOffers();
    assertEquals(await webhooksAt(workspace.path), [], "its lease is not over");
    await makeDue(sql, worldOf(workspace));
    await runOffers();

    const received = await webhooksAt(workspace.path);
    assertEquals(received.map(({ headers }) => headers["webhook-id"]), [id]);
  },
);

databaseTest("an agent that fails is posted the same again", async (sql) => {
  const workspace = await createAnsweringWorkspace("/status/500");
  const id = await hearInSilence(sql, workspace);

  await runOffers();
  const [failed] = await offersOf(sql, worldOf(workspace));
  await makeDue(sql, worldOf(workspace));
  await runOffers();

  assertEquals([failed!.state, failed!.last_error], [
    "pending",
    "the agent's webhook refused: status 500",
  ]);
  const received = await webhooksAt(workspace.path);
  assertEquals(received.map(({ headers }) => headers["webhook-id"]), [id, id]);
  assertEquals(received[0]!.body, received[1]!.body);
});

databaseTest("an agent says how long to wait", async (sql) => {
  const workspace = await createAnsweringWorkspace("/status/429");
  await hearInSilence(sql, workspace);

  await runOffers();

  const [offer] = await offersOf(sql, worldOf(workspace));
  const waitMs = offer!.next_attempt_at.getTime() - Date.now();
  assert(waitMs > 890_000 && waitMs <= 900_000, String(waitMs));
});

databaseTest("a redirect is not followed", async (sql) => {
  const workspace = await createAnsweringWorkspace("/redirect");
  const id = await hearInSilence(sql, workspace);

  await runOffers();

  const [offer] = await offersOf(sql, worldOf(workspace));
  assertEquals(
    [offer!.state, offer!.last_error],
    ["pending", "Cannot call the agent's webhook: status 307, which is not followed"],
  );
  const redirected = await webhooksAt("/redirected");
  assertEquals(redirected.filter(({ headers }) => headers["webhook-id"] === id), []);
});

databaseTest(
  "an address that says that it is gone is left alone, until it is written again",
  async (sql) => {
    const workspace = await createAnsweringWorkspace("/status/410");
    await hearInSilence(sql, workspace);

    await runOffers();
    await makeDue(sql, worldOf(workspace));
    await runOffers();
    assertEquals((await webhooksAt(workspace.path)).length, 1);
    const { data } = await workspace.owner.client.from("agents").select("webhook_disabled_at")
      .eq("id", workspace.agentId).single();
    assert(data!.webhook_disabled_at);

    await setUrl(workspace, `https://agent.example.com${workspace.path}`);
    await runOffers();
    assertEquals((await webhooksAt(workspace.path)).length, 2);
  },
);

databaseTest("a person who takes over is not talked over", async (sql) => {
  const workspace = await createAnsweringWorkspace("/status/500");
  await hearInSilence(sql, workspace);
  await runOffers();
  const [offer] = await offersOf(sql, worldOf(workspace));

  const { data } = await workspace.owner.client
    .rpc("take_over", { conversation_id: offer!.conversation_id });
  await sql`
    update public.agent_offers set created_at = created_at - interval '1 minute' where id = ${
    offer!.id
  }`;
  await runOffers();

  assert(data!.taken_over_at);
  assertEquals((await webhooksAt(workspace.path)).length, 1);
  const { data: seen } = await workspace.owner.client.from("agent_offers")
    .select("state, cancel_reason").eq("id", offer!.id).single();
  assertEquals(seen, { state: "canceled", cancel_reason: "taken_over" });
});

databaseTest("each workspace's agent hears of its own messages alone", async (sql) => {
  const [one, two] = [await createAnsweringWorkspace(), await createAnsweringWorkspace()];
  await hearInSilence(sql, one);
  await hearInSilence(sql, two);

  await runOffers();

  for (const workspace of [one, two]) {
    const bodies = (await webhooksAt(workspace.path)).map(({ body }) => JSON.parse(body));
    assertEquals(bodies.map(({ data }) => [data.workspace_id, data.agent_id]), [
      [workspace.id, workspace.agentId],
    ]);
  }
});

Deno.test("offers are posted for the project's secret key alone", async () => {
  const { owner } = await createAnsweringWorkspace();

  for (const headers of [{}, { apikey: "sb_secret_wrong" }] as Record<string, string>[]) {
    const { status, body } = await callFunction("maintenance/offers", {
      method: "POST",
      token: owner.token,
      headers,
    });
    assertEquals([status, body.error.code], [401, "not_authenticated"]);
  }
});

databaseTest("neither a secret nor an address is in what the functions print", async (sql) => {
  const workspace = await createAnsweringWorkspace("/status/500");
  await hearInSilence(sql, workspace);
  await runOffers();

  const log = await Deno.readTextFile(readTestStack().log_file);

  assertEquals([log.includes(workspace.secret), log.includes(workspace.path)], [false, false]);
});
