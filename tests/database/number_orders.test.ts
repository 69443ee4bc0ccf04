import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { databaseTest } from "../support/engine.ts";
import { createFullWorld, type FullWorld } from "../support/full_world.ts";
import { asRole, readTestStack, refusalOf } from "../support/stack.ts";
import { asService, createWorld, freshNumber, type World } from "../support/world.ts";

interface Order {
  actorId?: string;
  connectionId?: string;
  phoneNumber?: string;
  key?: string;
}

async function reserve(sql: postgres.Sql, world: World, order: Order = {}) {
  const { actorId = world.adminId, connectionId = world.connectionId, key = "k" } = order;
  const [row] = await asService(
    sql,
    (tx) =>
      tx`select * from public.reserve_number_order(
        ${actorId}, ${connectionId}, ${order.phoneNumber ?? "+14155550150"}, 'US', ${key}
      )`,
  );
  return { id: row!.number_order_id as string, isNew: row!.is_new as boolean };
}

async function orderOf(sql: postgres.Sql, id: string) {
  const [order] = await sql`select * from public.number_orders where id = ${id}`;
  return order!;
}

const record = (sql: postgres.Sql, id: string, state: string, details: string[] = []) =>
  asService(sql, (tx) => {
    const [externalId = null, errorCode = null, reason = null] = details;
    return tx`select public.record_number_order(${id}, ${state}, ${externalId}, ${errorCode}, ${reason})`;
  });

const claim = (sql: postgres.Sql) =>
  asService(sql, (tx) => tx`select * from public.claim_number_orders(1000)`);

databaseTest("nobody orders who may not manage the connection", async (sql) => {
  const world = await createFullWorld(sql);
  const other = await createWorld(sql);
  const refusals = [];
  for (
    const order of [
      { actorId: other.ownerId },
      { actorId: world.memberId },
      { actorId: world.memberId, connectionId: world.personalConnectionId },
      { connectionId: crypto.randomUUID() },
    ]
  ) {
    refusals.push(await refusalOf(() => reserve(sql, world, order)));
  }
  await sql`update public.connections set status = 'inactive' where id = ${world.connectionId}`;
  refusals.push(await refusalOf(() => reserve(sql, world)));

  assertEquals(refusals, ["PT404", "PT403", "PT403", "PT404", "PT404"]);
});

databaseTest(
  "orders are read by admins, those of a personal connection by its owner",
  async (sql) => {
    const world = await createFullWorld(sql);
    await sql`delete from public.number_orders where workspace_id = ${world.workspaceId}`;
    const shared = await reserve(sql, world);
    const clicksend = { actorId: world.memberId, connectionId: world.clicksendConnectionId };
    const personal = await reserve(sql, world, { ...clicksend, key: "mine" });
    const seenBy = async (userId: string) => {
      const rows = await asRole(
        sql,
        "authenticated",
        userId,
        (tx) => tx`select id from public.number_orders where workspace_id = ${world.workspaceId}`,
      );
      return rows.map((row) => row.id);
    };

    assertEquals(await seenBy((await createWorld(sql)).ownerId), []);
    assertEquals(await seenBy(world.removedMemberId), []);
    assertEquals(await seenBy(world.memberId), [personal.id]);
    assertEquals(await seenBy(world.adminId), [shared.id]);
    assertEquals(await seenBy(world.ownerId), [shared.id]);
  },
);

databaseTest("a key used through another connection is refused", async (sql) => {
  const world = await createFullWorld(sql);
  await reserve(sql, world);

  const refusal = await refusalOf(() =>
    reserve(sql, world, { connectionId: world.personalConnectionId })
  );

  assertEquals(refusal, "PT409");
});

databaseTest("an order that has ended stays as it is", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await reserve(sql, world);
  await record(sql, id, "failed", [, "rejected", "No"] as never);

  await record(sql, id, "pending", ["order-1"]);

  const order = await orderOf(sql, id);
  assertEquals([order.state, order.external_id, order.due_at], ["failed", null, null]);
  assertEquals((await reserve(sql, world)).isNew, false);
});

databaseTest(
  "only an order that may be tried again is begun again by its key, once",
  async (sql) => {
    const world = await createWorld(sql);
    const { id } = await reserve(sql, world);
    await asService(
      sql,
      (tx) =>
        tx`select public.record_number_order(${id}, 'failed', null, 'rate_limited', 'Wait', true)`,
    );

    const again = await reserve(sql, world);
    const third = await reserve(sql, world);

    assertEquals([again, third], [{ id, isNew: true }, { id, isNew: false }]);
    const order = await orderOf(sql, id);
    assertEquals([order.state, order.error_code, order.finished_at], ["requested", null, null]);
  },
);

databaseTest("two trackers at once take each order once, and not before it is due", async (sql) => {
  const world = await createWorld(sql);
  const ids: string[] = [];
  for (let index = 0; index < 6; index++) {
    const { id } = await reserve(sql, world, { phoneNumber: freshNumber(), key: `key ${index}` });
    ids.push(id);
  }
  const [undue, ...due] = ids as [string, ...string[]];
  await sql`update public.number_orders set due_at = now() where id = any (${due})`;

  const claimed = (await Promise.all([claim(sql), claim(sql), claim(sql)])).flat()
    .map((row) => row.number_order_id).filter((id) => ids.includes(id));

  assertEquals(claimed.toSorted(), due.toSorted());
  assertEquals((await orderOf(sql, undue)).state, "requested");
  assertEquals((await orderOf(sql, due[0]!)).state, "unknown");
});

databaseTest(
  "what a webhook says makes an open order of that connection due, and no other",
  async (sql) => {
    const world = await createWorld(sql);
    const other = await createWorld(sql);
    const { id } = await reserve(sql, world);
    await record(sql, id, "pending", ["order-1"]);
    const tell = async (connectionId: string, orderId: string) => {
      const [row] = await sql`
      select private.apply_number_order_event(${connectionId}, ${orderId}) as id`;
      return row!.id;
    };

    const strange = [
      await tell(other.connectionId, "order-1"),
      await tell(world.connectionId, "order-2"),
    ];
    const meant = await tell(world.connectionId, "order-1");
    const claimed = await claim(sql);
    await record(sql, id, "failed", ["order-1", "rejected", "No"]);
    const late = await tell(world.connectionId, "order-1");

    assertEquals([...strange, meant, late], [null, null, id, null]);
    assertEquals(claimed.map((row) => row.number_order_id), [id]);
  },
);

databaseTest(
  "a number bought for an account that was disconnected is kept, and not used",
  async (sql) => {
    const world = await createWorld(sql);
    const { id } = await reserve(sql, world);
    await asService(
      sql,
      (tx) => tx`select public.disconnect(${world.adminId}, ${world.connectionId})`,
    );

    const number = {
      phone_number: "+14155550150",
      external_id: "PN1",
      capabilities: { sms: true },
      status: "active",
    };
    const [stored] = await asService(
      sql,
      (tx) => tx`select * from public.store_ordered_number(${id}, ${tx.json(number)})`,
    );
    const unknown = await asService(
      sql,
      (tx) =>
        tx`select * from public.store_ordered_number(${crypto.randomUUID()}, ${tx.json(number)})`,
    );

    assertEquals([stored!.status, unknown.length], ["pending", 0]);
  },
);

databaseTest("a personal number is nobody's to read in the audit log", async (sql) => {
  const world: FullWorld = await createFullWorld(sql);
  const connectionId = world.clicksendConnectionId;
  const { id } = await reserve(sql, world, { actorId: world.memberId, connectionId });

  const [entry] = await sql`select details from public.audit_log where entity_id = ${id}`;

  assertEquals(entry!.details, {});
});

databaseTest(
  "the schedule calls the maintenance when something is due, and not otherwise",
  async (sql) => {
    const world = await createWorld(sql);
    const admin = postgres(readTestStack().admin_database_url, { max: 1, onnotice: () => {} });
    class Undo extends Error {}
    try {
      await admin.begin(async (tx) => {
        await tx`update public.number_orders set due_at = due_at + interval '1 day' where due_at is not null`;
        await tx`update public.phone_numbers set last_verified_at = now() where last_verified_at is not null`;
        const [without] = await tx`select private.schedule_maintenance() as is_set`;
        await tx.unsafe(`
        create schema cron; create table cron.called (name text, schedule text, command text);
        create function cron.schedule(text, text, text) returns bigint language sql
          as 'insert into cron.called values ($1, $2, $3) returning 1::bigint';
        create schema net; create table net.called (url text, headers jsonb);
        create function net.http_post(url text, body jsonb, params jsonb, headers jsonb, timeout_milliseconds integer)
          returns bigint language sql as 'insert into net.called values ($1, $4) returning 1::bigint';
        grant usage on schema cron, net to postgres;
        grant all on all tables in schema cron, net to postgres;`);
        const [withBoth] = await tx`select private.schedule_maintenance() as is_set`;
        const [job] = await tx`select schedule, command from cron.called`;
        await tx`select vault.create_secret('https://project.example.com', 'switchboard_url')`;
        await tx`select vault.create_secret('sb_secret_x', 'switchboard_secret_key')`;
        const callsAfter = async (change: string) => {
          await tx.unsafe(change);
          await tx`delete from net.called where true`;
          await tx.unsafe(job!.command);
          const rows = await tx`select url, headers ->> 'apikey' as key from net.called`;
          return [...rows];
        };

        const idle = await callsAfter("select 1");
        const stale = await callsAfter(`
        update public.phone_numbers set last_verified_at = now() - interval '25 hours'
        where id = '${world.phoneNumberId}'`);
        const asked = await callsAfter(
          `insert into private.number_verifications (connection_id) values ('${world.connectionId}')`,
        );
        const ordered = await callsAfter(`
        insert into public.number_orders (
          workspace_id, connection_id, phone_number, country, idempotency_key, idempotency_fingerprint, due_at
        )
        values (
          '${world.workspaceId}', '${world.connectionId}', '+14155550151', 'US', 'due', sha256('x'), now()
        )`);

        assertEquals([without!.is_set, withBoth!.is_set, job!.schedule], [
          false,
          true,
          "* * * * *",
        ]);
        const call = {
          url: "https://project.example.com/functions/v1/maintenance",
          key: "sb_secret_x",
        };
        assertEquals([idle, stale, asked, ordered], [[], [call], [], [call]]);
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
    } finally {
      await admin.end();
    }
  },
);
