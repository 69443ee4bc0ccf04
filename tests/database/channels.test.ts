import {
  claimLookUp,
  databaseTest,
  enqueue,
  ingest,
  messageOf,
  record,
  type Row,
  textFrom,
} from "../support/engine.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const freshAddress = () => `patient-${crypto.randomUUID()}@example.net`;

async function addMailbox(
  sql: postgres.Sql,
  { connectionId }: World,
  address = `desk@${crypto.randomUUID()}.example.com`,
): Promise<string> {
  await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at)
    values (${connectionId}, ${address}, 'active', now())`;
  return address;
}

const enableWhatsApp = (sql: postgres.Sql, { phoneNumberId }: World, more: Row = {}) =>
  sql`
    update public.phone_numbers set capabilities = capabilities || ${
    sql.json({ whatsapp: true, ...more } as never)
  } where id = ${phoneNumberId}`;

const claim = (sql: postgres.Sql, limit = 10) =>
  asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(${limit})`);

const email = (to_address: string, changes: Row = {}): Row => ({
  channel: "email",
  to_address,
  subject: "Hello",
  body: "Hello",
  ...changes,
});

databaseTest(
  "a batch of every channel is stored, each message in its own, and claimed with it",
  async (sql) => {
    const world = await createWorld(sql);
    await enableWhatsApp(sql, world);
    const mailbox = await addMailbox(sql, world);
    const contact = freshNumber();
    await ingest(sql, world.connectionId, [textFrom(world, contact, { channel: "whatsapp" })]);

    const rows = await enqueue(sql, world, [
      email(freshAddress(), { html: "<p>Hello</p>" }),
      { channel: "whatsapp", to_address: contact, body: "Hello" },
      { to_address: contact, body: "Hello" },
      { channel: "whatsapp", to_address: freshNumber(), body: "Hello" },
    ]);
    const claimed = await claim(sql);

    assertEquals(rows.map((row) => row.error_code), [null, null, null, "outside_window"]);
    assertEquals(new Set(rows.slice(0, 3).map((row) => row.conversation_id)).size, 3);
    const byId = new Map(claimed.map((row) => [row.message_id, row]));
    assertEquals(
      rows.slice(0, 3).map((row) => {
        const { channel, from_address, provider } = byId.get(row.message_id)!;
        return [channel, from_address, provider];
      }),
      [
        ["email", mailbox, "twilio"],
        ["whatsapp", world.phoneNumber, "twilio"],
        ["sms", world.phoneNumber, "twilio"],
      ],
    );
    const [{ email: part } = {}] = await asService(
      sql,
      (tx) => tx`select email from public.read_outbound_details(${[rows[0]!.message_id]}::uuid[])`,
    );
    assertEquals([part.subject, part.html, part.attachment_count], ["Hello", "<p>Hello</p>", 0]);
  },
);

databaseTest("a copy's address that opts out after queueing holds the e-mail back", async (sql) => {
  const world = await createWorld(sql);
  await addMailbox(sql, world);
  const copied = freshAddress();
  const file = { file_name: "a.txt", content_type: "text/plain", content: btoa("x") };
  const [queued] = await enqueue(sql, world, [
    email(freshAddress(), { bcc: [copied], attachments: [file] }),
  ]);
  await ingest(sql, world.connectionId, [{
    kind: "opt_out",
    externalId: crypto.randomUUID(),
    status: "opted_out",
    address: copied,
    isOptedOut: true,
    source: "complaint",
  }]);

  const claimed = await claim(sql);

  assertEquals(claimed.filter((job) => job.message_id === queued!.message_id), []);
  assertEquals((await messageOf(sql, queued!.message_id)).error_code, "recipient_opted_out");
  const files = await sql`
    select from private.email_attachments where message_id = ${queued!.message_id}`;
  assertEquals(files.length, 0);
});

databaseTest(
  "files stay while an e-mail may be tried again, and go once it is settled",
  async (sql) => {
    const world = await createWorld(sql);
    await addMailbox(sql, world);
    const file = {
      file_name: "a.txt",
      content_type: "text/plain",
      content: btoa("content\n".repeat(20)),
    };
    const [queued] = await enqueue(sql, world, [
      email(freshAddress(), { attachments: [file, file] }),
    ]);
    const id = queued!.message_id;
    const readFiles = () =>
      asService(sql, (tx) => tx`select * from public.read_email_attachments(${id})`);
    const settle = async (result: Row) => {
      const updated = await sql`
        update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where message_id = ${id} returning message_id`;
      const job = updated.length > 0 ? (await claim(sql, 1))[0]! : await claimLookUp(sql, id);
      await record(sql, job.lease_token, [{ message_id: id, ...result }]);
      return (await readFiles()).length;
    };

    const [first] = await readFiles();
    const left = [
      await settle({ outcome: "rejected", error_code: "rate_limited", is_retryable: true }),
      await settle({ outcome: "unknown" }),
      await settle({ outcome: "accepted", external_id: "SM1", status: "sent" }),
    ];

    assertEquals({ ...first }, { ...file, content_id: null });
    assertEquals(left, [2, 2, 0]);
    const [job] = await sql`select from private.outbound_jobs where message_id = ${id}`;
    assertEquals(job, undefined);
  },
);

databaseTest("what is retried or looked up keeps its channel", async (sql) => {
  const world = await createWorld(sql);
  await addMailbox(sql, world);
  const [queued] = await enqueue(sql, world, [email(freshAddress())]);
  const [job] = await claim(sql, 1);
  await record(sql, job!.lease_token, [{ message_id: queued!.message_id, outcome: "unknown" }]);

  const lookedUp = await claimLookUp(sql, queued!.message_id);
  await sql`update private.outbound_leases set ends_at = now() where token = ${lookedUp.lease_token}`;
  const lookedUpAgain = await claimLookUp(sql, queued!.message_id);

  assertEquals(
    [lookedUp, lookedUpAgain].map((row) => [row.channel, row.message_id]),
    Array(2).fill(["email", queued!.message_id]),
  );
});

databaseTest("a restricted member writes e-mails only where it is assigned", async (sql) => {
  const world = await createWorld(sql);
  const mailbox = await addMailbox(sql, world);
  const contact = freshAddress();
  await ingest(sql, world.connectionId, [{
    ...textFrom(world, contact),
    channel: "email",
    to: mailbox,
    subject: "Question",
    html: "",
    cc: [],
    messageId: "",
    references: [],
  }]);
  const [thread] = await sql`
    select id from public.conversations where workspace_id = ${world.workspaceId} and channel = 'email'`;
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  const send = async (message: Row) => {
    const [row] = await enqueue(sql, world, [message]);
    return row!.error_code;
  };

  const before = [
    await send(email(freshAddress())),
    await send({ conversation_id: thread!.id, body: "Hello" }),
  ];
  await sql`update public.conversations set assigned_to = ${world.memberId} where id = ${
    thread!.id
  }`;
  const after = [
    await send(email(freshAddress())),
    await send({ conversation_id: thread!.id, body: "Hello" }),
  ];
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

  assertEquals([before, after], [["no_sender", "conversation_not_found"], ["no_sender", null]]);
});

databaseTest("a personal account's address is its owner's alone", async (sql) => {
  const world = await createWorld(sql);
  const [connection] = await sql`
    select id from public.store_connection(
      ${world.memberId}, ${world.workspaceId}, 'resend', ${crypto.randomUUID()}, 'Mine',
      ${sql.json({ key: "x" })}, ${crypto.randomUUID() + crypto.randomUUID()}, 'x', '[]', true
    )`;
  const mailbox = await addMailbox(sql, { ...world, connectionId: connection!.id });
  const send = async (userId: string) => {
    const messages = [email(freshAddress(), { from_address: mailbox })];
    const [row] = await asUser(
      sql,
      userId,
      (tx) =>
        tx`select * from public.enqueue_messages(${world.workspaceId}, ${
          tx.json(messages as never)
        })`,
    );
    return row!.error_code;
  };

  assertEquals([await send(world.adminId), await send(world.memberId)], ["sender_not_found", null]);
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
});

databaseTest("a call that came in is written down once, and moves forward", async (sql) => {
  const world = await createWorld(sql);
  const externalId = "CA" + crypto.randomUUID();
  const tell = (status: string, more: Row = {}) =>
    ingest(sql, world.connectionId, [
      { kind: "call", externalId, status, from: freshNumber(), to: world.phoneNumber, ...more },
    ]);

  const states = [
    await tell("ringing"),
    await tell("in_progress"),
    await tell("completed", { durationSeconds: 60, price: "0.02", priceCurrency: "USD" }),
    await tell("completed"),
  ].map(([row]) => row!.state);

  const calls = await sql`
    select direction, status, duration_seconds, price::text, price_currency from public.calls
    where workspace_id = ${world.workspaceId}`;
  assertEquals(states, ["processed", "processed", "processed", "duplicate"]);
  assertEquals(calls.map((row) => ({ ...row })), [{
    direction: "inbound",
    status: "completed",
    duration_seconds: 60,
    price: "0.02",
    price_currency: "USD",
  }]);
});

databaseTest(
  "a call to nobody of ours, and one that nobody knows, are quarantined",
  async (sql) => {
    const world = await createWorld(sql);
    const event = { kind: "call", status: "ringing" };

    const rows = await ingest(sql, world.connectionId, [
      { ...event, externalId: "CA1", from: freshNumber(), to: freshNumber() },
      { ...event, externalId: "CA2" },
      { ...event, externalId: "CA3", callId: crypto.randomUUID() },
    ]);

    assertEquals(rows.map((row) => row.state), Array(3).fill("quarantined"));
  },
);

databaseTest("every order of a call's reports ends in the same state", async (sql) => {
  const world = await createWorld(sql);
  const words = ["ringing", "in_progress", "completed"];
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  for (const [index, order] of orders.entries()) {
    for (const position of order) {
      await ingest(sql, world.connectionId, [{
        kind: "call",
        externalId: `CA-order-${index}`,
        status: words[position],
        from: freshNumber(),
        to: world.phoneNumber,
        ...(position === 2 ? { durationSeconds: 3 } : {}),
      }]);
    }
  }

  const calls = await sql`
    select status, duration_seconds, ended_at is not null as has_ended from public.calls
    where workspace_id = ${world.workspaceId}`;
  assertEquals(calls.length, orders.length);
  for (const call of calls) {
    assertEquals({ ...call }, { status: "completed", duration_seconds: 3, has_ended: true });
  }
});

databaseTest("an opt-out told twice is one, and a later start ends it", async (sql) => {
  const world = await createWorld(sql);
  const address = freshAddress();
  const tell = (isOptedOut: boolean, externalId: string) =>
    ingest(sql, world.connectionId, [{
      kind: "opt_out",
      externalId,
      status: isOptedOut ? "opted_out" : "opted_in",
      address: address.toUpperCase(),
      isOptedOut,
      source: "unsubscribe_link",
    }]);
  const read = () =>
    sql`select source, ended_source from public.opt_outs where workspace_id = ${world.workspaceId}`;

  const states = [await tell(true, "1"), await tell(true, "2"), await tell(true, "1")]
    .map(([row]) => row!.state);
  const held = await read();
  await tell(false, "1");
  const ended = await read();

  assertEquals(states, ["processed", "processed", "duplicate"]);
  assertEquals([{ ...held[0] }, held.length], [
    { source: "unsubscribe_link", ended_source: null },
    1,
  ]);
  assertEquals({ ...ended[0] }, { source: "unsubscribe_link", ended_source: "provider" });
});

databaseTest("senders and receivers on several channels never wait in a circle", async (sql) => {
  const world = await createWorld(sql);
  await enableWhatsApp(sql, world);
  const mailbox = await addMailbox(sql, world);
  const numbers = Array.from({ length: 6 }, freshNumber);
  const addresses = Array.from({ length: 6 }, freshAddress);
  const shuffled = <Item>(items: Item[]) => items.toSorted(() => Math.random() - 0.5);
  const inbound = () =>
    shuffled([
      ...numbers.flatMap((
        from,
      ) => [textFrom(world, from), textFrom(world, from, { channel: "whatsapp" })]),
      ...addresses.map((from) => ({
        ...textFrom(world, from),
        channel: "email",
        to: mailbox,
        subject: "Hello",
        html: "",
        cc: [],
        messageId: `${from}.known`,
        references: [`${from}.known`],
      })),
    ]);
  await ingest(sql, world.connectionId, inbound());
  const threads = await sql`
    select id from public.conversations where workspace_id = ${world.workspaceId} and channel = 'email'`;
  const outbound = () =>
    shuffled([
      ...numbers.flatMap((to_address) => [
        { to_address, body: "Hello" },
        { channel: "whatsapp", to_address, body: "Hello" },
      ]),
      ...threads.map(({ id }) => ({ conversation_id: id, body: "Hello" })),
      ...addresses.map((to_address) => email(to_address)),
    ]);
  const send = () =>
    asUser(
      sql,
      world.memberId,
      (tx) =>
        tx`select status as state from public.enqueue_messages(${world.workspaceId}, ${
          tx.json(outbound() as never)
        })`,
    );

  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all([
      send(),
      ingest(sql, world.connectionId, inbound()),
      send(),
      ingest(sql, world.connectionId, inbound()),
    ]);
    const states = new Set(answers.flat().map((row) => row.state));
    assertEquals(states, new Set(["processed", "queued"]));
  }
  const emails = await sql`
    select from public.conversations where workspace_id = ${world.workspaceId} and channel = 'email'`;
  assert(emails.length >= threads.length);
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
});
