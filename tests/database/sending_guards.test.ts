import {
  addNumber,
  databaseTest,
  ingest,
  pidOf,
  type Row,
  senderOf,
  textFrom,
  untilSettledOrBlocked,
} from "../support/engine.ts";
import { refusalOf } from "../support/stack.ts";
import { asUser, createWorld, freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import postgres from "postgres";

databaseTest("a number sends only what it can", async (sql) => {
  const world = await createWorld(sql);
  const media = { media_urls: ["https://media.example.com/1.png"] };
  const can = (capabilities: Row) =>
    sql`update public.phone_numbers set capabilities = ${sql.json(capabilities as never)}
      where id = ${world.phoneNumberId}`;
  const sendBoth = async () => [
    await senderOf(sql, world, { to_address: freshNumber() }),
    await senderOf(sql, world, { to_address: freshNumber(), ...media }),
  ];

  await can({ sms: true, mms: false });
  assertEquals(await sendBoth(), [world.phoneNumber, "no_sender"]);
  await can({ sms: false, mms: true });
  assertEquals(await sendBoth(), ["no_sender", "no_sender"]);
  await can({});
  assertEquals(await sendBoth(), ["no_sender", "no_sender"]);
  const able = await addNumber(sql, world, { sms: true, mms: true });
  await can({ sms: true, mms: false });
  assertEquals(await sendBoth(), [world.phoneNumber, able]);
});

databaseTest("a message leaves by its thread's number, else by the default one", async (sql) => {
  const world = await createWorld(sql);
  const second = await addNumber(sql, world, { sms: true });
  const to_address = freshNumber();
  const asked = await senderOf(sql, world, { to_address, from_address: second });

  const threaded = await senderOf(sql, world, { to_address });
  await sql`update public.phone_numbers set is_default = false where id = ${world.phoneNumberId}`;
  await sql`update public.phone_numbers set is_default = true where phone_number = ${second}`;
  const fresh = await senderOf(sql, world, { to_address: freshNumber() });

  assertEquals([asked, threaded, fresh], [second, second, second]);
});

databaseTest("another workspace's number is nobody's sender", async (sql) => {
  const [own, other] = [await createWorld(sql), await createWorld(sql)];

  const named = await senderOf(sql, own, {
    to_address: freshNumber(),
    from_address: other.phoneNumber,
  });
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where id = ${own.phoneNumberId}`;
  const unnamed = await senderOf(sql, own, { to_address: freshNumber() });

  assertEquals([named, unnamed], ["sender_not_found", "no_sender"]);
});

databaseTest("what enqueueing refuses on its own, whoever calls it", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();
  await ingest(sql, world.connectionId, [textFrom(world, from, { channel: "whatsapp" })]);
  const [whatsapp] = await sql`
    select id from public.conversations
    where workspace_id = ${world.workspaceId} and channel = 'whatsapp'`;
  const to_address = freshNumber();
  const url = `https://media.example.com/${"x".repeat(2_048)}`;

  const refusals = [
    await senderOf(sql, world, { conversation_id: whatsapp!.id, channel: "sms" }),
    await senderOf(sql, world, { to_address, idempotency_key: "" }),
    await senderOf(sql, world, { to_address, idempotency_key: "x".repeat(256) }),
    await senderOf(sql, world, { to_address, media_urls: [url] }),
    await senderOf(sql, world, { to_address: world.phoneNumber }),
  ];

  assertEquals(refusals, [
    "conversation_not_found",
    "idempotency_key_invalid",
    "idempotency_key_invalid",
    "media_url_invalid",
    "invalid_recipient",
  ]);
  for (const list of ["{}", "null", '"text"']) {
    const call = () =>
      asUser(
        sql,
        world.memberId,
        (tx) =>
          tx`select 1 from public.enqueue_messages(${world.workspaceId}, ${list}::text::jsonb)`,
      );
    assertEquals(await refusalOf(call), "PT400", list);
  }
});

databaseTest("a thread marked as spam stays so, and one put away comes back", async (sql) => {
  const world = await createWorld(sql);
  const [{ contact_address: from } = {}] = await sql`
    select contact_address from public.conversations where id = ${world.conversationId}`;
  const statusAfter = async (status: string, act: () => Promise<unknown>) => {
    await sql`update public.conversations set status = ${status} where id = ${world.conversationId}`;
    await act();
    const [row] =
      await sql`select status from public.conversations where id = ${world.conversationId}`;
    return row!.status;
  };
  const receive = () => ingest(sql, world.connectionId, [textFrom(world, from)]);
  const send = () => senderOf(sql, world, { conversation_id: world.conversationId });

  assertEquals(
    [
      await statusAfter("spam", receive),
      await statusAfter("spam", send),
      await statusAfter("archived", receive),
      await statusAfter("closed", send),
    ],
    ["spam", "spam", "active", "active"],
  );
});

databaseTest("a snippet is one line of 160 characters, and a reply reads nothing", async (sql) => {
  const world = await createWorld(sql);
  const body = `  Two\n\n lines\t${"x".repeat(300)}`;
  await sql`update public.conversations set is_unread = true where id = ${world.conversationId}`;

  await senderOf(sql, world, { conversation_id: world.conversationId, body });

  const [row] = await sql`
    select snippet, is_unread from public.conversations where id = ${world.conversationId}`;
  assertEquals({ ...row }, { snippet: `Two lines ${"x".repeat(150)}`, is_unread: true });
});

databaseTest("two who write to somebody new at once make one contact", async (sql) => {
  const world = await createWorld(sql);
  const address = freshNumber();
  const find = (connection: postgres.ReservedSql) =>
    connection`select contact_id from private.find_or_create_contacts(
      ${world.workspaceId}, 'phone', array[${address}]
    )`;
  const [first, second] = [await sql.reserve(), await sql.reserve()];
  try {
    const secondPid = await pidOf(second);
    await first`begin`;
    const [made] = await find(first);
    const finding = find(second).execute();
    await untilSettledOrBlocked(sql, secondPid, finding);
    await first`commit`;
    const [known] = await finding;

    assertEquals(known!.contact_id, made!.contact_id);
  } finally {
    first.release();
    second.release();
  }
  const nameless = await sql`
    select from public.contacts as c where c.workspace_id = ${world.workspaceId}
      and not exists (select from public.contact_addresses as k where k.contact_id = c.id)`;
  assertEquals(nameless.length, 0, "and none without an address");
});

databaseTest("of two owners who leave, the second sees the first go", async (sql) => {
  const { workspaceId, ownerId, adminId } = await createWorld(sql);
  await sql`
    update public.workspace_members set role = 'owner'
    where workspace_id = ${workspaceId} and user_id = ${adminId}`;
  const [first, second] = [await sql.reserve(), await sql.reserve()];
  const leave = async (connection: postgres.ReservedSql, userId: string) => {
    await connection`begin`;
    await connection`
      delete from public.workspace_members
      where workspace_id = ${workspaceId} and user_id = ${userId}`;
  };
  try {
    const secondPid = await pidOf(second);
    await leave(first, ownerId);
    await leave(second, adminId);
    await first`set constraints all immediate`;
    const check = second`set constraints all immediate`.execute();
    await untilSettledOrBlocked(sql, secondPid, check);
    await first`commit`;

    assertEquals(await refusalOf(() => check), "PT409");
  } finally {
    await second`rollback`;
    first.release();
    second.release();
  }
});
