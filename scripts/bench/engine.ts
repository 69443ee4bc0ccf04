/** What the benchmarks of the sending engine do with it, directly in Postgres. */
import type postgres from "postgres";
import type { BenchWorkspace } from "./world.ts";

export interface ClaimedJob {
  message_id: string;
  lease_token: string;
  from_address: string;
}

/** Far below what one statement takes, and as large as the largest lists that are sent. */
const ENQUEUED_AT_ONCE = 20_000;

/** Queues texts to `count` recipients, of whom one that is asked for again is the same person. */
export async function enqueueTexts(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
  count: number,
  firstRecipient = 1,
): Promise<void> {
  for (let done = 0; done < count; done += ENQUEUED_AT_ONCE) {
    const first = firstRecipient + done;
    const last = firstRecipient + Math.min(done + ENQUEUED_AT_ONCE, count) - 1;
    await sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', '{"role":"service_role"}', true)`;
      await tx`
        select count(*) from public.enqueue_messages(${workspace.id}, (
          select jsonb_agg(jsonb_build_object(
            'to_address', '+1212' || (2000000 + g), 'body', 'Your appointment is tomorrow at 3 pm'
          ))
          from generate_series(${first}::integer, ${last}::integer) as g
        ))`;
    });
  }
}

/** What autovacuum does within a minute; plans made for empty tables read whole indexes. */
export async function analyzeQueue(sql: postgres.Sql): Promise<void> {
  await sql`analyze private.outbound_jobs, public.conversation_messages, public.message_attempts`;
}

export async function claim(sql: postgres.Sql, limit: number): Promise<ClaimedJob[]> {
  const [row] = await sql`
    select coalesce(json_agg(j), '[]') as jobs from public.claim_outbound_jobs(${limit}) as j`;
  return row!.jobs;
}

/** Reports a batch as its provider would take it: accepted, and queued there. */
export async function recordAccepted(sql: postgres.Sql, jobs: ClaimedJob[]): Promise<void> {
  const results = jobs.map(({ message_id }) => ({
    message_id,
    outcome: "accepted",
    external_id: `SM${message_id}`,
    status: "queued",
    segment_count: 1,
  }));
  await sql`
    select count(*) from public.record_attempts(${jobs[0]!.lease_token}, ${sql.json(results)})`;
}

/** Claims and records until nothing is ready. */
export async function drain(sql: postgres.Sql, batch: number): Promise<void> {
  for (;;) {
    const jobs = await claim(sql, batch);
    if (jobs.length === 0) return;
    await recordAccepted(sql, jobs);
  }
}

/**
 * Queues `count` more messages of a workspace, past enqueue: a message like those it has for each of
 * its conversations in turn, and a job in its place.
 */
export async function queueDirectly(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
  count: number,
): Promise<void> {
  await sql`
    with stored as (
      insert into public.conversation_messages (
        workspace_id, conversation_id, direction, status, body, from_address, to_address, phone_number_id,
        segment_count, estimated_cost
      )
      select t.workspace_id, t.id, 'outbound', 'queued', 'Your appointment is tomorrow at 3 pm',
        ${workspace.phoneNumber}, t.contact_address, t.phone_number_id, 1, 0.01
      from (
        select c.*, row_number() over () as place, count(*) over () as places
        from public.conversations as c where c.workspace_id = ${workspace.id}
      ) as t
      join generate_series(1, ${count}::integer) as g on g % t.places = t.place - 1
      returning id
    ),
    first_turn as materialized (
      select private.take_turns(${workspace.id}, 'conversation', ${count}) as turn
    )
    insert into private.outbound_jobs (message_id, workspace_id, channel, turn)
    select s.id, ${workspace.id}, 'sms',
      f.turn + private.turn_length('conversation') * (row_number() over () - 1)
    from stored as s cross join first_turn as f`;
}
