import { assertEquals } from "@std/assert";
import { allowAllHours, drip, endCampaigns, progressOf } from "../support/campaigns.ts";
import { draft, post, upload } from "../support/campaign_requests.ts";
import { callFunction } from "../support/functions.ts";
import { messagesAtProvider, runDispatch, untilProviderIdle } from "../support/messages.ts";
import { eventually } from "../support/poll.ts";
import { signUp } from "../support/people.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace, createWorkspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("a campaign is drafted once under its key, changed, and read with its progress", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const json = { workspace_id: workspaceId, name: "Spring", idempotency_key: "spring" };

  const first = await post(owner, "", json);
  const again = await post(owner, "", json);
  const { id } = first.body.campaign;
  const changed = await callFunction(`messages/campaigns/${id}`, {
    method: "PATCH",
    token: owner.token,
    json: { body: "We are open", channel: "sms" },
  });
  const { status, body } = await callFunction(`messages/campaigns/${id}`, { token: owner.token });

  assertEquals([first.status, again.status], [201, 201]);
  assertEquals(again.body.campaign.id, id);
  assertEquals([changed.status, changed.body.campaign.body], [200, "We are open"]);
  assertEquals([status, body.campaign.status, body.progress.total_count], [200, "draft", 0]);
});

Deno.test("strangers find no campaign, and what is no campaign is refused with its field", async () => {
  const campaign = await draft();
  const stranger = await signUp("stranger");
  const paths = ["contacts", "estimate", "pause", "resume", "cancel"];
  for (const path of paths) {
    const { status } = await post(stranger, `/${campaign.id}/${path}`, {});
    assertEquals(status, 404, path);
  }
  const read = await callFunction(`messages/campaigns/${campaign.id}`, { token: stranger.token });
  assertEquals(read.status, 404);
  assertEquals(
    (await upload({ ...campaign, owner: stranger }, "address\n+14155550123")).status,
    404,
  );
  assertEquals((await post(campaign.owner, "/nonsense/estimate")).status, 404);
  assertEquals((await callFunction("messages/campaigns", { json: {} })).status, 401);

  const wrong = await post(campaign.owner, "", {
    workspace_id: campaign.workspaceId,
    colour: "red",
  });
  assertEquals([wrong.status, wrong.body.error.code], [400, "invalid_request"]);
  const unknown = await post(campaign.owner, `/${campaign.id}/contacts`, { filter: { x: 1 } });
  assertEquals(unknown.body.error.details.issues[0].field, "filter.x");
});

Deno.test("a campaign runs to its end, and each recipient's message says what became of it", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  await allowAllHours(sql, workspace.id);
  const { owner } = workspace;
  const { body: created } = await post(owner, "", {
    workspace_id: workspace.id,
    name: "Spring",
    body: "Hi {{first_name}}",
  });
  const campaign = { owner, id: created.campaign.id as string };
  const [gone, ...others] = [freshNumber(), freshNumber(), freshNumber()] as [string, ...string[]];
  await owner.client.rpc("opt_out", { workspace_id: workspace.id, address: gone });
  const file = [gone, ...others].map((number, index) => `${number},N${index}`).join("\n");
  await upload(campaign, `phone,first name\n${file}`);
  const early = await post(owner, `/${campaign.id}/start`);
  const estimated = await post(owner, `/${campaign.id}/estimate`);

  const started = await post(owner, `/${campaign.id}/start`, {});
  await drip(sql);
  await runDispatch();
  await eventually("the campaign to be through", async () => {
    await untilProviderIdle(workspace);
    await drip(sql);
    const { status, delivered } = await progressOf(sql, campaign.id);
    return status === "completed" && delivered === 2;
  });

  assertEquals([early.status, early.body.error.code], [409, "estimate_missing"]);
  assertEquals(estimated.body.estimate.message_count, 2);
  assertEquals(started.body.campaign.status, "running");
  assertEquals(await progressOf(sql, campaign.id), {
    status: "completed",
    skipped: 1,
    delivered: 2,
  });
  const taken = await messagesAtProvider(workspace);
  assertEquals(
    taken.map(({ to, body }) => `${to} ${body}`).sort(),
    [
      `${others[0]} Hi N1`,
      `${others[1]} Hi N2`,
    ].sort(),
  );
  const { data: results } = await owner.client.from("campaign_results")
    .select("address, status, skip_reason, message_status").eq("campaign_id", campaign.id);
  assertEquals(
    results!.map((row) => Object.values(row).join(" ")).sort(),
    [
      `${gone} skipped recipient_opted_out `,
      `${others[0]} delivered  delivered`,
      `${others[1]} delivered  delivered`,
    ].sort(),
  );
  await sql.end();
});

Deno.test("a running campaign is paused, resumed and canceled over HTTP", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const { owner } = workspace;
  const { body: created } = await post(owner, "", {
    workspace_id: workspace.id,
    name: "Spring",
    body: "Hello",
  });
  const { id } = created.campaign;
  await upload({ owner, id }, `phone\n${freshNumber()}`);
  await post(owner, `/${id}/estimate`);
  await post(owner, `/${id}/start`);
  const statuses: string[] = [];

  for (const action of ["pause", "resume", "cancel"]) {
    const { body } = await post(owner, `/${id}/${action}`);
    statuses.push(body.campaign.status);
  }
  const again = await post(owner, `/${id}/cancel`);

  assertEquals(statuses, ["paused", "running", "canceled"]);
  assertEquals([again.status, again.body.error.code], [409, "conflict"]);
  await endCampaigns(sql, { workspaceId: workspace.id } as never);
  await sql.end();
});
