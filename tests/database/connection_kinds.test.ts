import { databaseTest, senderOf } from "../support/engine.ts";
import { connectPlatform } from "../support/routing.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import {
  addMember,
  connectAccount,
  countSecrets,
  listedNumber,
  refusalAs,
  secretIdsOf,
} from "../support/tenancy.ts";
import {
  asService,
  asUser,
  createAccount,
  createWorld,
  freshNumber,
  type World,
} from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const DOCUMENT_VIEWS = [
  "workspace_integrations",
  "integration_phone_numbers",
  "workspace_communication_settings",
  "user_oauth_connections",
  "clicksend_connections",
  "twilio_whatsapp_connections",
];
const TABLES = ["connections", "phone_numbers", "email_senders", "connection_health"];

/** A personal connection of the member's, with a number. */
async function connectOwn(sql: postgres.Sql, world: World, provider = "twilio") {
  const number = listedNumber();
  const connectionId = await connectAccount(sql, world.memberId, world.workspaceId, {
    provider,
    isPersonal: true,
    numbers: [number],
  });
  await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at)
    values (${connectionId}, 'me@example.com', 'active', now())`;
  await sql`
    insert into public.connection_health (workspace_id, connection_id)
    values (${world.workspaceId}, ${connectionId})`;
  const [phone] = await sql`
    select id, phone_number from public.phone_numbers where connection_id = ${connectionId}`;
  return {
    connectionId,
    phoneNumberId: phone!.id as string,
    phoneNumber: phone!.phone_number as string,
  };
}

/** The relations in which a person finds the connection. */
async function findingsOf(sql: postgres.Sql, userId: string, connectionId: string) {
  const [phone] = await sql`
    select id from public.phone_numbers where connection_id = ${connectionId} limit 1`;
  return await asRole(sql, "authenticated", userId, async (tx) => {
    const found: string[] = [];
    for (const name of [...TABLES, ...DOCUMENT_VIEWS]) {
      const rows = await tx`
        select from ${tx("public." + name)} as r
        where strpos(r::text, ${connectionId}) > 0 or strpos(r::text, ${phone!.id}) > 0`;
      if (rows.length > 0) found.push(name);
    }
    return found;
  });
}

databaseTest("no account is connected for a person who may not", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const connect = (actorId: string | null, isPersonal: boolean | null) => () =>
    connectAccount(sql, actorId as string, world.workspaceId, {
      isPersonal: isPersonal as boolean,
    });

  for (const isPersonal of [false, true, null]) {
    assertEquals(await refusalOf(connect(other.ownerId, isPersonal)), "PT404", `${isPersonal}`);
    assertEquals(await refusalOf(connect(null, isPersonal)), "PT404", `${isPersonal}`);
  }
  assertEquals(await refusalOf(connect(world.memberId, false)), "PT403");
  assertEquals(await refusalOf(connect(world.memberId, null)), "PT403");
});

databaseTest("nobody but the operator's machinery stores a connection", async (sql) => {
  const world = await createWorld(sql);
  const token = crypto.randomUUID() + crypto.randomUUID();
  const attempts: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) =>
      tx`select public.store_platform_connection('twilio', 'AC1', 'x', '{}', ${token}, 'x', '[]')`,
    (tx) =>
      tx`select public.store_connection(
        ${world.ownerId}, ${world.workspaceId}, 'twilio', 'AC1', 'x', '{}', ${token}, 'x', '[]', true
      )`,
    (tx) => tx`select public.disconnect(${world.ownerId}, ${world.connectionId})`,
    (tx) => tx`insert into public.connections (provider) values ('twilio')`,
    (tx) => tx`update public.connections set status = 'inactive'`,
    (tx) => tx`update public.connections set owner_user_id = ${world.ownerId}`,
    (tx) => tx`delete from public.connections where id = ${world.connectionId}`,
  ];

  for (const attempt of attempts) {
    assertEquals(await refusalAs(sql, world.ownerId, attempt), "42501");
    assertEquals(await refusalOf(() => asRole(sql, "anon", null, attempt)), "42501");
  }
});

databaseTest("an account is the workspace's, a person's or the operator's", async (sql) => {
  const world = await createWorld(sql);
  const shared = await connectAccount(sql, world.adminId, world.workspaceId);
  const personal = await connectAccount(sql, world.memberId, world.workspaceId, {
    isPersonal: true,
  });
  const platform = await connectPlatform(sql);

  const kindOf = async (id: string) => ({
    ...(await sql`select workspace_id, owner_user_id from public.connections where id = ${id}`)[0],
  });

  const { workspaceId: workspace_id, memberId } = world;
  assertEquals(await kindOf(shared), { workspace_id, owner_user_id: null });
  assertEquals(await kindOf(personal), { workspace_id, owner_user_id: memberId });
  assertEquals(await kindOf(platform.connectionId), { workspace_id: null, owner_user_id: null });
});

databaseTest("a personal connection and its senders are seen by its owner alone", async (sql) => {
  const world = await createWorld(sql);
  const { connectionId } = await connectOwn(sql, world);
  const others = [
    await createAccount(sql, "stranger"),
    await addMember(sql, world),
    world.adminId,
    world.ownerId,
  ];

  for (const userId of others) assertEquals(await findingsOf(sql, userId, connectionId), []);
  assertEquals(await findingsOf(sql, world.memberId, connectionId), [
    ...TABLES,
    "integration_phone_numbers",
    "user_oauth_connections",
    "twilio_whatsapp_connections",
  ]);
});

databaseTest("a personal ClickSend connection is in its owner's view alone", async (sql) => {
  const world = await createWorld(sql);
  const { connectionId } = await connectOwn(sql, world, "clicksend_sms");
  const read = (userId: string) =>
    asUser(sql, userId, (tx) => tx`select id from public.clicksend_connections`);

  for (const userId of [await addMember(sql, world), world.adminId, world.ownerId]) {
    assertEquals([...await read(userId)], []);
  }
  assertEquals([...await read(world.memberId)], [{ id: connectionId }]);
});

databaseTest("an admin renames neither a personal connection nor its number", async (sql) => {
  const world = await createWorld(sql);
  const { connectionId, phoneNumberId } = await connectOwn(sql, world);
  const touch = (userId: string) =>
    asUser(sql, userId, async (tx) => [
      (await tx`update public.connections set display_name = 'x' where id = ${connectionId} returning id`)
        .length,
      (await tx`update public.phone_numbers set friendly_name = 'x' where id = ${phoneNumberId} returning id`)
        .length,
    ]);

  assertEquals(await touch(world.ownerId), [0, 0]);
  assertEquals(await touch(world.adminId), [0, 0]);
});

databaseTest("the operator's connections and numbers are seen by nobody", async (sql) => {
  const world = await createWorld(sql);
  const { connectionId } = await connectPlatform(sql);

  for (const userId of [world.ownerId, world.adminId, world.memberId]) {
    assertEquals(await findingsOf(sql, userId, connectionId), []);
  }
  const seen = await asService(
    sql,
    (tx) => tx`select id from public.connections where id = ${connectionId}`,
  );
  assertEquals(seen.length, 1);
});

databaseTest(
  "a sender belongs where its connection does, whatever the insert says",
  async (sql) => {
    const [world, other] = [await createWorld(sql), await createWorld(sql)];
    const { connectionId } = await connectOwn(sql, world);

    const [phone] = await sql`
    insert into public.phone_numbers (
      workspace_id, owner_user_id, provider, connection_id, phone_number, external_id, capabilities
    )
    values (
      ${other.workspaceId}, ${other.ownerId}, 'telnyx', ${connectionId}, ${freshNumber()}, 'PN1', '{}'
    )
    returning workspace_id, owner_user_id, provider`;
    const [email] = await sql`
    insert into public.email_senders (workspace_id, owner_user_id, provider, connection_id, email_address)
    values (${other.workspaceId}, ${other.ownerId}, 'resend', ${connectionId}, 'lie@example.com')
    returning workspace_id, owner_user_id, provider`;

    const truth = {
      workspace_id: world.workspaceId,
      owner_user_id: world.memberId,
      provider: "twilio",
    };
    assertEquals([{ ...phone }, { ...email }], [truth, truth]);
  },
);

databaseTest("a number is given neither to another workspace nor another provider", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const { connectionId: platformId } = await connectPlatform(sql);
  const moveTo = (connectionId: string) => () =>
    sql`update public.phone_numbers set connection_id = ${connectionId} where id = ${world.phoneNumberId}`;

  assertEquals(await refusalOf(moveTo(other.connectionId)), "PT422");
  assertEquals(await refusalOf(moveTo(platformId)), "PT422");
  const [phone] = await sql`
    update public.phone_numbers set provider = 'telnyx', owner_user_id = ${other.ownerId}
    where id = ${world.phoneNumberId} returning provider, owner_user_id`;
  assertEquals({ ...phone }, { provider: "twilio", owner_user_id: null });
});

databaseTest(
  "a connection changes neither its workspace, its provider nor its owner",
  async (sql) => {
    const [world, other] = [await createWorld(sql), await createWorld(sql)];
    const { connectionId } = await connectOwn(sql, world);
    const { connectionId: platformId } = await connectPlatform(sql);
    const changes = [
      () =>
        sql`update public.connections set workspace_id = ${other.workspaceId} where id = ${connectionId}`,
      () =>
        sql`update public.connections set workspace_id = null, owner_user_id = null where id = ${connectionId}`,
      () =>
        sql`update public.connections set workspace_id = ${world.workspaceId} where id = ${platformId}`,
      () => sql`update public.connections set provider = 'telnyx' where id = ${connectionId}`,
      () => sql`update public.connections set owner_user_id = null where id = ${connectionId}`,
      () =>
        sql`update public.connections set owner_user_id = ${world.adminId} where id = ${connectionId}`,
      () =>
        sql`update public.connections set owner_user_id = ${world.adminId} where id = ${world.connectionId}`,
    ];

    for (const change of changes) assertEquals(await refusalOf(change), "PT422");
  },
);

const disconnect = (sql: postgres.Sql, actorId: string | null, connectionId: string) =>
  asService(sql, (tx) => tx`select public.disconnect(${actorId}, ${connectionId})`);

databaseTest(
  "a personal connection is disconnected by its owner or an admin alone",
  async (sql) => {
    const [world, other] = [await createWorld(sql), await createWorld(sql)];
    const colleagueId = await addMember(sql, world);
    const [first, second] = [await connectOwn(sql, world), await connectOwn(sql, world)];
    const secretIds = await secretIdsOf(sql, [first.connectionId, second.connectionId]);
    const refusal = (actorId: string | null) =>
      refusalOf(() => disconnect(sql, actorId, first.connectionId));

    assertEquals(await refusal(other.ownerId), "PT404");
    assertEquals(await refusal(null), "PT404");
    assertEquals(await refusal(colleagueId), "PT403");
    assertEquals(await countSecrets(sql, secretIds), 4);
    await disconnect(sql, world.memberId, first.connectionId);
    assertEquals(await countSecrets(sql, secretIds), 2);
    await disconnect(sql, world.adminId, second.connectionId);
    assertEquals(await countSecrets(sql, secretIds), 0);
  },
);

databaseTest("the operator's connection is disconnected by no person", async (sql) => {
  const world = await createWorld(sql);
  const { connectionId } = await connectPlatform(sql);
  const secretIds = await secretIdsOf(sql, [connectionId]);
  const missing = crypto.randomUUID();

  assertEquals(await refusalOf(() => disconnect(sql, world.ownerId, connectionId)), "PT404");
  assertEquals(await refusalOf(() => disconnect(sql, null, missing)), "PT404");
  await disconnect(sql, null, connectionId);
  assertEquals(await countSecrets(sql, secretIds), 0);
  const [phone] = await sql`
    select status from public.phone_numbers where connection_id = ${connectionId}`;
  assertEquals(phone!.status, "inactive");
});

databaseTest("somebody else's personal number is no sender, named or not", async (sql) => {
  const world = await createWorld(sql);
  const own = await connectOwn(sql, world);
  const as = (memberId: string, message = {}) =>
    senderOf(sql, { ...world, memberId }, { to_address: freshNumber(), ...message });
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where id = ${world.phoneNumberId}`;

  for (const userId of [world.ownerId, world.adminId]) {
    assertEquals(await as(userId, { from_address: own.phoneNumber }), "sender_not_found");
    assertEquals(await as(userId, { phone_number_id: own.phoneNumberId }), "sender_not_found");
    assertEquals(await as(userId), "no_sender");
  }
  assertEquals(await as(world.memberId, { from_address: own.phoneNumber }), own.phoneNumber);
});

databaseTest("a colleague answers a personal number's thread from a shared number", async (sql) => {
  const world = await createWorld(sql);
  const { phoneNumberId, phoneNumber } = await connectOwn(sql, world);
  await sql`
    update public.conversations set phone_number_id = ${phoneNumberId} where id = ${world.conversationId}`;
  const reply = { conversation_id: world.conversationId };

  assertEquals(
    await senderOf(sql, { ...world, memberId: world.adminId }, reply),
    world.phoneNumber,
  );
  await sql`
    update public.conversations set phone_number_id = ${phoneNumberId} where id = ${world.conversationId}`;
  assertEquals(await senderOf(sql, world, reply), phoneNumber);
});

databaseTest("a personal number is never the default", async (sql) => {
  const ownerId = await createAccount(sql, "owner");
  const [workspace] = await asUser(
    sql,
    ownerId,
    (tx) => tx`select id from public.create_workspace('Personal only')`,
  );
  const connectionId = await connectAccount(sql, ownerId, workspace!.id, {
    isPersonal: true,
    numbers: [listedNumber()],
  });
  const [phone] = await sql`
    select id, is_default from public.phone_numbers where connection_id = ${connectionId}`;
  const choose = (tx: postgres.TransactionSql) =>
    tx`select public.set_default_phone_number(${phone!.id})`;
  const write = () =>
    sql`update public.phone_numbers set is_default = true where id = ${phone!.id}`;

  assertEquals(phone!.is_default, false);
  assertEquals(await refusalAs(sql, ownerId, choose), "PT404");
  assertEquals(await refusalOf(write), "23514");
});
