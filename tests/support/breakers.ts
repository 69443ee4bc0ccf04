/** What tests of circuit breakers arrange and look at, directly in the database. */
import { record, type Row, startAttempts } from "./engine.ts";
import type { World } from "./world.ts";
import type postgres from "postgres";

export const DOWN = { outcome: "unknown", error_code: "provider_unavailable", owner: "provider" };
export const REFUSED = { outcome: "rejected", error_code: "insufficient_funds", owner: "account" };
export const LIMITED = {
  outcome: "rejected",
  error_code: "rate_limited",
  owner: "provider",
  is_retryable: true,
};
export const TAKEN = { outcome: "accepted", status: "queued" };

/** Hands messages over in one batch, of which each ends as given. */
export async function handOver(sql: postgres.Sql, world: World, results: Row[]): Promise<string[]> {
  const { token, ids } = await startAttempts(sql, world, results.length);
  await record(
    sql,
    token,
    ids.map((id, index) => ({ message_id: id, external_id: `SM${id}`, ...results[index] })),
  );
  return ids;
}

export const times = (count: number, result: Row): Row[] =>
  Array.from({ length: count }, () => result);

export const stateOf = async (sql: postgres.Sql, { connectionId }: { connectionId: string }) =>
  (await healthOf(sql, connectionId))?.state ?? "closed";

export const open = (sql: postgres.Sql, world: World) => handOver(sql, world, times(5, DOWN));

/** Lets the time of the next probe come. */
export const letProbe = (sql: postgres.Sql, { connectionId }: { connectionId: string }) =>
  sql`update public.connection_health set probe_at = now() where connection_id = ${connectionId}`;

/** The breaker of a connection, opened or closed by hand. */
export async function setBreaker(
  sql: postgres.Sql,
  connectionId: string,
  state: "open" | "closed",
): Promise<void> {
  const since = state === "open" ? new Date() : null;
  const probe = since && new Date(since.getTime() + 30_000);
  await sql`
    insert into public.connection_health (connection_id, state, opened_at, probe_at)
    values (${connectionId}, ${state}, ${since}, ${probe})
    on conflict (connection_id) do update
    set state = excluded.state, opened_at = excluded.opened_at, probe_at = excluded.probe_at`;
}

export const healthOf = async (sql: postgres.Sql, connectionId: string) =>
  (await sql`
    select *, extract(epoch from probe_at - now())::float8 as probe_in_seconds,
      extract(epoch from paused_until - now())::float8 as paused_for_seconds
    from public.connection_health where connection_id = ${connectionId}`)[0];
