import type postgres from "postgres";
import { readAttemptReference } from "../../../supabase/functions/_shared/webhooks/urls.ts";
import { control } from "../simulator.ts";
import type { Workspace } from "../workspace.ts";

/** What the tables and the provider's own log say of messages, once nothing is under way. */
export interface Evidence {
  /** When the tables were read, in milliseconds since 1970; so are all times. */
  read_at_ms: number;
  messages: {
    id: string;
    on_unknown: "hold" | "resend";
    status: string;
    error_code: string | null;
    to_address: string;
    body: string;
  }[];
  attempts: {
    message_id: string;
    attempt_number: number;
    outcome: "accepted" | "rejected" | "unknown" | null;
    external_id: string | null;
  }[];
  /** Jobs and look-ups with the time at which they are due, leases with that of their end. */
  waiting: { message_id: string; kind: "job" | "look_up" | "lease"; until_ms: number }[];
  dead_letters: { message_id: string; error_code: string }[];
  opt_outs: { address: string; opted_out_at_ms: number }[];
  /** Usage as it was counted, and as it is counted anew; equal rows are left out. */
  usage_differences: string[];
  /** What the provider was asked to send; a status of null: it did not answer. */
  requests: {
    message_id: string | null;
    attempt_number: number | null;
    to: string;
    at_ms: number;
    status: number | null;
  }[];
  /** What the provider took. */
  taken: { sid: string; to: string; body: string }[];
}

const MOST_ENTRIES = 50_000;

export async function readEvidence(sql: postgres.Sql, workspace: Workspace): Promise<Evidence> {
  const workspaceId = workspace.id;
  const query = `account_sid=${workspace.account.account_sid}&limit=${MOST_ENTRIES}`;
  const { requests } = await control(`/requests?${query}&operation=messages.create`);
  const { messages: taken } = await control(`/messages?${query}`);
  const [tables] = await sql`
    with mine as (
      select m.* from public.conversation_messages as m
      where m.workspace_id = ${workspaceId} and m.direction = 'outbound'
    ),
    waiting as (
      select j.message_id, 'job' as kind, j.due_at as until from private.outbound_jobs as j
      where j.workspace_id = ${workspaceId}
      union all
      select k.message_id, 'look_up', k.due_at from private.look_ups as k
      where k.workspace_id = ${workspaceId}
      union all
      select j.message_id, 'lease', l.ends_at
      from private.outbound_leases as l cross join lateral unnest(l.jobs) as j
      where j.workspace_id = ${workspaceId}
    ),
    counted as (
      select month, channel, is_platform, reserved_count, settled_count, reserved_cost, settled_cost
      from public.usage_counters where workspace_id = ${workspaceId}
    ),
    measured as (
      select month, channel, is_platform, reserved_count, settled_count, reserved_cost, settled_cost
      from private.measure_usage(${workspaceId})
    )
    select
      extract(epoch from clock_timestamp()) * 1000 as read_at_ms,
      (
        select json_agg(json_build_object(
          'id', m.id, 'on_unknown', private.on_unknown(m.workspace_id, m.message_class), 'status', m.status,
          'error_code', m.error_code, 'to_address', m.to_address, 'body', m.body
        )) from mine as m
      ) as messages,
      (
        select json_agg(json_build_object(
          'message_id', a.message_id, 'attempt_number', a.attempt_number, 'outcome', a.outcome,
          'external_id', a.external_id
        )) from public.message_attempts as a where a.workspace_id = ${workspaceId}
      ) as attempts,
      (
        select json_agg(json_build_object(
          'message_id', w.message_id, 'kind', w.kind, 'until_ms', extract(epoch from w.until) * 1000
        )) from waiting as w
      ) as waiting,
      (
        select json_agg(json_build_object('message_id', d.message_id, 'error_code', d.error_code))
        from public.dead_letters as d where d.workspace_id = ${workspaceId}
      ) as dead_letters,
      (
        select json_agg(json_build_object(
          'address', o.address, 'opted_out_at_ms', extract(epoch from o.opted_out_at) * 1000
        )) from public.opt_outs as o where o.workspace_id = ${workspaceId} and o.ended_at is null
      ) as opt_outs,
      (
        select json_agg(row_to_json(c)::text || ' and ' || row_to_json(d)::text)
        from counted as c full join measured as d using (month, channel, is_platform)
        where (
          coalesce(c.reserved_count, 0), coalesce(c.settled_count, 0), coalesce(c.reserved_cost, 0),
          coalesce(c.settled_cost, 0)
        ) <> (
          coalesce(d.reserved_count, 0), coalesce(d.settled_count, 0), coalesce(d.reserved_cost, 0),
          coalesce(d.settled_cost, 0)
        )
      ) as usage_differences`;
  return {
    read_at_ms: Number(tables!.read_at_ms),
    messages: tables!.messages ?? [],
    attempts: tables!.attempts ?? [],
    waiting: tables!.waiting ?? [],
    dead_letters: tables!.dead_letters ?? [],
    opt_outs: tables!.opt_outs ?? [],
    usage_differences: tables!.usage_differences ?? [],
    requests: requests.map(toRequest),
    taken,
  };
}

interface LoggedRequest {
  at: string;
  status: number | null;
  body: { To: string; StatusCallback: string };
}

function toRequest({ at, status, body }: LoggedRequest): Evidence["requests"][number] {
  const reference = readAttemptReference(body.StatusCallback);
  return {
    message_id: reference?.messageId ?? null,
    attempt_number: reference?.attemptNumber ?? null,
    to: body.To,
    at_ms: Date.parse(at),
    status,
  };
}
