/** What tests of campaigns arrange and look at. */
import type postgres from "postgres";
import type { Row } from "./engine.ts";
import { asUser, freshNumber, type World } from "./world.ts";

export async function createCampaign(
  sql: postgres.Sql,
  world: World,
  fields: Row = {},
): Promise<string> {
  const campaign = { name: "Spring", body: "We are open on Saturdays", ...fields };
  const [row] = await asUser(
    sql,
    world.adminId,
    (tx) =>
      tx`select id from public.create_campaign(${world.workspaceId}, ${
        tx.json(campaign as never)
      })`,
  );
  return row!.id;
}

export const updateCampaign = (sql: postgres.Sql, world: World, id: string, changes: Row) =>
  asUser(
    sql,
    world.adminId,
    (tx) => tx`select * from public.update_campaign(${id}, ${tx.json(changes as never)})`,
  );

export interface RowError {
  row_number: number;
  code: string;
  field: string;
  message: string;
}

interface Added {
  added_count: number;
  duplicate_count: number;
  opted_out_count: number;
  error_count: number;
  errors: RowError[];
}

export async function addRecipients(
  sql: postgres.Sql,
  world: World,
  id: string,
  addresses: (string | null)[],
  variables: unknown[] | null = null,
  firstRowNumber = 1,
): Promise<Added> {
  const given = variables === null ? null : sql.json(variables as never);
  const [row] = await asUser(
    sql,
    world.adminId,
    (tx) =>
      tx`select * from public.add_campaign_recipients(
        ${id}, ${addresses as string[]}, ${given}, ${firstRowNumber}
      )`,
  );
  return { ...row } as unknown as Added;
}

export const freshNumbers = (count: number): string[] =>
  Array.from({ length: count }, () => freshNumber());

export const addContacts = async (sql: postgres.Sql, world: World, id: string, filter: Row) => {
  const [row] = await asUser(
    sql,
    world.adminId,
    (tx) => tx`select * from public.add_campaign_contacts(${id}, ${tx.json(filter as never)})`,
  );
  return { ...row };
};

export async function estimate(sql: postgres.Sql, world: World, id: string) {
  const [row] = await asUser(
    sql,
    world.adminId,
    (tx) => tx`select public.estimate_campaign(${id}) as estimate`,
  );
  return row!.estimate;
}

type Action = "start" | "pause" | "resume" | "cancel";

export async function act(sql: postgres.Sql, world: World, id: string, action: Action) {
  const [row] = await asUser(
    sql,
    world.adminId,
    (tx) => tx.unsafe(`select * from public.${action}_campaign('${id}')`),
  );
  return row!;
}

/** A running campaign to so many numbers of its own. */
export async function runCampaign(
  sql: postgres.Sql,
  world: World,
  count: number,
  fields: Row = {},
): Promise<{ id: string; addresses: string[] }> {
  const id = await createCampaign(sql, world, fields);
  const addresses = freshNumbers(count);
  await addRecipients(sql, world, id, addresses);
  await estimate(sql, world, id);
  await act(sql, world, id, "start");
  return { id, addresses };
}

/** As the tick does it: for every workspace there is. */
export const drip = (sql: postgres.Sql, batchLimit = 100_000) =>
  sql`select private.drip_campaigns(${batchLimit})`;

export async function setPace(sql: postgres.Sql, world: World, messagesPerSecond: number) {
  await sql`
    update public.phone_numbers set messages_per_second = ${messagesPerSecond}
    where workspace_id = ${world.workspaceId}`;
}

const COUNTS = [
  "pending",
  "skipped",
  "queued",
  "sent",
  "delivered",
  "failed",
  "canceled",
  "unknown",
] as const;

/** The counts that are not zero, the status, and whether they add up. */
export async function progressOf(
  sql: postgres.Sql | postgres.TransactionSql,
  id: string,
): Promise<Record<string, unknown>> {
  const [row] = await sql`select * from public.campaign_progress where campaign_id = ${id}`;
  const counts = COUNTS.map((name) => [name, Number(row![`${name}_count`])] as const);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total !== Number(row!.total_count)) {
    throw new Error(`The counts of ${id} do not add up: ${JSON.stringify(row)}`);
  }
  return { status: row!.status, ...Object.fromEntries(counts.filter(([, count]) => count > 0)) };
}

export const jobsOf = async (sql: postgres.Sql, world: World): Promise<string[]> =>
  (await sql`
    select message_id from private.outbound_jobs where workspace_id = ${world.workspaceId}`)
    .map((row) => row.message_id);

/** As if a dispatcher had handed over up to so many of the world's messages. */
export async function handOver(
  sql: postgres.Sql,
  world: World,
  count = 1_000_000,
  status = "sent",
): Promise<string[]> {
  const taken = await sql`
    delete from private.outbound_jobs where message_id = any (array(
      select message_id from private.outbound_jobs where workspace_id = ${world.workspaceId}
      order by due_at limit ${count}
    )) returning message_id`;
  const ids: string[] = taken.map((row) => row.message_id);
  await sql`
    update public.conversation_messages
    set status = ${status}, error_code = ${status === "failed" ? "rejected" : null}
    where id = any (${ids}::uuid[])`;
  return ids;
}

/** Nothing of the world stays for the drips and dispatchers of other tests. */
export async function endCampaigns(sql: postgres.Sql, world: World) {
  await sql`
    update public.campaigns set status = 'canceled', ended_at = now(), pause_reason = null
    where workspace_id = ${world.workspaceId} and ended_at is null`;
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
}

/** It is never quiet for North America now: a quiet minute there is hours away. */
export async function allowAllHours(sql: postgres.Sql, workspaceId: string) {
  await sql`
    insert into public.quiet_hours (workspace_id, starts_at, ends_at)
    values (
      ${workspaceId}, (now() at time zone 'UTC' + interval '12 hours')::time,
      (now() at time zone 'UTC' + interval '12 hours 1 minute')::time
    )`;
}
