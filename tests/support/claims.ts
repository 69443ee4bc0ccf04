/** What tests of the queue's order and pace arrange: a queue of their own, crowds, and a clock that jumps. */
import { connectToDatabase } from "./stack.ts";
import { asService, createWorld, type World } from "./world.ts";
import type postgres from "postgres";

export interface Claimed {
  leaseToken: string;
  messageId: string;
  workspaceId: string;
  messageClass: string;
  fromAddress: string;
  segmentCount: number;
  /** Seconds since the epoch, on the database's clock. */
  claimedAt: number;
  /** Its place among the messages of its workspace and class, from 1. */
  position: number;
}

/** A test that has the queue to itself: what other tests left in it is out of the way until it ends. */
export function queueTest(
  name: string,
  work: (sql: postgres.Sql) => Promise<void>,
  connectionCount = 4,
): void {
  Deno.test(name, async () => {
    const sql = connectToDatabase(connectionCount);
    const others = await sql`delete from private.outbound_jobs where true returning *`;
    try {
      await work(sql);
    } finally {
      await sql`delete from private.outbound_jobs where true`;
      if (others.length > 0) await sql`insert into private.outbound_jobs ${sql(others)}`;
      await sql.end();
    }
  });
}

/** A workspace whose one number sends at a pace, or as much as a test wants. */
export async function createSender(
  sql: postgres.Sql,
  { pace, dailyLimit, maxConcurrent }: {
    pace?: number;
    dailyLimit?: number;
    maxConcurrent?: number;
  } = {},
): Promise<World> {
  const world = await createWorld(sql);
  if (pace !== undefined) await setPace(sql, world.phoneNumberId, pace);
  await sql`
    update public.phone_numbers set daily_limit = ${
    dailyLimit ?? null
  } where id = ${world.phoneNumberId}`;
  await sql`
    update public.connections set max_concurrent = ${
    maxConcurrent ?? null
  } where id = ${world.connectionId}`;
  // An hour that is quiet nowhere now: what campaigns wait for has tests of its own.
  await sql`
    insert into public.quiet_hours (workspace_id, starts_at, ends_at)
    select ${world.workspaceId}, t.quiet_at, t.quiet_at + interval '1 minute'
    from (select make_time(3, ((extract(minute from now()) + 30)::integer) % 59, 0)) as t (quiet_at)`;
  return world;
}

export const setPace = (sql: postgres.Sql, phoneNumberId: string, pace: number | string) =>
  sql`update public.phone_numbers set messages_per_second = ${pace} where id = ${phoneNumberId}`;

/** Another number of the same connection. */
export async function addSender(sql: postgres.Sql, world: World, pace: number) {
  const [row] = await sql`
    insert into public.phone_numbers (
      workspace_id, connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at,
      messages_per_second
    )
    select workspace_id, connection_id, provider, '+1919' || lpad((random() * 9999999)::integer::text, 7, '0'),
      gen_random_uuid()::text, capabilities, 'active', now(), ${pace}
    from public.phone_numbers where id = ${world.phoneNumberId}
    returning id, phone_number`;
  return { phoneNumberId: row!.id as string, phoneNumber: row!.phone_number as string };
}

export interface Crowd {
  messageClass?: string;
  from?: string;
  /** Of the n-th message, from 1; one each when not given. */
  segments?: (position: number) => number;
}

/** Queues so many messages, in few calls. */
export async function queueCrowd(
  sql: postgres.Sql,
  world: World,
  count: number,
  { messageClass = "conversation", from, segments }: Crowd = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let first = 1, last: number; first <= count; first = last + 1) {
    last = Math.min(count, first === 1 ? 1_000 : first + 9_999);
    // As a minute later by itself: else the rest is planned as if there were no such crowd.
    if (first > 1) {
      await sql`
        analyze public.contacts, public.contact_addresses, public.conversations, public.conversation_messages`;
    }
    const lengths = Array.from(
      { length: last - first + 1 },
      (_, index) => segments?.(first + index) ?? 1,
    );
    const rows = await asService(
      sql,
      (tx) =>
        tx`
          select e.message_id, e.error_code from public.enqueue_messages(${world.workspaceId}, (
            select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
              'to_address', '+1212' || (2000000 + ${first}::integer + u.position),
              'body', repeat('a', case u.segments when 1 then 10 else 153 * u.segments end),
              'message_class', ${messageClass}::text, 'from_address', ${from ?? null}::text,
              'campaign_id', case when ${messageClass}::text = 'campaign' then gen_random_uuid() end
            )) order by u.position)
            from unnest(${lengths}::integer[]) with ordinality as u (segments, position)
          )) as e
          order by e.index`,
    );
    const refused = rows.find((row) => row.error_code);
    if (refused) throw new Error(`Cannot queue a crowd: ${refused.error_code}`);
    ids.push(...rows.map((row) => row.message_id));
  }
  return ids;
}

/** Claims, with what tests of order and pace ask of each message. */
export async function claim(sql: postgres.Sql, limit = 50): Promise<Claimed[]> {
  const rows = await asService(
    sql,
    (tx) =>
      tx`
      select *, extract(epoch from now())::float8 as claimed_at from public.claim_outbound_jobs(${limit})`,
  );
  const details = await sql`
    select m.id, m.workspace_id, m.message_class, m.segment_count
    from public.conversation_messages as m where m.id = any (${rows.map((row) => row.message_id)})`;
  const detailOf = new Map(details.map((row) => [row.id, row]));
  return rows.map((row) => {
    const detail = detailOf.get(row.message_id)!;
    return {
      leaseToken: row.lease_token,
      messageId: row.message_id,
      workspaceId: detail.workspace_id,
      messageClass: detail.message_class,
      fromAddress: row.from_address,
      segmentCount: detail.segment_count,
      claimedAt: row.claimed_at,
      position: Number(row.to_address.slice(-7)) - 2_000_001,
    };
  });
}

/** Records what was claimed as taken by the provider. */
export async function accept(
  sql: postgres.Sql,
  claimed: Pick<Claimed, "leaseToken" | "messageId">[],
) {
  if (claimed.length === 0) return;
  const results = claimed.map(({ messageId }) => ({
    message_id: messageId,
    outcome: "accepted",
    external_id: `SM${messageId}`,
    status: "queued",
  }));
  await asService(
    sql,
    (tx) =>
      tx`select count(*) from public.record_attempts(${claimed[0]!.leaseToken}, ${
        tx.json(results)
      })`,
  );
}

/** Claims and records until nothing may go now. */
export async function drain(sql: postgres.Sql, limit = 50): Promise<Claimed[]> {
  const all: Claimed[] = [];
  for (;;) {
    const claimed = await claim(sql, limit);
    if (claimed.length === 0) return all;
    await accept(sql, claimed);
    all.push(...claimed);
  }
}

/** Lets so many seconds pass for the queue, the senders and the leases, by moving what is written down. */
export async function passTime(sql: postgres.Sql, seconds: number): Promise<void> {
  const time = `${seconds} seconds`;
  await sql`
    update private.outbound_jobs set due_at = due_at - ${time}::interval
    where turn is null and due_at < 'infinity'`;
  await sql`
    update private.sender_clocks
    set next_at = next_at - ${time}::interval, wakes_at = wakes_at - ${time}::interval where true`;
  await sql`update private.outbound_leases set ends_at = ends_at - ${time}::interval where true`;
}

export const countOf = <Item>(items: Item[], is: (item: Item) => boolean): number =>
  items.filter(is).length;

/** How far a sender runs ahead of its pace. */
export const BURST_S = 5;

export interface Left extends Claimed {
  /** The second, from 0, at which it left. */
  leftAt: number;
}

/** Lets time pass in steps and sends whatever may go; each with the second, from 0, at which it left. */
export async function run(
  sql: postgres.Sql,
  { steps, stepS, limit = 50 }: { steps: number; stepS: (step: number) => number; limit?: number },
): Promise<Left[]> {
  const left: Left[] = [];
  let passedS = 0;
  let startedAt: number | undefined;
  for (let step = 0; step < steps; step++) {
    for (const job of await drain(sql, limit)) {
      startedAt ??= job.claimedAt;
      left.push({ ...job, leftAt: job.claimedAt - startedAt + passedS });
    }
    const seconds = stepS(step);
    await passTime(sql, seconds);
    passedS += seconds;
  }
  return left;
}

/** What is written down of a sender, or a connection, and the line before it. */
export const lineOf = async (sql: postgres.Sql, id: string) =>
  (await sql`
    select extract(epoch from wakes_at - now())::float8 as wakes_in_s, day_count
    from private.sender_clocks where sender_id = ${id}`)[0];
