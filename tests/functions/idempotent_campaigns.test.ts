import { assertEquals } from "@std/assert";
import { post, upload } from "../support/campaign_requests.ts";
import { type Answer, callFunction } from "../support/functions.ts";
import { isReplay } from "../support/idempotency.ts";
import type { Person } from "../support/people.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

interface Campaign {
  owner: Person;
  id: string;
}

/** A campaign with a list, of which no day lets more than one message go: it never ends by itself. */
async function draftCampaign(): Promise<Campaign> {
  const { id: workspaceId, owner } = await createConnectedWorkspace();
  const sql = connectToDatabase();
  await sql`update public.phone_numbers set daily_limit = 1 where workspace_id = ${workspaceId}`;
  await sql.end();
  const { body } = await post(owner, "", {
    workspace_id: workspaceId,
    name: "Spring",
    body: "We are open",
  });
  const campaign = { owner, id: body.campaign.id as string };
  const numbers = Array.from({ length: 5 }, () => freshNumber());
  await upload(campaign, ["address", ...numbers].join("\n"));
  return campaign;
}

/** One that only waits to be started. */
async function estimatedCampaign(): Promise<Campaign> {
  const campaign = await draftCampaign();
  await post(campaign.owner, `/${campaign.id}/estimate`);
  return campaign;
}

function move({ owner, id }: Campaign, name: string, key: string, json: unknown = {}) {
  return callFunction(`messages/campaigns/${id}/${name}`, {
    method: "POST",
    token: owner.token,
    headers: { "idempotency-key": key },
    json,
  });
}

async function statusOf({ owner, id }: Campaign): Promise<string> {
  const { body } = await callFunction(`messages/campaigns/${id}`, { token: owner.token });
  return body.campaign.status;
}

const told = (answer: Answer) => [
  answer.status,
  answer.body.campaign?.status ?? answer.body.error.code,
  isReplay(answer),
];

Deno.test("a campaign is moved once under each key, and a repetition is told what the first was", async () => {
  const campaign = await estimatedCampaign();

  const started = await move(campaign, "start", "s");
  const paused = await move(campaign, "pause", "p");
  const startedAgain = await move(campaign, "start", "s");
  const afterStart = await statusOf(campaign);
  const resumed = await move(campaign, "resume", "r");
  const pausedAgain = await move(campaign, "pause", "p");
  const afterPause = await statusOf(campaign);
  const canceled = await move(campaign, "cancel", "c");
  const resumedAgain = await move(campaign, "resume", "r");
  const canceledAgain = await move(campaign, "cancel", "c");
  const end = await statusOf(campaign);

  const first = (answer: Answer) => [answer.status, answer.body.campaign.status, true];
  assertEquals(told(startedAgain), first(started));
  assertEquals(told(pausedAgain), [200, "paused", true]);
  assertEquals(told(resumedAgain), first(resumed));
  assertEquals(told(canceledAgain), first(canceled));
  assertEquals([started, paused, resumed, canceled].map(isReplay), [false, false, false, false]);
  assertEquals(
    [afterStart, afterPause, end],
    ["paused", resumed.body.campaign.status, "canceled"],
    "what was repeated is not done again",
  );
});

Deno.test("a key of a campaign's is of one request, in the header or in the body", async () => {
  const campaign = await estimatedCampaign();

  const inBody = await post(campaign.owner, `/${campaign.id}/start`, { idempotency_key: "s" });
  const inHeader = await move(campaign, "start", "s");
  const other = await move(campaign, "start", "s", { max_cost: 5 });
  const withoutKey = await post(campaign.owner, `/${campaign.id}/start`, {});
  await move(campaign, "cancel", "end");

  assertEquals([inBody.status, isReplay(inBody), isReplay(inHeader)], [200, false, true]);
  assertEquals(told(other), [409, "idempotency_key_reused", false]);
  assertEquals(withoutKey.status, 409, "without a key it is asked again, and refused");
});

Deno.test("a campaign that was refused may be started under the same key", async () => {
  const campaign = await draftCampaign();

  const refused = await move(campaign, "start", "s");
  await post(campaign.owner, `/${campaign.id}/estimate`);
  const started = await move(campaign, "start", "s");
  await move(campaign, "cancel", "end");

  assertEquals([refused.status >= 400, isReplay(refused)], [true, false]);
  assertEquals([started.status, isReplay(started)], [200, false]);
});
