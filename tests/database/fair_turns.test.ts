import { assert, assertEquals } from "@std/assert";
import {
  addSender,
  claim,
  type Claimed,
  countOf,
  createSender,
  drain,
  passTime,
  queueCrowd,
  queueTest,
} from "../support/claims.ts";
import { createRandom } from "../support/random.ts";
import type postgres from "postgres";

const CROWD = 20_000;

const servedTurn = async (sql: postgres.Sql) =>
  Number((await sql`select last_value from private.turn_being_served`)[0]!.last_value);

const turnsOf = async (sql: postgres.Sql, ids: string[]) =>
  (await sql`select turn from private.outbound_jobs where message_id = any (${ids}) order by turn`)
    .map((row) => Number(row.turn));

/** As if these had waited, without a turn, for a time that came `secondsAgo`. */
async function fallDue(sql: postgres.Sql, ids: string[], secondsAgo: number): Promise<void> {
  await sql`
    update private.outbound_jobs set turn = null, due_at = now() - ${`${secondsAgo} seconds`}::interval
    where message_id = any (${ids})`;
  await sql`
    delete from private.workspace_turns as t
    where exists (
      select from private.outbound_jobs as j
      where j.message_id = any (${ids}) and j.workspace_id = t.workspace_id and j.message_class = t.message_class
    )`;
}

queueTest(
  "a workspace with 20,000 messages delays nobody's single one: it goes at once",
  async (sql) => {
    const [crowded, single] = [await createSender(sql), await createSender(sql)];
    await queueCrowd(sql, crowded, CROWD);

    const before = await queueCrowd(sql, single, 1);
    const first = await claim(sql);
    for (let round = 0; round < 5; round++) await claim(sql);
    const after = await queueCrowd(sql, single, 1);
    const next = await claim(sql);

    assertEquals(countOf(first, (job) => job.messageId === before[0]), 1);
    assertEquals(countOf(next, (job) => job.messageId === after[0]), 1);
    assertEquals(first.length, 50);
  },
);

queueTest("two workspaces with backlogs share evenly, whoever came first", async (sql) => {
  const [first, second] = [await createSender(sql), await createSender(sql)];
  await queueCrowd(sql, first, 1_500);
  await claim(sql, 100);
  await queueCrowd(sql, second, 500);

  const shares = [];
  for (let round = 0; round < 10; round++) {
    const claimed = await claim(sql);
    shares.push(countOf(claimed, (job) => job.workspaceId === second.workspaceId));
  }

  assert(shares.every((share) => share >= 24 && share <= 26), `shares of 50: ${shares}`);
});

queueTest("a class has its share by the length of its turn", async (sql) => {
  const world = await createSender(sql);
  for (const messageClass of ["campaign", "conversation", "one_time_code"]) {
    await queueCrowd(sql, world, 700, { messageClass });
  }

  const claimed: Claimed[] = [];
  for (let round = 0; round < 8; round++) claimed.push(...await claim(sql, 81));

  const shareOf = (messageClass: string) =>
    countOf(claimed, (job) => job.messageClass === messageClass);
  const [row] = await sql`
    select private.turn_length('campaign')::integer as campaign, private.turn_length('conversation')::integer as conversation,
      private.turn_length('one_time_code')::integer as one_time_code`;
  assertEquals({ ...row }, { campaign: 64, conversation: 4, one_time_code: 1 });
  // 8 × 81 turns of 64: each class once at their start, and then by 1/64, 1/4 and 1.
  assert(Math.abs(shareOf("one_time_code") - 512) <= 2, `codes: ${shareOf("one_time_code")}`);
  assert(Math.abs(shareOf("conversation") - 128) <= 2, `conversation: ${shareOf("conversation")}`);
  assert(Math.abs(shareOf("campaign") - 8) <= 2, `campaign: ${shareOf("campaign")}`);
});

queueTest(
  "a one-time code passes its own workspace's backlog of every other class",
  async (sql) => {
    const world = await createSender(sql);
    await queueCrowd(sql, world, 1_000, { messageClass: "campaign" });
    await queueCrowd(sql, world, 1_000);
    await claim(sql);

    const [code] = await queueCrowd(sql, world, 1, { messageClass: "one_time_code" });
    const claimed = await claim(sql, 10);

    assertEquals(countOf(claimed, (job) => job.messageId === code), 1);
  },
);

queueTest(
  "a crowd that falls due at once holds up nobody who is due, or comes, after it",
  async (sql) => {
    const [crowded, due, fresh] = [
      await createSender(sql),
      await createSender(sql),
      await createSender(sql),
    ];
    const crowd = await queueCrowd(sql, crowded, 3_000, { messageClass: "campaign" });
    const codes = await queueCrowd(sql, crowded, 1, { messageClass: "one_time_code" });
    const scheduled = await queueCrowd(sql, due, 1);
    await fallDue(sql, crowd, 10);
    await fallDue(sql, [...scheduled, ...codes], 1);

    const [single] = await queueCrowd(sql, fresh, 1);
    const claimed = await claim(sql);

    for (const id of [single, scheduled[0], codes[0]]) {
      assertEquals(countOf(claimed, (job) => job.messageId === id), 1, `of ${claimed.length}`);
    }
    assertEquals(claimed.length, 50);
  },
);

queueTest(
  "every one of many is found beside a crowd that is due, and the crowd goes on",
  async (sql) => {
    const crowded = await createSender(sql);
    const crowd = await queueCrowd(sql, crowded, 2_500);
    const others: string[] = [];
    for (let index = 0; index < 8; index++) {
      others.push(...await queueCrowd(sql, await createSender(sql), 3));
    }
    await fallDue(sql, crowd, 10);
    await fallDue(sql, others, 1);

    const claimed = await claim(sql, 200);
    const rest = await drain(sql, 1_000);

    assertEquals(countOf(claimed, (job) => others.includes(job.messageId)), others.length);
    assertEquals(claimed.length + rest.length, crowd.length + others.length);
  },
);

queueTest(
  "what is tried again after an outage stands in the queue like everything else",
  async (sql) => {
    const [broken, healthy] = [await createSender(sql), await createSender(sql)];
    const retries = await queueCrowd(sql, broken, 3_000);
    await sql`
    update private.outbound_jobs set attempt_count = 3, failure_count = 3 where workspace_id = ${broken.workspaceId}`;
    await fallDue(sql, retries, 60);
    await queueCrowd(sql, healthy, 300);

    const shares = [];
    for (let round = 0; round < 5; round++) {
      const claimed = await claim(sql);
      shares.push(countOf(claimed, (job) => job.workspaceId === healthy.workspaceId));
    }

    assert(shares.every((share) => share >= 24 && share <= 26), `shares of 50: ${shares}`);
  },
);

queueTest("paced messages that come back hold nobody up", async (sql) => {
  const [paced, other] = [await createSender(sql, { pace: 10 }), await createSender(sql)];
  const senders = [];
  for (let index = 0; index < 9; index++) senders.push(await addSender(sql, paced, 10));
  for (const { phoneNumber } of senders) {
    await queueCrowd(sql, paced, 300, { from: phoneNumber });
  }
  for (let round = 0; round < 4; round++) await claim(sql, 1_000);
  await passTime(sql, 5);

  // 450 may go now, by their senders' paces.
  const [single] = await queueCrowd(sql, other, 1);
  const claimed = await claim(sql);

  assertEquals(claimed.length, 50);
  assertEquals(countOf(claimed, (job) => job.messageId === single), 1);
});

queueTest(
  "no turn is ever given behind the one being served, or out of its workspace's order",
  async (sql) => {
    const random = createRandom(20261120);
    const worlds = [await createSender(sql), await createSender(sql), await createSender(sql)];
    const lastOf = new Map<string, number>();

    for (let step = 0; step < 60; step++) {
      if (random.next() < 0.5) {
        await claim(sql, random.integer(1, 20));
        continue;
      }
      const world = random.pick(worlds);
      const messageClass = random.pick(["campaign", "conversation", "one_time_code"]);
      const served = await servedTurn(sql);
      const turns = await turnsOf(
        sql,
        await queueCrowd(sql, world, random.integer(1, 15), { messageClass }),
      );
      const flow = `${world.workspaceId} ${messageClass}`;
      const last = lastOf.get(flow) ?? -1;

      assert(turns[0]! >= served, `step ${step}: turn ${turns[0]} while ${served} is served`);
      assert(turns[0]! > last, `step ${step}: turn ${turns[0]} after ${last}`);
      assertEquals(new Set(turns).size, turns.length);
      lastOf.set(flow, turns.at(-1)!);
    }
  },
);

queueTest(
  "who was idle has gained nothing: its crowd shares as if it had just come",
  async (sql) => {
    const [busy, idle] = [await createSender(sql), await createSender(sql)];
    await queueCrowd(sql, idle, 1);
    await queueCrowd(sql, busy, 1_000);
    for (let round = 0; round < 6; round++) await claim(sql, 100);

    await queueCrowd(sql, idle, 200);
    const claimed = await claim(sql, 100);

    const share = countOf(claimed, (job) => job.workspaceId === idle.workspaceId);
    assert(share >= 49 && share <= 51, `${share} of 100`);
  },
);

queueTest(
  "a claim that is rolled back loses nothing: the queue and its order are as before",
  async (sql) => {
    class Undo extends Error {}
    const [world, other] = [await createSender(sql), await createSender(sql)];
    const ids = await queueCrowd(sql, world, 30);
    await claim(sql, 10);
    const before = [await turnsOf(sql, ids), await servedTurn(sql)] as const;

    await sql.begin(async (tx) => {
      await tx`select count(*) from public.claim_outbound_jobs(15)`;
      throw new Undo();
    }).catch((error) => assert(error instanceof Undo));
    const after = [await turnsOf(sql, ids), await servedTurn(sql)] as const;
    const [single] = await queueCrowd(sql, other, 1);
    const claimed = await claim(sql, 50);

    assertEquals(after[0], before[0]);
    assert(after[1] >= before[1], `served ${before[1]}, then ${after[1]}`);
    assertEquals(claimed.length, 21);
    assertEquals(countOf(claimed, (job) => job.messageId === single), 1);
    const own = claimed.filter((job) => job.workspaceId === world.workspaceId);
    assertEquals(own.map((job) => job.position), own.map((_, index) => index + 11));
  },
);
