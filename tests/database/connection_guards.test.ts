import { databaseTest, pidOf, untilSettledOrBlocked } from "../support/engine.ts";
import { refusalOf } from "../support/stack.ts";
import { createFullWorld } from "../support/full_world.ts";
import { asService, asUser, createAccount, createWorld, freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import postgres from "postgres";

databaseTest("numbers are added by an admin only, and to a live connection only", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const numbers = [{ phone_number: freshNumber(), external_id: "PN1", capabilities: {} }];
  const add = (actorId: string) => () =>
    asService(
      sql,
      (tx) =>
        tx`select id from public.store_phone_numbers(
          ${actorId}, ${world.connectionId}, ${tx.json(numbers)}
        )`,
    );

  assertEquals(await refusalOf(add(strangerId)), "PT404");
  assertEquals(await refusalOf(add(world.memberId)), "PT403");
  assertEquals((await add(world.adminId)()).length, 1);
  await sql`update public.connections set status = 'inactive' where id = ${world.connectionId}`;
  assertEquals(await refusalOf(add(world.adminId)), "PT404");
});

databaseTest(
  "a connection that is inactive gives no secret away and stays inactive",
  async (sql) => {
    const { connectionId, ...world } = await createWorld(sql);
    const token = "t".repeat(43) + crypto.randomUUID();
    await sql`
    update private.connection_credentials set webhook_token_hash = sha256(${token}::bytea)
    where connection_id = ${connectionId}`;
    const read = async () => {
      const credentials = await asService(
        sql,
        (tx) =>
          tx`select 1 from public.read_connection_credentials(array[${connectionId}::uuid], 'test')`,
      );
      const keys = await asService(
        sql,
        (tx) => tx`select 1 from public.read_webhook_secret('twilio', ${token})`,
      );
      const otherProvider = await asService(
        sql,
        (tx) => tx`select 1 from public.read_webhook_secret('telnyx', ${token})`,
      );
      return [credentials.length, keys.length, otherProvider.length];
    };
    const active = await read();
    await sql`update public.connections set status = 'inactive' where id = ${connectionId}`;

    const inactive = await read();
    await asService(sql, (tx) => tx`select public.record_connection_check(${connectionId})`);

    assertEquals([active, inactive], [[1, 1, 0], [0, 0, 0]]);
    const [{ status } = {}] = await sql`
    select status from public.connections where workspace_id = ${world.workspaceId}`;
    assertEquals(status, "inactive");
  },
);

databaseTest("a read of a webhook key is logged", async (sql) => {
  const { connectionId } = await createWorld(sql);
  const token = "t".repeat(43) + crypto.randomUUID();
  await sql`
    update private.connection_credentials set webhook_token_hash = sha256(${token}::bytea)
    where connection_id = ${connectionId}`;

  await asService(sql, (tx) => tx`select 1 from public.read_webhook_secret('twilio', ${token})`);

  const rows = await sql`
    select actor, reason from private.credential_access_log where connection_id = ${connectionId}`;
  assertEquals([...rows], [{ actor: "service_role", reason: "webhook" }]);
});

databaseTest("only an active number is written down as pointing at us", async (sql) => {
  const { connectionId, phoneNumberId } = await createWorld(sql);
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where id = ${phoneNumberId}`;
  const [{ external_id } = {}] = await sql`
    select external_id from public.phone_numbers where id = ${phoneNumberId}`;
  const results = [{ external_id, is_configured: true, webhook_url: "https://x", error: null }];

  await asService(
    sql,
    (tx) => tx`select public.record_number_webhooks(${connectionId}, ${tx.json(results)})`,
  );

  const [row] = await sql`
    select webhook_configured from public.phone_numbers where id = ${phoneNumberId}`;
  assertEquals(row!.webhook_configured, false);
});

databaseTest("connecting again retires what is gone, and what is not ready yet", async (sql) => {
  const world = await createWorld(sql);
  const [kept, pending, gone] = [freshNumber(), freshNumber(), freshNumber()];
  const connect = (numbers: [string, string][]) =>
    asService(sql, (tx) => {
      const listed = numbers.map(([phone_number, status]) => ({
        phone_number,
        external_id: `PN${phone_number}`,
        capabilities: {},
        status,
      }));
      return tx`select id from public.store_connection(
        ${world.ownerId}, ${world.workspaceId}, 'twilio', 'AC1', 'x', '{}'::jsonb,
        ${"t".repeat(43) + crypto.randomUUID()}, 'x', ${tx.json(listed)}
      )`;
    });
  await connect([[kept, "active"], [pending, "active"], [gone, "active"]]);

  await connect([[kept, "active"], [pending, "pending"]]);

  const rows = await sql`
    select phone_number, status from public.phone_numbers
    where phone_number = any (${[kept, pending, gone]})`;
  assertEquals(Object.fromEntries(rows.map((row) => [row.phone_number, row.status])), {
    [kept]: "active",
    [pending]: "pending",
    [gone]: "inactive",
  });
});

databaseTest(
  "a personal connection is there for the person who made it, and nobody else",
  async (sql) => {
    const world = await createFullWorld(sql);
    const id = world.personalConnectionId;
    const tryAs = async (userId: string) => {
      const seen = await asUser(
        sql,
        userId,
        (tx) => tx`select id from public.connections where id = ${id}`,
      );
      const changed = await asUser(
        sql,
        userId,
        (tx) => tx`update public.connections set priority = 1 where id = ${id}`,
      );
      return [seen.length, changed.count];
    };

    assertEquals([await tryAs(world.adminId), await tryAs(world.ownerId)], [[1, 1], [0, 0]]);
  },
);

databaseTest("two accounts connected at once choose one default number", async (sql) => {
  const world = await createWorld(sql);
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false
    where id = ${world.phoneNumberId}`;
  const [second] = await asService(sql, (tx) =>
    tx`select id from public.store_connection(
      ${world.ownerId}, ${world.workspaceId}, 'twilio', 'AC2', 'x', '{}'::jsonb,
      ${"t".repeat(43) + crypto.randomUUID()}, 'x', '[]'::jsonb
    )`);
  const add = (connection: postgres.ReservedSql, connectionId: string) => {
    const number = { phone_number: freshNumber(), external_id: "PN1", capabilities: {} };
    const numbers = connection.json([{ ...number, status: "active" }]);
    return connection`select private.import_phone_numbers(${connectionId}, ${numbers})`;
  };
  const [one, other] = [await sql.reserve(), await sql.reserve()];
  try {
    const otherPid = await pidOf(other);
    await one`begin`;
    await add(one, world.connectionId);
    const adding = add(other, second!.id).execute();
    await untilSettledOrBlocked(sql, otherPid, adding);
    await one`commit`;
    await adding;
  } finally {
    one.release();
    other.release();
  }
  const defaults = await sql`
    select from public.phone_numbers where workspace_id = ${world.workspaceId} and is_default`;
  assertEquals(defaults.length, 1);
});

databaseTest("open invitations go with the admin who made it", async (sql) => {
  const world = await createWorld(sql);
  const invitedBy = async (userId: string, email: string) => {
    const [row] = await asUser(
      sql,
      userId,
      (tx) => tx`select id from public.create_invitation(${world.workspaceId}, ${email})`,
    );
    return row!.id as string;
  };
  const [theirs, others] = [
    await invitedBy(world.adminId, "theirs@example.com"),
    await invitedBy(world.ownerId, "others@example.com"),
  ];

  await asUser(
    sql,
    world.ownerId,
    (tx) => tx`select public.remove_member(${world.workspaceId}, ${world.adminId})`,
  );

  const open = await sql`
    select id from public.workspace_invitations
    where id in (${theirs}, ${others}) and revoked_at is null`;
  assertEquals(open.map((row) => row.id), [others]);
});

databaseTest("an account that is connected again is granted to agents again", async (sql) => {
  const world = await createFullWorld(sql);
  const isGranted = async () => {
    const [row] = await sql`
      select private.agent_can(${world.agentId}, ${world.connectionId}, 'twilio_send_sms') as can`;
    return row!.can;
  };
  const before = await isGranted();

  await asService(
    sql,
    (tx) => tx`select public.disconnect(${world.adminId}, ${world.connectionId})`,
  );
  await sql`update public.connections set status = 'active' where id = ${world.connectionId}`;

  assertEquals([before, await isGranted()], [true, false]);
});

databaseTest("the audit log tells nobody a personal number", async (sql) => {
  const world = await createFullWorld(sql);
  const numbers = [{ phone_number: freshNumber(), external_id: "PN1", capabilities: {} }];
  const add = (connectionId: string) =>
    asService(
      sql,
      (tx) =>
        tx`select id from public.store_phone_numbers(${world.adminId}, ${connectionId}, ${
          tx.json(numbers)
        })`,
    );
  await add(world.personalConnectionId);
  await add(world.connectionId);

  const rows = await sql`
    select details from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'phone_number.added' order by id`;
  assertEquals(rows.map((row) => row.details), [{}, { phone_number: numbers[0]!.phone_number }]);
});
