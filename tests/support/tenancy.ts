/** What tests of tenancy arrange and look at, directly in the database. */
import type { Row } from "./engine.ts";
import { asRole, refusalOf } from "./stack.ts";
import { asService, asUser, createAccount, createWorld, freshNumber, type World } from "./world.ts";
import type postgres from "postgres";

/** An account with a confirmed address. */
export async function createConfirmedAccount(sql: postgres.Sql, name: string) {
  const id = await createAccount(sql, name);
  const [row] = await sql`
    update auth.users set email_confirmed_at = now() where id = ${id} returning email`;
  return { id, email: row!.email as string };
}

/** A further member of the world. */
export async function addMember(sql: postgres.Sql, { workspaceId }: World, role = "member") {
  const id = await createAccount(sql, role);
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${id}, ${role})`;
  return id;
}

/** An agent of the world, made by its admin. */
export const addAgent = (sql: postgres.Sql, { workspaceId, adminId }: World): Promise<string> =>
  asUser(sql, adminId, async (tx) => {
    const [agent] = await tx`
      insert into public.agents (workspace_id, name) values (${workspaceId}, 'Receptionist') returning id`;
    return agent!.id;
  });

export interface Account {
  provider?: string;
  isPersonal?: boolean;
  numbers?: Row[];
}

/** An active number, as a provider lists it. */
export const listedNumber = (
  capabilities: Row = { sms: true, mms: true, whatsapp: true },
): Row => ({
  phone_number: freshNumber(),
  friendly_name: "Listed",
  external_id: "PN" + crypto.randomUUID(),
  capabilities,
  status: "active",
});

/** Connects an account for a person; answers the id of the connection. */
export const connectAccount = (
  sql: postgres.Sql,
  actorId: string,
  workspaceId: string,
  { provider = "twilio", isPersonal = false, numbers = [] }: Account = {},
): Promise<string> =>
  asService(sql, async (tx) => {
    const [row] = await tx`
      select id from public.store_connection(
        ${actorId}, ${workspaceId}, ${provider}, ${"AC" + crypto.randomUUID()}, 'Account',
        ${tx.json({ key: "marker-secret" })}, ${crypto.randomUUID() + crypto.randomUUID()},
        'marker-secret', ${tx.json(numbers as never)}, ${isPersonal}
      )`;
    return row!.id;
  });

/** The SQLSTATE that a person is refused with. */
export const refusalAs = (
  sql: postgres.Sql,
  userId: string,
  work: (tx: postgres.TransactionSql) => Promise<unknown>,
): Promise<string> => refusalOf(() => asUser(sql, userId, work));

/** The tables and views of the schemas that hold `text` in some row, as the role sees them. */
export async function placesOf(
  sql: postgres.Sql | postgres.TransactionSql,
  text: string,
  schemas = ["public", "private"],
): Promise<string[]> {
  const relations = await sql`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any (${schemas}) and c.relkind in ('r', 'p', 'v')
      and has_table_privilege(c.oid, 'select')
    order by name`;
  const places: string[] = [];
  for (const { name } of relations) {
    const [found] = await sql.unsafe(
      `select exists (select from ${name} as r where strpos(r::text, $1) > 0) as is_there`,
      [text],
    );
    if (found!.is_there) places.push(name);
  }
  return places;
}

/** How many rows of the workspace are in each table that has such rows, for whoever asks. */
export async function rowCountsOf(
  sql: postgres.Sql | postgres.TransactionSql,
  workspaceId: string,
): Promise<Record<string, number>> {
  const tables = await sql`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
    join pg_namespace as n on n.oid = c.relnamespace and n.nspname in ('public', 'private')
    where a.attname = 'workspace_id' and not a.attisdropped
      and c.oid <> 'private.workspace_deletions'::regclass and has_table_privilege(c.oid, 'select')
    order by name`;
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql.unsafe(
      `select count(*)::integer as count from ${name} where workspace_id = $1`,
      [workspaceId],
    );
    if (row!.count > 0) counts[name] = row!.count;
  }
  return counts;
}

/** What a person sees of a workspace: the tables with rows of it, and how many. */
export const rowCountsAs = (
  sql: postgres.Sql,
  userId: string,
  workspaceId: string,
): Promise<Record<string, number>> =>
  asRole(sql, "authenticated", userId, (tx) => rowCountsOf(tx, workspaceId));

/** The secrets in Vault that connections refer to. */
export async function secretIdsOf(sql: postgres.Sql, connectionIds: string[]): Promise<string[]> {
  const rows = await sql`
    select s.id from private.connection_credentials as c
    cross join lateral (
      values (c.current_secret_id), (c.webhook_secret_id)
    ) as s (id)
    where c.connection_id = any (${connectionIds}::uuid[]) and s.id is not null`;
  return rows.map((row) => row.id);
}

/** How many of the secrets Vault still holds. */
export const countSecrets = async (sql: postgres.Sql, secretIds: string[]): Promise<number> =>
  (await sql`select from vault.secrets where id = any (${secretIds}::uuid[])`).length;

/** A person at a connection of their own, with the rights of a signed-in one. */
export async function signIn(connection: postgres.ReservedSql, userId: string): Promise<void> {
  const claims = JSON.stringify({ role: "authenticated", sub: userId });
  await connection`begin`;
  await connection`select set_config('request.jwt.claims', ${claims}, true)`;
  await connection`set local role authenticated`;
}

/** Two workspaces with one admin. */
export async function createAdminOfTwo(sql: postgres.Sql): Promise<{ own: World; other: World }> {
  const [own, other] = [await createWorld(sql), await createWorld(sql)];
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${other.workspaceId}, ${own.adminId}, 'admin')`;
  return { own, other };
}

/** A member's own ClickSend account, with which an agent may text. */
export async function createClickSender(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const agentId = await addAgent(sql, world);
  const connectionId = await connectAccount(sql, world.memberId, world.workspaceId, {
    provider: "clicksend_sms",
    isPersonal: true,
  });
  await asUser(
    sql,
    world.memberId,
    (tx) => tx`select public.grant_agent_permission(${agentId}, ${connectionId}, '{sms,history}')`,
  );
  return { world, agentId, connectionId };
}

/** What the ClickSend document's check says of an agent and a person. */
export const validateClickSend =
  (agentId: string, userId: string, scopes: (string | null)[] | null) =>
  async (tx: postgres.TransactionSql): Promise<boolean> => {
    const [row] = await tx`
      select public.validate_agent_clicksend_permissions(${agentId}, ${userId}, ${scopes}) as is_valid`;
    return row!.is_valid;
  };

export const clickSendConnectionOf = (userId: string) => (tx: postgres.TransactionSql) =>
  tx`select * from public.get_user_clicksend_connection(${userId})`;
