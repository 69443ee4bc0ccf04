/** What tests of scheduled messages arrange and look at, directly in the database. */
import type { Row } from "./engine.ts";
import { freshNumber, type World } from "./world.ts";
import type postgres from "postgres";

let numbered = 0;

/** A number of one region: its first digits, and others that nobody else in the tests uses. */
export function numberIn(prefix: string): string {
  numbered++;
  const digits = String(crypto.getRandomValues(new Uint32Array(1))[0]! % 9_000 + 1_000);
  return `${prefix}55${digits}${numbered % 10}`;
}

export const HONOLULU = "+1808";
export const NEW_YORK = "+1212";
export const BERLIN = "+4930";
/** Assigned to nobody. */
export const NOWHERE = "+999";

/** What the database makes of a message's schedule. */
export async function readSchedule(
  sql: postgres.Sql,
  world: World,
  message: Row,
  address = numberIn(NEW_YORK),
  channel = "sms",
) {
  const [reading] = await sql`
    select s.*, s.local_at::text as local_at, s.due_at > now() as is_ahead
    from private.read_schedule(${world.workspaceId}, ${channel}, ${address}, ${
    sql.json(message as never)
  }) as s`;
  return reading!;
}

/** A local time so many days from now, as a caller writes it. */
export async function localTime(sql: postgres.Sql, days: number, time: string): Promise<string> {
  const [row] = await sql`select (current_date + ${days}::int)::text as day`;
  return `${row!.day}T${time}`;
}

export interface ScheduledMessage {
  id: string;
  conversationId: string;
}

/** A message that waits in a conversation of its own, as enqueueing leaves it. */
export async function storeScheduled(
  sql: postgres.Sql,
  world: World,
  message: Row,
  { to = freshNumber(), channel = "sms" } = {},
): Promise<ScheduledMessage> {
  const [row] = await sql`
    with reached as (
      select c.contact_id from private.find_or_create_contacts(
        ${world.workspaceId}, private.kind_of_address(${to}), array[${to}]
      ) as c
    ),
    begun as (
      insert into public.conversations (workspace_id, contact_id, channel, contact_address, phone_number_id)
      select ${world.workspaceId}, r.contact_id, ${channel}, ${to},
        case when ${channel} <> 'email' then ${world.phoneNumberId}::uuid end
      from reached as r
      on conflict (workspace_id, contact_id, channel) where channel in ('sms', 'whatsapp', 'call') do update
      set status = 'active'
      returning id
    ),
    stored as (
      insert into public.conversation_messages (
        workspace_id, conversation_id, direction, status, body, sender_id, from_address, to_address,
        phone_number_id, scheduled_at
      )
      select ${world.workspaceId}, b.id, 'outbound', 'scheduled', 'See you', ${world.memberId}, ${world.phoneNumber},
        ${to}, case when ${channel} <> 'email' then ${world.phoneNumberId}::uuid end, s.due_at
      from begun as b
      cross join private.read_schedule(${world.workspaceId}, ${channel}, ${to}, ${
    sql.json(message as never)
  }) as s
      returning id, conversation_id, scheduled_at
    )
    insert into private.outbound_jobs (message_id, workspace_id, channel, due_at)
    select s.id, ${world.workspaceId}, ${channel}, s.scheduled_at from stored as s
    returning message_id, (select conversation_id from stored) as conversation_id`;
  await sql`
    select private.store_schedules(array[${row!.message_id}::uuid], array[
      private.read_schedule(${world.workspaceId}, ${channel}, ${to}, ${sql.json(message as never)})
    ])`;
  return { id: row!.message_id, conversationId: row!.conversation_id };
}

/** What becomes of due messages: the verdict and the reason. */
export async function decide(sql: postgres.Sql, ...ids: string[]) {
  const rows = await sql`
    select d.message_id, d.verdict, d.reason, d.due_at > now() as is_later
    from private.decide_due_messages(${ids}::uuid[]) as d`;
  const byId = new Map(rows.map((row) => [row.message_id, row]));
  return ids.map((id) => {
    const { verdict, reason } = byId.get(id) ?? { verdict: "none", reason: null };
    return [verdict, reason];
  });
}

export const scheduleNext = (sql: postgres.Sql, ...ids: string[]) =>
  sql`select * from private.schedule_next_occurrences(${ids}::uuid[])`;

export const scheduleOf = async (sql: postgres.Sql, id: string) =>
  (await sql`
    select s.*, s.local_at::text as local_at, m.status, m.body, m.scheduled_at, j.due_at
    from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    left join private.outbound_jobs as j on j.message_id = s.message_id
    where s.message_id = ${id}`)[0];

/** Moves a message and its clock back, as if its time had come. */
export const letTimePass = (sql: postgres.Sql, id: string, age: string) =>
  sql`
    with moved as (
      update public.conversation_messages set
        scheduled_at = scheduled_at - ${age}::interval, created_at = created_at - ${age}::interval
      where id = ${id}
    ),
    due as (
      update private.outbound_jobs set due_at = due_at - ${age}::interval where message_id = ${id}
    )
    update public.message_schedules set local_at = local_at - ${age}::interval where message_id = ${id}`;

/** A message that waits unless the contact replies, so far ahead that no dispatcher takes it. */
async function storeOneFarAhead(
  sql: postgres.Sql,
  { workspaceId, memberId, phoneNumberId, phoneNumber }: World,
  conversationId: string,
): Promise<string> {
  const [message] = await sql`
    insert into public.conversation_messages (
      workspace_id, conversation_id, direction, status, body, sender_id, from_address, to_address, phone_number_id,
      scheduled_at
    )
    select
      workspace_id, id, 'outbound', 'scheduled', 'See you', ${memberId}, ${phoneNumber}, contact_address,
      ${phoneNumberId}, '2100-01-01'
    from public.conversations where workspace_id = ${workspaceId} and id = ${conversationId}
    returning id`;
  await sql`
    insert into public.message_schedules (message_id, workspace_id, conversation_id, series_id, "unless")
    values (${message!.id}, ${workspaceId}, ${conversationId}, ${message!.id}, '{replied}')`;
  await sql`
    insert into private.outbound_jobs (message_id, workspace_id, due_at)
    values (${message!.id}, ${workspaceId}, '2100-01-01')`;
  return message!.id;
}

/** Messages that wait in two conversations of a world. */
export interface FarAhead {
  /** In `conversationId`. */
  scheduledMessageId: string;
  otherScheduledMessageId: string;
}

export async function storeFarAhead(
  sql: postgres.Sql,
  world: World,
  otherConversationId: string,
): Promise<FarAhead> {
  return {
    scheduledMessageId: await storeOneFarAhead(sql, world, world.conversationId),
    otherScheduledMessageId: await storeOneFarAhead(sql, world, otherConversationId),
  };
}
