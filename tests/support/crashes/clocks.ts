import type { CrashWorld } from "./world.ts";

/**
 * Moves the clocks to where leases have ended and everything is due. Of the attempts nobody knows
 * the outcome of, this share becomes so old that no more is asked about it. No worker may be alive.
 */
export async function moveClocks(
  { sql, workspaceIds, random }: CrashWorld,
  oldShare: number,
): Promise<void> {
  await sql`
    update private.outbound_leases as l set ends_at = now()
    where exists (select from unnest(l.jobs) as j where j.workspace_id = any (${workspaceIds}))`;
  await sql`
    update private.outbound_jobs set due_at = now()
    where workspace_id = any (${workspaceIds}) and turn is null`;
  await sql`update private.look_ups set due_at = now() where workspace_id = any (${workspaceIds})`;
  // Each round is a time of its own to the breakers: what opens them has tests of its own.
  await sql`
    update public.connection_health
    set window_started_at = window_started_at - interval '2 minutes', paused_until = null,
      probe_at = case when state <> 'closed' then now() end
    where workspace_id = any (${workspaceIds})`;
  const open = await sql`
    select message_id, attempt_number from public.message_attempts
    where workspace_id = any (${workspaceIds}) and outcome is distinct from 'accepted'
      and outcome is distinct from 'rejected'
    order by message_id, attempt_number`;
  const old = open.filter(() => random() < oldShare).map((attempt) => attempt.message_id);
  await sql`
    update public.message_attempts as a
    set started_at = started_at
      - case when a.message_id = any (${old}) then interval '16 minutes' else interval '16 seconds' end
    from (
      select message_id, attempt_number from public.message_attempts
      where message_id = any (${
    open.map((attempt) => attempt.message_id)
  }) and outcome is distinct from 'accepted'
      order by message_id, attempt_number
      for update
    ) as k
    where a.message_id = k.message_id and a.attempt_number = k.attempt_number`;
}

/** What still waits for a worker, and the leases of those that are dead. */
export async function countWaiting({ sql, workspaceIds }: CrashWorld): Promise<number> {
  const [row] = await sql`
    select count(*)::int as count from (
      select from private.outbound_jobs where workspace_id = any (${workspaceIds})
      union all
      select from private.look_ups where workspace_id = any (${workspaceIds})
      union all
      select from private.outbound_leases as l cross join lateral unnest(l.jobs) as j
      where j.workspace_id = any (${workspaceIds})
    ) as w`;
  return row!.count;
}

/** Attempts that their dead workers did not record, and that are known as accepted all the same. */
export async function countAccepted({ sql, workspaceIds }: CrashWorld): Promise<number> {
  const [row] = await sql`
    select count(*)::int as count
    from private.outbound_leases as l
    cross join lateral unnest(l.jobs) as j
    join public.message_attempts as a
      on a.message_id = j.message_id and a.attempt_number = j.attempt_number and a.outcome = 'accepted'
    where j.workspace_id = any (${workspaceIds})`;
  return row!.count;
}

/** Dead letters of which nobody knows whether they were sent. */
export async function countHeld({ sql, workspaceIds }: CrashWorld): Promise<number> {
  const [row] = await sql`
    select count(*)::int as count from public.dead_letters
    where workspace_id = any (${workspaceIds}) and error_code = 'outcome_unknown'`;
  return row!.count;
}
