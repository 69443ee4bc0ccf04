import { assert, assertEquals } from "@std/assert";
import {
  addSender,
  BURST_S,
  claim,
  type Claimed,
  countOf,
  createSender,
  drain,
  lineOf,
  passTime,
  queueCrowd,
  queueTest,
  run,
} from "../support/claims.ts";
import { createRandom } from "../support/random.ts";
import { asUser, type World } from "../support/world.ts";

queueTest(
  "newcomers stand behind those that wait, however they come, and the pace is used",
  async (sql) => {
    const random = createRandom(2);
    const world = await createSender(sql, { pace: 4 });
    const queued: string[] = [];
    const left: string[] = [];
    let second = 0;
    for (; second < 20 || left.length < queued.length; second++) {
      if (second < 20) queued.push(...await queueCrowd(sql, world, random.integer(0, 15)));
      left.push(...(await drain(sql, random.pick([1, 3, 50]))).map((job) => job.messageId));
      await passTime(sql, 1);
    }

    assertEquals(left, queued);
    // The last one left when the pace allowed, not a minute later.
    assert(second <= Math.max(20, queued.length / 4) + 2, `${queued.length} took ${second} s`);
  },
);

queueTest(
  "who is in more of a hurry does not wait behind the bulk of its own sender",
  async (sql) => {
    const world = await createSender(sql, { pace: 1 });
    await queueCrowd(sql, world, 300, { messageClass: "campaign" });
    await drain(sql);
    await passTime(sql, 20);
    await drain(sql);

    const [reply] = await queueCrowd(sql, world, 1);
    const [code] = await queueCrowd(sql, world, 1, { messageClass: "one_time_code" });
    const left = await run(sql, { steps: 4, stepS: () => 1 });

    const order = left.map((job) => job.messageId);
    const places = [order.indexOf(code!), order.indexOf(reply!)];
    assert(places.every((place) => place >= 0 && place <= 2), `of ${order.length} at ${places}`);
  },
);

queueTest("bulk goes on while others keep coming that are in more of a hurry", async (sql) => {
  const world = await createSender(sql, { pace: 10 });
  await queueCrowd(sql, world, 60, { messageClass: "campaign" });
  await queueCrowd(sql, world, 600);

  const left = await run(sql, { steps: 30, stepS: () => 1 });

  const bulk = countOf(left, (job) => job.messageClass === "campaign");
  const replies = left.length - bulk;
  // One to sixteen, as their turns in the queue.
  assert(bulk >= 10 && bulk <= replies / 10, `${bulk} of bulk among ${left.length}`);
});

queueTest(
  "who comes to a line late shares from then on, and has not saved up the time before",
  async (sql) => {
    const [crowded, other] = [await createSender(sql, { pace: 10 }), await createSender(sql)];
    await queueCrowd(sql, crowded, 400);
    for (let second = 0; second < 15; second++) {
      await drain(sql);
      await passTime(sql, 1);
    }
    const late = await queueCrowd(sql, other, 100);
    // As if both were at one number of the operator's.
    await sql`
    update public.conversation_messages set phone_number_id = ${crowded.phoneNumberId} where id = any (${late})`;
    // They come while nobody may go.
    await passTime(sql, -10);
    await drain(sql);

    await passTime(sql, 14);
    const next = await drain(sql);

    const share = countOf(next, (job) => late.includes(job.messageId));
    assert(next.length >= 35, `${next.length} left`);
    assert(Math.abs(share - next.length / 2) <= 3, `${share} of ${next.length}`);
  },
);

queueTest("those that a line let go, and that nobody took yet, count as let go", async (sql) => {
  const [slow, other] = [await createSender(sql, { pace: 2 }), await createSender(sql)];
  await queueCrowd(sql, slow, 100);
  await drain(sql);
  await queueCrowd(sql, other, 20, { messageClass: "one_time_code" });
  await passTime(sql, 3);

  for (let round = 0; round < 10; round++) await claim(sql, 1);

  const [row] = await sql`
    select count(*)::integer as count from private.outbound_jobs
    where workspace_id = ${slow.workspaceId} and turn is not null`;
  assert(row!.count >= 1 && row!.count <= 2 * BURST_S + 1, `${row!.count} were let go`);
});

queueTest(
  "those that wait for a number that went away fail at once, not at its pace",
  async (sql) => {
    const world = await createSender(sql, { pace: 0.01 });
    const ids = await queueCrowd(sql, world, 40);
    await drain(sql);

    await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where id = ${world.phoneNumberId}`;
    await drain(sql);

    const rows = await sql`
    select count(*)::integer as count from public.conversation_messages
    where id = any (${ids}) and error_code = 'sender_inactive'`;
    assertEquals(rows[0]!.count, 39);
  },
);

queueTest("a line whose last one was canceled is forgotten", async (sql) => {
  const world = await createSender(sql, { pace: 0.01 });
  const ids = await queueCrowd(sql, world, 2);
  await drain(sql);
  const before = await lineOf(sql, world.phoneNumberId);
  await asUser(sql, world.memberId, (tx) => tx`select public.cancel_message(${ids[1]!})`);

  await passTime(sql, 200);
  await drain(sql);

  assert(before!.wakes_in_s > 90, `wakes in ${before!.wakes_in_s} s`);
  assertEquals((await lineOf(sql, world.phoneNumberId))!.wakes_in_s, null);
});

queueTest("the dispatcher is woken for a line when it is its time, and not before", async (sql) => {
  const world = await createSender(sql, { pace: 0.01 });
  await queueCrowd(sql, world, 2);
  await drain(sql);
  class Undo extends Error {}
  const calls = async () => {
    let count = 0;
    await sql.begin(async (tx) => {
      await tx`delete from private.outbound_leases where true`;
      await tx`delete from private.look_ups where true`;
      await tx.unsafe(`
        create table private.called (name text);
        create or replace function private.call_function(name text) returns void language sql set search_path = ''
          as 'insert into private.called values ($1)';`);
      await tx`select private.call_dispatch_when_due()`;
      count = (await tx`select from private.called`).length;
      throw new Undo();
    }).catch((error) => assert(error instanceof Undo, String(error)));
    return count;
  };

  const before = await calls();
  await passTime(sql, 101);

  assertEquals([before, await calls()], [0, 1]);
});

queueTest("eight claims at once over many slow senders never wait in a circle", async (sql) => {
  const random = createRandom(3);
  const worlds: World[] = [];
  for (let index = 0; index < 4; index++) {
    worlds.push(await createSender(sql, { pace: 1, maxConcurrent: 500 }));
  }
  const numbers: { world: World; phoneNumber: string }[] = worlds.map((world) => ({
    world,
    phoneNumber: world.phoneNumber,
  }));
  for (const world of worlds) {
    for (let index = 0; index < 3; index++) {
      numbers.push({ world, phoneNumber: (await addSender(sql, world, 1)).phoneNumber });
    }
  }
  const batches = random.shuffle([...numbers, ...numbers, ...numbers]);
  for (const { world, phoneNumber } of batches) {
    await queueCrowd(sql, world, 12, { from: phoneNumber });
  }

  const claimed: Claimed[] = [];
  for (let round = 0; round < 12; round++) {
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claim(sql, random.pick([3, 7, 20]))),
    );
    claimed.push(...claims.flat());
    await passTime(sql, 2);
  }

  assertEquals(new Set(claimed.map((job) => job.messageId)).size, claimed.length);
  for (const { phoneNumber } of numbers) {
    const own = claimed.filter((job) => job.fromAddress === phoneNumber);
    const seconds = 22 + own.at(-1)!.claimedAt - own[0]!.claimedAt;
    assert(
      own.length >= 20 && own.length <= seconds + BURST_S + 1,
      `${own.length} in ${seconds} s`,
    );
  }
}, 8);
