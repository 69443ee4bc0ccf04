/** Random work on workspaces: whatever can happen to a message, in any order, from several sides at once. */
import { ingest, type Row } from "./engine.ts";
import { asService, asUser, freshNumber, type World } from "./world.ts";
import postgres from "postgres";

export type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;

export interface Workplace {
  sql: postgres.Sql;
  worlds: World[];
  random: Random;
  /** What is in somebody's hands. */
  leases: { token: string; ids: string[] }[];
  done: Record<string, number>;
}

const OUTCOMES: ((id: string) => Row)[] = [
  (id) => ({ outcome: "accepted", external_id: `SM${id}`, status: "sent" }),
  (id) => ({
    outcome: "accepted",
    external_id: `SM${id}`,
    status: "queued",
    price: 0.03,
    price_currency: "USD",
  }),
  (id) => ({
    outcome: "accepted",
    external_id: `SM${id}`,
    status: "failed",
    error_code: "carrier",
    price: 2,
    price_currency: "EUR",
  }),
  () => ({ outcome: "rejected", error_code: "refused", owner: "recipient" }),
  () => ({ outcome: "rejected", error_code: "refused", owner: "account" }),
  () => ({ outcome: "rejected", error_code: "down", owner: "provider", is_retryable: true }),
  () => ({
    outcome: "rejected",
    error_code: "rate_limited",
    owner: "provider",
    is_retryable: true,
  }),
  () => ({ outcome: "rejected", error_code: "unsupported", owner: "caller" }),
  () => ({ outcome: "unknown" }),
  (id) => ({ outcome: "unknown", external_id: `SM${id}`, price: 5, price_currency: "USD" }),
];

type Step = (place: Workplace, world: World) => Promise<unknown>;

const STEPS: Record<string, Step> = {
  enqueue: (place, world) => enqueue(place, world, {}),
  enqueueBatch: (place, world) => enqueue(place, world, {}, 4),
  enqueueKeyed: (place, world) =>
    enqueue(place, world, { idempotency_key: `key-${Math.floor(place.random() * 6)}` }, 2),
  schedule: (place, world) => enqueue(place, world, { scheduled_at: soon() }),
  series: (place, world) =>
    enqueue(place, world, {
      scheduled_at: soon().slice(0, 19),
      time_zone: "UTC",
      recurrence: { every: "day" },
      unless: ["replied"],
    }),
  claim: (place, world) => claim(place, world),
  claimAgain: (place, world) => claim(place, world),
  record: (place) => record(place),
  recordAgain: (place) => record(place),
  lookUp: (place, world) => lookUp(place, world),
  receive: (place, world) => receive(place, world),
  reply: (place, world) => reply(place, world),
  loseLease: (place, world) => loseLease(place, world),
  passTime: (place, world) => passTime(place, world),
  cancel: (place, world) =>
    onMessage(
      place,
      world,
      ["scheduled", "queued"],
      (tx, id) => tx`select public.cancel_message(${id})`,
    ),
  edit: (place, world) =>
    onMessage(
      place,
      world,
      ["scheduled", "queued"],
      (tx, id) =>
        tx`select public.edit_message(${id}, ${
          tx.json({ body: "x".repeat(10 + Math.floor(place.random() * 700)) })
        })`,
    ),
  retry: (place, world) =>
    onMessage(place, world, ["failed"], (tx, id) => tx`select public.retry_message(${id}, true)`),
  giveUp: (place, world) =>
    onMessage(place, world, ["failed"], (tx, id) => tx`select public.cancel_message(${id})`),
  optOut: (place, world) =>
    onMessage(
      place,
      world,
      ["queued"],
      (tx, id) =>
        tx`select public.opt_out(m.workspace_id, m.to_address) from public.conversation_messages as m where m.id = ${id}`,
    ),
};

const soon = () => new Date(Date.now() + 3_600_000).toISOString();

/** Does one random thing. A refusal that a person would be told is a thing done. */
export async function doSomething(place: Workplace): Promise<void> {
  const name = pick(place.random, Object.keys(STEPS));
  const world = pick(place.random, place.worlds);
  try {
    await STEPS[name]!(place, world);
    place.done[name] = (place.done[name] ?? 0) + 1;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    if (/^PT4/.test(error.code)) return;
    const { message, detail, where } = error;
    throw new Error(`Cannot ${name}: ${message}\n${detail}\n${where}`, { cause: error });
  }
}

function enqueue({ sql, random }: Workplace, world: World, changes: Row, count = 1) {
  const messages = Array.from({ length: count }, () => ({
    to_address: freshNumber(),
    body: "x".repeat(1 + Math.floor(random() * 400)),
    ...changes,
  }));
  return asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select * from public.enqueue_messages(${world.workspaceId}, ${
        tx.json(messages as never)
      })`,
  );
}

async function claim({ sql, random, leases }: Workplace, { workspaceId }: World) {
  const rows = await sql.begin(async (tx) => {
    await tx`
      update private.outbound_jobs set turn = ${-Date.now()} where message_id = any (array(
        select message_id from private.outbound_jobs
        where workspace_id = ${workspaceId} and turn is not null for update skip locked
      ))`;
    return await tx`select * from public.claim_outbound_jobs(${1 + Math.floor(random() * 6)})`;
  });
  if (rows.length > 0) {
    leases.push({ token: rows[0]!.lease_token, ids: rows.map((row) => row.message_id) });
  }
}

/** Records all or some of what somebody has in hand. */
async function record({ sql, random, leases }: Workplace) {
  if (leases.length === 0) return;
  const index = Math.floor(random() * leases.length);
  const lease = leases[index]!;
  const ids = lease.ids.splice(0, random() < 0.3 ? 1 : lease.ids.length);
  if (lease.ids.length === 0) leases.splice(index, 1);
  const results = ids.map((id) => ({ message_id: id, ...pick(random, OUTCOMES)(id) }));
  await asService(
    sql,
    (tx) => tx`select * from public.record_attempts(${lease.token}, ${tx.json(results as never)})`,
  );
}

async function lookUp({ sql, random, leases }: Workplace, { workspaceId }: World) {
  await sql`
    update private.look_ups set due_at = '2000-01-01' where message_id = any (array(
      select message_id from private.look_ups where workspace_id = ${workspaceId} for update skip locked
    ))`;
  const rows = await asService(
    sql,
    (tx) => tx`select * from public.claim_look_ups(${1 + Math.floor(random() * 3)})`,
  );
  if (rows.length > 0) {
    leases.push({ token: rows[0]!.lease_token, ids: rows.map((row) => row.message_id) });
  }
}

/** Receipts for random attempts, whatever became of them. */
async function receive({ sql, random }: Workplace, { workspaceId }: World) {
  const attempts = await sql`
    select message_id, attempt_number, external_id, connection_id from public.message_attempts
    where workspace_id = ${workspaceId} order by message_id, attempt_number`;
  if (attempts.length === 0) return;
  const chosen = Array.from({ length: 3 }, () => pick(random, attempts));
  const connectionId: string = chosen[0]!.connection_id;
  const events = chosen.filter((attempt) => attempt.connection_id === connectionId).map((
    attempt,
  ) => ({
    kind: "status",
    externalId: attempt.external_id ?? `SM${attempt.message_id}`,
    status: pick(random, ["sent", "delivered", "undelivered"]),
    messageId: attempt.message_id,
    attemptNumber: attempt.attempt_number,
    ...(random() < 0.5
      ? { price: pick(random, ["0.01", "0.07"]), priceCurrency: pick(random, ["USD", "EUR"]) }
      : {}),
  }));
  const outcomes = await ingest(sql, connectionId, events);
  const failed = outcomes.find((outcome) => outcome.state === "failed");
  if (failed) {
    const [event] =
      await sql`select reason from public.webhook_events where id = ${failed.event_id}`;
    throw new Error(`Cannot apply a receipt: ${event!.reason}`);
  }
}

/** Somebody who was written to writes back, so that what is scheduled for them may be off. */
async function reply({ sql, random }: Workplace, world: World) {
  const contacts = await sql`
    select distinct to_address from public.conversation_messages
    where workspace_id = ${world.workspaceId} and direction = 'outbound' order by to_address`;
  const from = pick(random, contacts)?.to_address;
  if (!from) return;
  await ingest(sql, world.connectionId, [{
    kind: "message",
    externalId: "SM" + crypto.randomUUID(),
    channel: "sms",
    from,
    to: world.phoneNumber,
    text: pick(random, ["Thanks", "stop", "start"]),
    media: [],
  }]);
}

const loseLease = ({ sql }: Workplace, { workspaceId }: World) =>
  sql`
    update private.outbound_leases as l set ends_at = now()
    where l.token = any (array(
      select k.token from private.outbound_leases as k
      where exists (select from unnest(k.jobs) as j where j.workspace_id = ${workspaceId})
      limit 1 for update skip locked
    ))`;

/** What waits is due, what nobody knew for long is old, and breakers are tried again. */
async function passTime({ sql, random }: Workplace, { workspaceId }: World) {
  await sql`
    update private.outbound_jobs set due_at = now() where message_id = any (array(
      select message_id from private.outbound_jobs
      where workspace_id = ${workspaceId} and turn is null for update skip locked
    ))`;
  await sql`select private.ready_jobs(1000)`;
  if (random() < 0.5) {
    await sql`
      update public.message_attempts set started_at = started_at - interval '16 minutes'
      where (message_id, attempt_number) in (
        select message_id, attempt_number from public.message_attempts
        where workspace_id = ${workspaceId} and outcome = 'unknown' order by message_id, attempt_number
        for update skip locked
      )`;
  }
  await sql`
    update public.connection_health set state = 'closed', opened_at = null, probe_at = null, paused_until = null,
      success_count = 0, failure_count = 0
    where connection_id in (
      select connection_id from public.connection_health
      where workspace_id = ${workspaceId} or workspace_id is null for update skip locked
    )`;
}

async function onMessage(
  { sql, random }: Workplace,
  world: World,
  statuses: string[],
  act: (tx: postgres.TransactionSql, id: string) => Promise<unknown>,
) {
  const messages = await sql`
    select id from public.conversation_messages
    where workspace_id = ${world.workspaceId} and direction = 'outbound' and status = any (${statuses})
    order by id`;
  if (messages.length === 0) return;
  await asUser(sql, world.adminId, (tx) => act(tx, pick(random, messages).id));
}
