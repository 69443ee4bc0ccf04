import { assertEquals } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { messagesAtProvider, readMessage, untilStatus } from "../support/messages.ts";
import { signUp } from "../support/people.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace, type Workspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

const retry = (id: string, token: string, json?: unknown) =>
  callFunction(`messages/${id}/retry`, { method: "POST", token, ...(json ? { json } : {}) });
const cancel = (id: string, token: string) =>
  callFunction(`messages/${id}/cancel`, { method: "POST", token });

/** A message that failed for want of money, or of which nobody knows. */
async function createDeadLetter(errorCode = "insufficient_funds") {
  const sql = connectToDatabase(1);
  const workspace = await createConnectedWorkspace();
  const id = await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${
      JSON.stringify({ role: "authenticated", sub: workspace.owner.id })
    }, true)`;
    const [row] = await tx`
      select message_id from public.enqueue_messages(${workspace.id}, ${
      tx.json([{ to_address: freshNumber(), body: "Hello" }])
    })`;
    await tx`delete from private.outbound_jobs where message_id = ${row!.message_id}`;
    await tx`
      select private.fail_messages(array[(${
      row!.message_id
    }::uuid, ${errorCode}, 'No money', true)::private.message_end])`;
    return row!.message_id as string;
  });
  await sql.end();
  return { workspace, id };
}

const setCap = (workspace: Workspace, cap: number | null) =>
  workspace.owner.client.from("workspaces").update({ monthly_spend_cap: cap }).eq(
    "id",
    workspace.id,
  );

Deno.test("a dead letter is retried over HTTP, and arrives", async () => {
  const { workspace, id } = await createDeadLetter();

  const { status, body } = await retry(id, workspace.owner.token);

  assertEquals([status, body.message.id, body.message.status], [202, id, "queued"]);
  await untilStatus(id, "delivered");
  assertEquals((await messagesAtProvider(workspace)).length, 1);
});

Deno.test("a message of unknown outcome is retried by whoever says that it may come twice", async () => {
  const { workspace, id } = await createDeadLetter("outcome_unknown");
  const { token } = workspace.owner;

  const careful = await retry(id, token);
  const wrong = await retry(id, token, { may_send_twice: "yes" });
  const bold = await retry(id, token, { may_send_twice: true });

  assertEquals(
    [careful.status, careful.body.error.code, careful.body.error.details.issues[0].field],
    [409, "outcome_unknown", "may_send_twice"],
  );
  assertEquals([wrong.status, wrong.body.error.details.issues[0].field], [400, "may_send_twice"]);
  assertEquals(bold.status, 202);
});

Deno.test("a dead letter is given up over HTTP, once", async () => {
  const { workspace, id } = await createDeadLetter();
  const { token } = workspace.owner;

  const answers = [await cancel(id, token), await cancel(id, token), await retry(id, token)];

  assertEquals(
    answers.map(({ status, body }) => [status, body.error?.code ?? body.message.status]),
    [
      [200, "canceled"],
      [409, "already_canceled"],
      [404, "not_found"],
    ],
  );
});

Deno.test("strangers find no dead letter, and no id is none", async () => {
  const { id } = await createDeadLetter();
  const { token } = await signUp("stranger");

  for (const answer of [await retry(id, token), await cancel(id, token), await retry("x", token)]) {
    assertEquals([answer.status, answer.body.error.code], [404, "not_found"]);
  }
  assertEquals((await readMessage(id)).status, "failed");
});

Deno.test("beyond the spend cap nothing is sent, retried or called: 402, and what to do", async () => {
  const { workspace, id } = await createDeadLetter();
  const { token } = workspace.owner;
  await setCap(workspace, 0);
  const to = freshNumber();
  const send = { workspace_id: workspace.id, to, body: "Hello" };

  const answers = [
    await callFunction("messages", { token, json: send }),
    await retry(id, token),
    await callFunction("messages/calls", {
      token,
      json: { workspace_id: workspace.id, to, text: "Hello" },
    }),
  ];

  for (const { status, body } of answers) {
    assertEquals([status, body.error.code, body.error.details.issues[0].field], [
      402,
      "spend_cap_reached",
      "workspace_id",
    ]);
    assertEquals(
      body.error.details.hint,
      "Ask an owner or admin to raise workspaces.monthly_spend_cap",
    );
  }
  const { data } = await workspace.owner.client.rpc("usage_summary", {
    workspace_id: workspace.id,
  });
  assertEquals(data!.map((row) => [row.channel, Number(row.left_to_spend)]), [
    ["sms", 0],
    ["whatsapp", 0],
    ["email", 0],
    ["call", 0],
  ]);
  await setCap(workspace, null);
  assertEquals((await callFunction("messages", { token, json: send })).status, 202);
});
