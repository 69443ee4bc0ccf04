/** What tests of routing and failover arrange and look at, directly in the database. */
import { enqueue, record, type Row } from "./engine.ts";
import { connectAccount, listedNumber } from "./tenancy.ts";
import { asService, asUser, freshNumber, liftPace, type World } from "./world.ts";
import type postgres from "postgres";

/** A number that messages may go from, and its connection. */
export interface Route {
  connectionId: string;
  phoneNumberId: string;
  phoneNumber: string;
}

async function routeOver(sql: postgres.Sql, connectionId: string): Promise<Route> {
  await liftPace(sql, connectionId);
  const [number] = await sql`
    select id, phone_number from public.phone_numbers where connection_id = ${connectionId}`;
  return { connectionId, phoneNumberId: number!.id, phoneNumber: number!.phone_number };
}

/** The number that a world begins with. */
export const firstRoute = ({ connectionId, phoneNumberId, phoneNumber }: World): Route => ({
  connectionId,
  phoneNumberId,
  phoneNumber,
});

/** Connects a further account of the world, or of its member's own, with one number. */
export async function addRoute(
  sql: postgres.Sql,
  world: World,
  { provider = "telnyx", capabilities, isPersonal = false }: {
    provider?: string;
    capabilities?: Row;
    isPersonal?: boolean;
  } = {},
): Promise<Route> {
  const connectionId = await connectAccount(
    sql,
    isPersonal ? world.memberId : world.ownerId,
    world.workspaceId,
    { provider, isPersonal, numbers: [listedNumber(capabilities)] },
  );
  return await routeOver(sql, connectionId);
}

/** Connects an account of the operator's with one number. */
export async function connectPlatform(sql: postgres.Sql): Promise<Route> {
  const number = listedNumber();
  const [row] = await asService(
    sql,
    (tx) =>
      tx`
        select id from public.store_platform_connection(
          'twilio', ${"AC" + crypto.randomUUID()}, 'Operator', ${tx.json({ key: "marker-secret" })},
          ${crypto.randomUUID() + crypto.randomUUID()}, 'marker-secret', ${
        tx.json([number] as never)
      }
        )`,
  );
  return await routeOver(sql, row!.id);
}

/** The operator's numbers serve every workspace that takes them: they go when the work is done. */
export async function withPlatform(
  sql: postgres.Sql,
  work: (platform: Route) => Promise<void>,
): Promise<void> {
  const platform = await connectPlatform(sql);
  // Before those that other tests may have left.
  await sql`update public.connections set priority = 1 where id = ${platform.connectionId}`;
  try {
    await work(platform);
  } finally {
    await asService(sql, (tx) => tx`select public.disconnect(null, ${platform.connectionId})`);
  }
}

export async function setMode(
  sql: postgres.Sql,
  { workspaceId }: World,
  mode: "platform" | "byoc" | "hybrid",
): Promise<void> {
  await sql`update public.workspaces set communication_mode = ${mode} where id = ${workspaceId}`;
}

export interface Step {
  connectionId: string;
  phoneNumberId?: string;
  weight?: number;
  countries?: string[];
}

/** Writes a routing policy down as an admin does it, in place of the one before. */
export async function setPolicy(
  sql: postgres.Sql,
  { workspaceId, adminId }: World,
  steps: Step[],
  { channel = "sms", strategy = "ordered", isSticky = true } = {},
): Promise<void> {
  await asUser(sql, adminId, async (tx) => {
    await tx`
      delete from public.routing_policies where workspace_id = ${workspaceId} and channel = ${channel}`;
    const [policy] = await tx`
      insert into public.routing_policies (workspace_id, channel, strategy, is_sticky)
      values (${workspaceId}, ${channel}, ${strategy}, ${isSticky}) returning id`;
    for (const [index, step] of steps.entries()) {
      await tx`
        insert into public.routing_policy_steps (
          workspace_id, routing_policy_id, position, connection_id, phone_number_id, weight, countries
        )
        values (
          ${workspaceId}, ${policy!.id}, ${index + 1}, ${step.connectionId},
          ${step.phoneNumberId ?? null}, ${step.weight ?? 1}, ${step.countries ?? null}
        )`;
    }
  });
}

/** Queues a message to somebody new; answers its id. */
export async function queueOne(sql: postgres.Sql, world: World, message: Row = {}) {
  const [row] = await enqueue(sql, world, [{
    to_address: freshNumber(),
    body: "Hello",
    ...message,
  }]);
  if (row!.error_code) throw new Error(`Cannot queue: ${row!.error_code}`);
  return row!.message_id as string;
}

/** Puts what of these messages may go before anything else. */
export async function putFirst(sql: postgres.Sql, ids: string[]): Promise<void> {
  await sql`
    update private.outbound_jobs set turn = ${-2 * Date.now()}
    where message_id = any (${ids}) and (turn is not null or due_at <= now())`;
}

/** One round of a dispatcher; answers what of these messages is in its hands. */
export async function claim(sql: postgres.Sql, ids: string[]) {
  await putFirst(sql, ids);
  const claimed = await asService(
    sql,
    (tx) => tx`select * from public.claim_outbound_jobs(${ids.length})`,
  );
  return claimed.filter((row) => ids.includes(row.message_id));
}

/** Queues a message to somebody new, which its provider then refuses; answers its id. */
export async function refuseOne(
  sql: postgres.Sql,
  world: World,
  message: Row = {},
  result: Row = { error_code: "account_suspended", owner: "account" },
) {
  const id = await queueOne(sql, world, message);
  const [job] = await claim(sql, [id]);
  await record(sql, job!.lease_token, [{ message_id: id, outcome: "rejected", ...result }]);
  return id;
}

/** What a message would go from now, and where it stands. */
export const standingOf = async (sql: postgres.Sql, id: string) =>
  (await sql`
    select from_address, phone_number_id, is_platform, status, error_code
    from public.conversation_messages where id = ${id}`)[0]!;
