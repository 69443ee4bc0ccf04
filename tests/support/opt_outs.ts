/** What tests of opt-outs arrange and look at, directly in the database. */
import { ingest, type Row, textFrom } from "./engine.ts";
import { connectAccount, listedNumber } from "./tenancy.ts";
import { asUser, type World } from "./world.ts";
import type postgres from "postgres";

/** Lets a contact text the world's number; answers the id of the message. */
export async function hear(
  sql: postgres.Sql,
  world: World,
  from: string,
  text: string,
  changes: Row = {},
): Promise<string> {
  const event = textFrom(world, from, { text, ...changes });
  const [outcome] = await ingest(sql, world.connectionId, [event]);
  if (outcome!.state !== "processed") throw new Error(`Cannot hear ${text}: ${outcome!.state}`);
  const [message] = await sql`
    select id from public.conversation_messages
    where workspace_id = ${world.workspaceId} and external_id = ${event.externalId as string}`;
  return message!.id;
}

/** What is known of an address in a workspace, the oldest first. */
export const optOutsOf = async (sql: postgres.Sql, world: World, address: string) => [
  ...await sql`
      select * from public.opt_outs
      where workspace_id = ${world.workspaceId} and address = ${address} order by opted_out_at, id`,
];

export const isOptedOut = async (sql: postgres.Sql, world: World, address: string) =>
  (await optOutsOf(sql, world, address)).some((optOut) => optOut.ended_at === null);

/** The texts that confirm an opt-out of the address. */
export const confirmationsTo = async (sql: postgres.Sql, world: World, address: string) => [
  ...await sql`
      select m.id, m.body, m.from_address, m.status, m.idempotency_key, t.channel
      from public.conversation_messages as m join public.conversations as t on t.id = m.conversation_id
      where m.workspace_id = ${world.workspaceId} and m.to_address = ${address}
        and m.message_class = 'opt_out_confirmation'
      order by m.created_at, m.id`,
];

export const flagsOf = async (sql: postgres.Sql, world: World) => [
  ...await sql`
      select message_id, words, resolution, resolved_by from public.conversation_flags
      where workspace_id = ${world.workspaceId} order by created_at, message_id`,
];

/** The same world, heard and speaking through an account at another provider. */
export async function throughProvider(
  sql: postgres.Sql,
  world: World,
  provider: string,
  phoneNumber?: string,
): Promise<World> {
  const number = listedNumber();
  if (phoneNumber) number.phone_number = phoneNumber;
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    provider,
    numbers: [number],
  });
  const [row] = await sql`
    select id, phone_number from public.phone_numbers where connection_id = ${connectionId}`;
  return { ...world, connectionId, phoneNumber: row!.phone_number, phoneNumberId: row!.id };
}

export async function recordOptOut(
  sql: postgres.Sql,
  { memberId, workspaceId }: World,
  address: string,
): Promise<string> {
  const [row] = await asUser(
    sql,
    memberId,
    (tx) => tx`select public.opt_out(${workspaceId}, ${address}) as id`,
  );
  return row!.id;
}
