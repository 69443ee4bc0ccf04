/**
 * Plays what happens to a message in many orders, each from the same beginning: in the database, where an
 * order is taken back as soon as it was looked at.
 */
import { assertEquals } from "@std/assert";
import { type Row, startAttempts } from "./engine.ts";
import { createWorld } from "./world.ts";
import type postgres from "postgres";

/** One thing that happens to a message that is in the hands of a dispatcher. */
export type Happening =
  /** A provider's webhook. */
  | { do: "receipt"; attempt?: number; externalId?: string; status: string; more?: Row }
  /** The dispatcher says what became of the message. */
  | { do: "record"; result: Row }
  /** The dispatcher stood still, and its lease is taken away. */
  | { do: "expire" }
  /** Somebody asks the provider, who answers at once, or only when the answer is recorded. */
  | { do: "look_up"; result: Row }
  | { do: "ask" }
  | { do: "answer"; result: Row }
  /** Nobody could tell for so long that it is given up. */
  | { do: "give_up" };

export interface Beginning {
  messageId: string;
  connectionId: string;
  workspaceId: string;
  token: string;
}

/** What an order left behind, and of how many orders. */
export interface Ending {
  state: Row;
  count: number;
  /** One of the orders. */
  example: number[];
}

const HARNESS = `
  create function pg_temp.read_state(message_id uuid) returns jsonb language sql as $$
    select jsonb_build_object(
      -- Both say no more than that it is on its way: one is the provider's word, the other often ours.
      'status', case when m.status in ('queued', 'sending') then 'on its way' else m.status end,
      'error_code', m.error_code,
      'has_sent_at', m.sent_at is not null,
      'has_delivered_at', m.delivered_at is not null,
      'has_read_at', m.read_at is not null,
      'attempts', (
        select jsonb_agg(jsonb_build_array(
          a.attempt_number, a.outcome, a.external_id, a.error_code, a.segment_count, a.price, a.price_currency
        ) order by a.attempt_number)
        from public.message_attempts as a where a.message_id = m.id
      ),
      'usage', (
        select jsonb_agg(jsonb_build_array(
          u.channel, u.is_platform, u.reserved_count, u.settled_count, u.reserved_cost::text, u.settled_cost::text
        ) order by u.month, u.channel, u.is_platform)
        from public.usage_counters as u where u.workspace_id = m.workspace_id
      ),
      'dead_letters', (select count(*) from public.dead_letters as d where d.message_id = m.id),
      'jobs', (select count(*) from private.outbound_jobs as j where j.message_id = m.id),
      'look_ups', (select count(*) from private.look_ups as k where k.message_id = m.id),
      'opt_outs', (
        select count(*) from public.opt_outs as o
        where o.workspace_id = m.workspace_id and o.address = m.to_address and o.ended_at is null
      ),
      'unapplied', (
        select count(*) from public.webhook_events as e
        where e.workspace_id = m.workspace_id and e.state <> 'processed'
      )
    )
    from public.conversation_messages as m where m.id = read_state.message_id
  $$;
  create function pg_temp.play(beginning jsonb, happenings jsonb, play_order integer[]) returns jsonb
  language plpgsql as $$
  declare
    v_message_id uuid := beginning ->> 'messageId';
    v_connection_id uuid := beginning ->> 'connectionId';
    v_token uuid := beginning ->> 'token';
    v_asked uuid;
    v_item jsonb;
    v_times timestamptz[];
    v_before timestamptz[] := array[null, null, null];
    v_settled bigint;
    v_accepted bigint;
  begin
    foreach v_item in array array(
      select happenings -> o.place from unnest(play_order) with ordinality as o (place, position) order by o.position
    ) loop
      case v_item ->> 'do'
        when 'receipt' then
          perform public.ingest_webhook(v_connection_id, jsonb_build_array(jsonb_build_object(
            'kind', 'status', 'externalId', coalesce(v_item ->> 'externalId', 'SM1'), 'status', v_item ->> 'status',
            'messageId', v_message_id, 'attemptNumber', coalesce((v_item ->> 'attempt')::integer, 1)
          ) || coalesce(v_item -> 'more', '{}')), 'x');
        when 'record' then
          perform public.record_attempts(
            v_token, jsonb_build_array((v_item -> 'result') || jsonb_build_object('message_id', v_message_id))
          );
        when 'expire' then
          update private.outbound_leases set ends_at = now() where token = v_token;
          perform private.end_expired_leases();
        when 'ask', 'look_up', 'give_up' then
          update private.look_ups set due_at = '2000-01-01' where message_id = v_message_id;
          if found then
            select k.lease_token into v_asked from public.claim_look_ups(1) as k where k.message_id = v_message_id;
          end if;
        else
      end case;
      if v_item ->> 'do' = 'give_up' then
        update public.message_attempts set started_at = started_at - interval '1 hour' where message_id = v_message_id;
        v_item := v_item || '{"result": {"outcome": "unknown"}}';
      end if;
      if v_item ->> 'do' in ('look_up', 'answer', 'give_up') and v_asked is not null then
        perform public.record_attempts(
          v_asked, jsonb_build_array((v_item -> 'result') || jsonb_build_object('message_id', v_message_id))
        );
      end if;

      -- What was done once is never done again: times are moved to a mark that a second writing would undo.
      select array[m.sent_at, m.delivered_at, m.read_at] into v_times
      from public.conversation_messages as m where m.id = v_message_id;
      for v_index in 1 .. 3 loop
        if v_before[v_index] is not null and v_times[v_index] is distinct from v_before[v_index] then
          raise exception 'a time was written twice: %', play_order;
        end if;
        v_before[v_index] := case when v_times[v_index] is not null then '2001-01-01'::timestamptz end;
      end loop;
      update public.conversation_messages as m
      set sent_at = v_before[1], delivered_at = v_before[2], read_at = v_before[3]
      where m.id = v_message_id;
      select sum(u.settled_count) - (beginning ->> 'settled')::bigint into v_settled from public.usage_counters as u
      where u.workspace_id = (beginning ->> 'workspaceId')::uuid;
      select count(*) into v_accepted from public.message_attempts as a
      where a.message_id = v_message_id and a.outcome = 'accepted';
      if v_settled <> v_accepted or v_accepted > 1 then
        raise exception 'settled % times, accepted % times: %', v_settled, v_accepted, play_order;
      end if;
    end loop;
    return pg_temp.read_state(v_message_id);
  end
  $$;
  create function pg_temp.play_all(beginning jsonb, happenings jsonb, play_orders jsonb)
  returns table (state jsonb, play_order integer[]) language plpgsql as $$
  declare
    v_order jsonb;
  begin
    for v_order in select o.value from jsonb_array_elements(play_orders) as o loop
      play_order := array(select p.value::integer from jsonb_array_elements_text(v_order) with ordinality as p order by p.ordinality);
      begin
        state := pg_temp.play(beginning, happenings, play_order);
        raise exception using errcode = 'UN000';
      exception
        when sqlstate 'UN000' then null;
      end;
      return next;
    end loop;
  end
  $$;`;

/** Plays each order from the same beginning, and says which endings there were. */
export async function playOrders(
  sql: postgres.Sql,
  beginning: Beginning,
  happenings: Happening[],
  orders: number[][],
): Promise<Ending[]> {
  const connection = await sql.reserve();
  try {
    await connection`begin`;
    await connection.unsafe(HARNESS);
    const [settled] = await connection`
      select coalesce(sum(settled_count), 0)::integer as count from public.usage_counters
      where workspace_id = ${beginning.workspaceId}`;
    const rows = await connection`
      select p.state, count(*)::integer as count, (array_agg(to_jsonb(p.play_order)))[1] as example
      from pg_temp.play_all(
        ${sql.json({ ...beginning, settled: settled!.count })}, ${sql.json(happenings as never)}, ${
      sql.json(orders)
    }
      ) as p
      group by p.state
      order by count desc`;
    return rows.map(({ state, count, example }) => ({ state, count, example }));
  } finally {
    await connection`rollback`;
    connection.release();
  }
}

/** Every order of `count` things in which, of each pair, the first comes before the second. */
export function ordersOf(count: number, pairs: [number, number][] = []): number[][] {
  const orders: number[][] = [];
  const extend = (order: number[], left: number[]) => {
    if (left.length === 0) orders.push(order);
    for (const next of left) {
      if (pairs.some(([first, second]) => second === next && left.includes(first))) continue;
      extend([...order, next], left.filter((one) => one !== next));
    }
  };
  extend([], Array.from({ length: count }, (_, index) => index));
  return orders;
}

export const PRICE = { price: "0.0079", priceCurrency: "USD" };
export const ACCEPTED = { outcome: "accepted", external_id: "SM1" };

export const receipt = (status: string, more: Row = {}): Happening => ({
  do: "receipt",
  status,
  more,
});
export const recorded = (status: string, more: Row = {}): Happening => ({
  do: "record",
  result: { ...ACCEPTED, status, ...more },
});
export const failure = (status: string, errorCode = "recipient_unreachable") =>
  receipt(status, { errorCode });

/** A message in the hands of a dispatcher, of a workspace that counts nothing else. */
export async function begin(sql: postgres.Sql): Promise<Beginning> {
  const world = await createWorld(sql);
  const { token, id } = await startAttempts(sql, world);
  // What a world has besides, so that all that is counted is this message's.
  await sql`update public.usage_counters set reserved_count = 1, reserved_cost = 0.01
    where workspace_id = ${world.workspaceId}`;
  return {
    messageId: id,
    connectionId: world.connectionId,
    workspaceId: world.workspaceId,
    token,
  };
}

/** The one state that all of these orders ended in. */
export function stateOf(endings: Ending[], orderCount: number): Row {
  assertEquals(
    endings.map(({ count }) => count),
    [orderCount],
    `several endings: ${JSON.stringify(endings.slice(0, 3), null, 1)}`,
  );
  return endings[0]!.state;
}

/**
 * What is the same whatever came first: the message's status and error, which of its times are known, its
 * attempts with what the provider said of them, what is counted, and what is left to be done. Not the same
 * are the times themselves, "queued" and "sending", and the connection's breaker, which looks at the clock.
 */
export const done = (changes: Row) => ({
  error_code: null,
  dead_letters: 0,
  jobs: 0,
  look_ups: 0,
  opt_outs: 0,
  unapplied: 0,
  attempts: [[1, "accepted", "SM1", null, null, null, null]],
  usage: [["sms", false, 0, 1, "0.00", "0.01"]],
  has_sent_at: true,
  has_delivered_at: false,
  has_read_at: false,
  ...changes,
});
