import type postgres from "postgres";

/** One workspace that sends and receives. */
export interface World {
  workspaceId: string;
  ownerId: string;
  adminId: string;
  memberId: string;
  connectionId: string;
  phoneNumber: string;
  phoneNumberId: string;
  contactId: string;
  conversationId: string;
  /** Inbound. */
  messageId: string;
}

let created = 0;

/** The workspaces of worlds since it was last asked. */
const madeWorkspaceIds: string[] = [];
export const takeMadeWorkspaceIds = (): string[] => madeWorkspaceIds.splice(0);

/** A number of this run's own: E.164 in a range that nobody else in the tests uses. */
export function freshNumber(): string {
  created++;
  const digits = String(crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000);
  return `+1${212 + (created % 700)}5${digits.padStart(6, "0")}`;
}

/** Adds an account to Auth, as its own sign-up would. */
export async function createAccount(sql: postgres.Sql, name: string): Promise<string> {
  const id = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${id}, ${`${name}-${id}@example.com`})`;
  return id;
}

/** Builds a workspace through the product's own functions where there is one. */
export async function createWorld(sql: postgres.Sql): Promise<World> {
  const [ownerId, adminId, memberId] = await Promise.all(
    ["owner", "admin", "member"].map((name) => createAccount(sql, name)),
  ) as [string, string, string];
  const workspaceId = await asUser(sql, ownerId, async (tx) => {
    const [workspace] = await tx`select id from public.create_workspace('Acme Dental')`;
    return workspace!.id as string;
  });
  madeWorkspaceIds.push(workspaceId);
  // Else the operator's senders, which other tests add, would serve it, too.
  await sql`update public.workspaces set communication_mode = 'byoc' where id = ${workspaceId}`;
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${adminId}, 'admin'), (${workspaceId}, ${memberId}, 'member')`;
  const phoneNumber = freshNumber();
  const numbers = [{
    phone_number: phoneNumber,
    friendly_name: "Front desk",
    external_id: "PN" + crypto.randomUUID(),
    capabilities: { sms: true, mms: true, voice: true, whatsapp: false },
    status: "active",
  }];
  const [connection] = await sql`
    select id from public.store_connection(
      ${ownerId}, ${workspaceId}, 'twilio', ${"AC" + crypto.randomUUID()}, 'Acme Twilio',
      ${sql.json({ auth_token: "marker-secret" })}, ${crypto.randomUUID() + crypto.randomUUID()},
      'marker-secret', ${sql.json(numbers)}
    )`;
  const connectionId: string = connection!.id;
  await liftPace(sql, connectionId);
  const from = freshNumber();
  const event = {
    kind: "message",
    externalId: "SM" + crypto.randomUUID(),
    channel: "sms",
    from,
    to: phoneNumber,
    text: "Hello",
    media: [{ url: "https://media.example.com/1.png", contentType: "image/png" }],
  };
  await sql`select * from public.ingest_webhook(${connectionId}, ${
    sql.json([event])
  }, 'Body=Hello')`;
  const [row] = await sql`
    select m.id as message_id, m.conversation_id, t.contact_id, p.id as phone_number_id
    from public.conversation_messages as m
    join public.conversations as t on t.id = m.conversation_id
    join public.phone_numbers as p on p.id = m.phone_number_id
    where m.workspace_id = ${workspaceId}`;
  await asUser(sql, memberId, (tx) =>
    tx`select * from public.enqueue_messages(
      ${workspaceId}, ${tx.json([{ to_address: from, body: "Hi back" }])}
    )`);
  await sql`
    insert into public.message_attempts (workspace_id, conversation_id, message_id, connection_id, attempt_number)
    select workspace_id, conversation_id, id, ${connectionId}, 1 from public.conversation_messages
    where workspace_id = ${workspaceId} and direction = 'outbound'`;
  // Not for the dispatcher: the world is there to be looked at.
  await sql`delete from private.outbound_jobs where workspace_id = ${workspaceId}`;
  return {
    workspaceId,
    ownerId,
    adminId,
    memberId,
    connectionId,
    phoneNumber,
    phoneNumberId: row!.phone_number_id,
    contactId: row!.contact_id,
    conversationId: row!.conversation_id,
    messageId: row!.message_id,
  };
}

/** Lets a connection's numbers send as much as a test wants; what paces do has tests of its own. */
export async function liftPace(sql: postgres.Sql, connectionId: string): Promise<void> {
  await sql`
    update public.phone_numbers set messages_per_second = 10000 where connection_id = ${connectionId}`;
  await sql`update public.connections set max_concurrent = null where id = ${connectionId}`;
}

/** Runs `work` as a signed-in person and keeps what it did. */
export async function asUser<Value>(
  sql: postgres.Sql,
  userId: string,
  work: (tx: postgres.TransactionSql) => Promise<Value>,
): Promise<Value> {
  const claims = JSON.stringify({ role: "authenticated", sub: userId });
  return await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${claims}, true)`;
    await tx.unsafe("set local role authenticated");
    return await work(tx);
  }) as Value;
}

/** Runs `work` as the operator's machinery and keeps what it did. */
export async function asService<Value>(
  sql: postgres.Sql,
  work: (tx: postgres.TransactionSql) => Promise<Value>,
): Promise<Value> {
  return await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', '{"role":"service_role"}', true)`;
    await tx.unsafe("set local role service_role");
    return await work(tx);
  }) as Value;
}
