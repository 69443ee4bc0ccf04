/** What tests of limits and of what is counted arrange and look at, directly in the database. */
import { enqueue, type Row } from "./engine.ts";
import { connectToDatabase } from "./stack.ts";
import { asService, createWorld, freshNumber, liftPace, type World } from "./world.ts";
import type postgres from "postgres";

const made: { workspaceIds: string[]; platformIds: string[] } = {
  workspaceIds: [],
  platformIds: [],
};

/** A test with a connection to the database that leaves nothing in the queue, and no sender for others. */
export function limitTest(
  name: string,
  work: (sql: postgres.Sql) => Promise<void>,
  connections = 4,
): void {
  Deno.test(name, async () => {
    const sql = connectToDatabase(connections);
    try {
      await work(sql);
    } finally {
      await leaveNothing(sql);
      await sql.end();
    }
  });
}

async function leaveNothing(sql: postgres.Sql) {
  const { workspaceIds, platformIds } = made;
  await sql`delete from private.outbound_jobs where workspace_id = any (${workspaceIds})`;
  await sql`delete from private.look_ups where workspace_id = any (${workspaceIds})`;
  await sql`
    delete from private.outbound_leases as l
    where exists (select from unnest(l.jobs) as j where j.workspace_id = any (${workspaceIds}))`;
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where connection_id = any (${platformIds})`;
}

export interface PlatformWorld extends World {
  platformConnectionId: string;
  /** The operator's. */
  platformNumber: string;
}

/** A workspace that sends through a number of the operator's, on a plan of its own. */
export async function createPlatformWorld(
  sql: postgres.Sql,
  monthlyLimits: Record<string, number | null>,
): Promise<PlatformWorld> {
  const world = await createQuietWorld(sql);
  const platform = await connectPlatform(sql);
  await sql`
    update public.workspaces set communication_mode = 'hybrid', plan_id = ${await createPlan(
    sql,
    monthlyLimits,
  )}
    where id = ${world.workspaceId}`;
  return { ...world, ...platform };
}

/** A workspace that has used nothing. */
export async function createQuietWorld(sql: postgres.Sql): Promise<World> {
  const world = await createWorld(sql);
  const { workspaceId } = world;
  made.workspaceIds.push(workspaceId);
  await sql`delete from public.message_attempts where workspace_id = ${workspaceId}`;
  await sql`
    update public.conversation_messages set status = 'canceled'
    where workspace_id = ${workspaceId} and direction = 'outbound'`;
  await sql`delete from public.usage_counters where workspace_id = ${workspaceId}`;
  return world;
}

/** Lets the connection of a workspace charge so much for a segment, and the workspace spend so much. */
export async function setSpend(
  sql: postgres.Sql,
  world: World,
  { price = 1, cap }: { price?: number; cap: number | null },
) {
  await sql`
    insert into public.connection_rates (connection_id, channel, price) values (${world.connectionId}, 'sms', ${price})
    on conflict (connection_id, channel) do update set price = excluded.price`;
  await sql`update public.workspaces set monthly_spend_cap = ${cap} where id = ${world.workspaceId}`;
}

export async function createPlan(
  sql: postgres.Sql,
  monthlyLimits: Record<string, number | null>,
): Promise<string> {
  const letters = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) =>
    String.fromCharCode(97 + byte % 26)
  );
  const planId = `test_${letters.join("")}`;
  await sql`insert into public.plans (id, display_name, monthly_price) values (${planId}, 'Test', 0)`;
  for (const [channel, limit] of Object.entries(monthlyLimits)) {
    await sql`
      insert into public.plan_limits (plan_id, channel, monthly_limit) values (${planId}, ${channel}, ${limit})`;
  }
  return planId;
}

/** A number of the operator's for texts, which no other test is to send from. */
export async function connectPlatform(sql: postgres.Sql) {
  const platformNumber = freshNumber();
  const number = {
    phone_number: platformNumber,
    friendly_name: "Shared",
    external_id: "PN" + crypto.randomUUID(),
    capabilities: { sms: true },
    status: "active",
  };
  const [connection] = await asService(
    sql,
    (tx) =>
      tx`select id from public.store_platform_connection(
        'twilio', ${"AC" + crypto.randomUUID()}, 'Operator', ${tx.json({ key: "marker-secret" })},
        ${crypto.randomUUID() + crypto.randomUUID()}, 'marker-secret', ${tx.json([number])}
      )`,
  );
  const platformConnectionId: string = connection!.id;
  made.platformIds.push(platformConnectionId);
  await liftPace(sql, platformConnectionId);
  return { platformConnectionId, platformNumber };
}

/** Texts from the operator's number, each to somebody new. */
export const platformTexts = (world: PlatformWorld, count: number, changes: Row = {}): Row[] =>
  texts(count, { from_address: world.platformNumber, ...changes });

export const texts = (count: number, changes: Row = {}): Row[] =>
  Array.from({ length: count }, () => ({ to_address: freshNumber(), body: "Hello", ...changes }));

/** What each message of a batch was refused with; null where it was taken. */
export const refusalsOf = async (sql: postgres.Sql, world: World, messages: Row[]) =>
  (await enqueue(sql, world, messages)).map((row) => row.error_code as string | null);

/** Puts messages of a workspace in the hands of a dispatcher, before all others. */
export async function claim(sql: postgres.Sql, { workspaceId }: World, count = 1) {
  await sql`
    update private.outbound_jobs set turn = ${-Date.now()}
    where workspace_id = ${workspaceId} and (turn is not null or due_at <= now())`;
  await sql`
    update public.conversation_messages as m set status = 'queued'
    from private.outbound_jobs as j
    where j.workspace_id = ${workspaceId} and j.turn is not null and m.id = j.message_id and m.status = 'scheduled'`;
  const rows = await asService(
    sql,
    (tx) => tx`select lease_token, message_id from public.claim_outbound_jobs(${count})`,
  );
  // Where none of these may go, it goes on to what other tests have left.
  const own = await sql`
    select id from public.conversation_messages
    where workspace_id = ${workspaceId} and id = any (${
    rows.map((row) => row.message_id)
  }) order by id`;
  return { token: rows[0]?.lease_token as string, ids: own.map((row) => row.id as string) };
}

export const accepted = (id: string, changes: Row = {}): Row => ({
  message_id: id,
  outcome: "accepted",
  external_id: `SM${id}`,
  status: "sent",
  ...changes,
});

export const rejected = (id: string, owner: string, changes: Row = {}): Row => ({
  message_id: id,
  outcome: "rejected",
  error_code: "refused",
  owner,
  ...changes,
});

/** What is counted for a workspace, where it is not nothing: reserved and settled, and what they cost. */
export async function countersOf(sql: postgres.Sql, { workspaceId }: World): Promise<string[]> {
  const rows = await sql`
    select * from public.usage_counters
    where workspace_id = ${workspaceId}
      and (reserved_count, settled_count, reserved_cost, settled_cost) <> (0, 0, 0, 0)
    order by month, channel, is_platform`;
  return rows.map((row) => describe(row));
}

/** What the messages and calls of a workspace say should be counted. */
export async function measuredOf(sql: postgres.Sql, { workspaceId }: World): Promise<string[]> {
  const rows = await sql`
    select * from private.measure_usage(${workspaceId})
    where (reserved_count, settled_count, reserved_cost, settled_cost) <> (0, 0, 0, 0)
    order by month, channel, is_platform`;
  return rows.map((row) => describe(row));
}

function describe(row: postgres.Row): string {
  const owner = row.is_platform ? "operator's" : "own";
  const month = row.month.toISOString().slice(0, 7);
  return `${month} ${row.channel} ${owner}: reserved ${row.reserved_count} ($${+row
    .reserved_cost}), settled ${row.settled_count} ($${+row.settled_cost})`;
}

/** The reserved and settled messages of a month, whatever the channel and the connection. */
export async function countOf(sql: postgres.Sql, { workspaceId }: World) {
  const [row] = await sql`
    select coalesce(sum(reserved_count), 0)::integer as reserved, coalesce(sum(settled_count), 0)::integer as settled,
      coalesce(sum(reserved_cost), 0)::float8 as reserved_cost, coalesce(sum(settled_cost), 0)::float8 as settled_cost
    from public.usage_counters where workspace_id = ${workspaceId}`;
  return { ...row } as {
    reserved: number;
    settled: number;
    reserved_cost: number;
    settled_cost: number;
  };
}
