import { databaseTest, enqueue, ingest, type Row } from "../support/engine.ts";
import { createWorld, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const freshAddress = () => `patient-${crypto.randomUUID()}@example.net`;

/** A world with an address, and ways to write to it and from it. */
async function createMailWorld(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const domain = `${crypto.randomUUID()}.example.com`;
  await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at)
    values (${world.connectionId}, ${`desk@${domain}`}, 'active', now())`;
  return { world, domain, mailbox: `desk@${domain}` };
}

function emailTo(to: string, changes: Row = {}): Row {
  return {
    kind: "message",
    channel: "email",
    externalId: crypto.randomUUID(),
    from: freshAddress(),
    to,
    text: "Hello",
    media: [],
    subject: "Question",
    html: "<p>Hello</p>",
    cc: ["colleague@example.net"],
    messageId: `${crypto.randomUUID()}@example.net`,
    references: [],
    ...changes,
  };
}

async function conversationOf(sql: postgres.Sql, world: World, externalId: unknown) {
  const [row] = await sql`
    select t.id, t.subject, t.contact_address from public.conversation_messages as m
    join public.conversations as t on t.id = m.conversation_id
    where m.workspace_id = ${world.workspaceId} and m.external_id = ${String(externalId)}`;
  return row;
}

async function detailsOf(sql: postgres.Sql, messageId: string) {
  const [row] = await sql`select * from public.email_details where message_id = ${messageId}`;
  return row!;
}

databaseTest("an e-mail is found by any of its references, the latest first", async (sql) => {
  const { world, mailbox } = await createMailWorld(sql);
  const [first, second] = [emailTo(mailbox), emailTo(mailbox)];
  const follow = (references: unknown[]) => emailTo(mailbox, { references });
  const both = follow([first.messageId, second.messageId, "unknown@example.net"]);
  const older = follow([first.messageId, "unknown@example.net"]);
  const none = follow(["unknown@example.net"]);

  for (const event of [first, second, both, older, none]) {
    await ingest(sql, world.connectionId, [event]);
  }

  const idOf = async (event: Row) => (await conversationOf(sql, world, event.externalId))!.id;
  assertEquals(await idOf(both), await idOf(second));
  assertEquals(await idOf(older), await idOf(first));
  assertEquals(new Set([await idOf(first), await idOf(second), await idOf(none)]).size, 3);
});

databaseTest("another workspace's thread is not found by its reference", async (sql) => {
  const [mine, theirs] = [await createMailWorld(sql), await createMailWorld(sql)];
  const event = emailTo(theirs.mailbox);
  await ingest(sql, theirs.world.connectionId, [event]);
  const answer = emailTo(mine.mailbox, { references: [event.messageId] });

  const [row] = await ingest(sql, mine.world.connectionId, [answer]);

  assertEquals(row!.state, "processed");
  const [own, other] = [
    await conversationOf(sql, mine.world, answer.externalId),
    await conversationOf(sql, theirs.world, event.externalId),
  ];
  assertEquals(own!.id !== other!.id, true);
});

databaseTest(
  "somebody in copy who answers joins the thread, and is not written to instead",
  async (sql) => {
    const { world, mailbox } = await createMailWorld(sql);
    const event = emailTo(mailbox);
    const answer = emailTo(mailbox, { references: [event.messageId] });
    await ingest(sql, world.connectionId, [event]);
    await ingest(sql, world.connectionId, [answer]);

    const thread = await conversationOf(sql, world, answer.externalId);

    assertEquals(thread!.contact_address, event.from);
    assertEquals(thread!.id, (await conversationOf(sql, world, event.externalId))!.id);
  },
);

databaseTest(
  "an e-mail for nobody of ours, or a sender not active, is quarantined",
  async (sql) => {
    const { world, mailbox } = await createMailWorld(sql);
    await sql`
    insert into public.email_senders (connection_id, email_address, status)
    values (${world.connectionId}, 'pending@example.com', 'pending')`;

    const rows = await ingest(sql, world.connectionId, [
      emailTo("nobody@example.com"),
      emailTo("pending@example.com"),
      emailTo(mailbox.toUpperCase()),
    ]);

    assertEquals(rows.map((row) => row.state), ["quarantined", "quarantined", "processed"]);
    const [stored] = await sql`select reason from public.webhook_events where id = ${
      rows[0]!.event_id
    }`;
    assertEquals(stored!.reason, "no_such_address");
  },
);

databaseTest(
  "a whole domain receives for its addresses, and not for what is below it",
  async (sql) => {
    const { world, domain } = await createMailWorld(sql);
    await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at)
    values (${world.connectionId}, ${`*@${domain}`}, 'active', now())`;
    const events = ["sales", "desk"].map((name) => emailTo(`${name}@${domain}`));

    const rows = await ingest(sql, world.connectionId, [
      ...events,
      emailTo(`sales@below.${domain}`),
    ]);

    assertEquals(rows.map((row) => row.state), ["processed", "processed", "quarantined"]);
    const senders = await sql`
    select e.email_address from public.conversation_messages as m
    join public.email_senders as e on e.id = m.email_sender_id
    where m.workspace_id = ${world.workspaceId} order by m.created_at`;
    assertEquals(senders.map((row) => row.email_address), [`*@${domain}`, `desk@${domain}`]);
  },
);

databaseTest("html, copies and ids of an inbound e-mail are kept", async (sql) => {
  const { world, mailbox } = await createMailWorld(sql);
  const event = emailTo(mailbox, { references: ["a@example.net", "b@example.net"] });
  const [row] = await ingest(sql, world.connectionId, [event]);

  const [{ message_id } = {}] = await sql`
    select message_id from public.webhook_events where id = ${row!.event_id}`;
  const details = await detailsOf(sql, message_id);

  assertEquals(
    [details.html, details.cc, details.internet_message_id, details.reference_ids],
    ["<p>Hello</p>", ["colleague@example.net"], event.messageId, [
      "a@example.net",
      "b@example.net",
    ]],
  );
});

databaseTest("Re: stands before a subject once, whatever mail programs put there", async (sql) => {
  const subjects = ["Bill", "Re: Bill", "RE: re:  Bill", "AW: Re: Bill", "", null, "x".repeat(998)];
  const rows = await sql`
    select private.reply_subject(s.subject) as subject
    from unnest(${subjects as string[]}::text[]) with ordinality as s (subject, position) order by s.position`;
  assertEquals(rows.map((row) => row.subject), [
    ...Array(4).fill("Re: Bill"),
    "Re: (no subject)",
    "Re: (no subject)",
    `Re: ${"x".repeat(994)}`,
  ]);
});

databaseTest("answers refer to the first of a thread and to the latest, each once", async (sql) => {
  const { world, mailbox } = await createMailWorld(sql);
  const event = emailTo(mailbox, { messageId: "first@example.net" });
  await ingest(sql, world.connectionId, [event]);
  const { id } = (await conversationOf(sql, world, event.externalId))!;

  let details: Row = {};
  for (let round = 0; round < 15; round++) {
    const [row] = await enqueue(sql, world, [{ conversation_id: id, body: `Answer ${round}` }]);
    assertEquals(row!.error_code, null);
    details = await detailsOf(sql, row!.message_id);
  }
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

  const references = details.reference_ids as string[];
  assertEquals([references.length, references[0]], [10, "first@example.net"]);
  assertEquals(new Set(references).size, 10);
  assertEquals(details.subject, "Re: Question");
});

databaseTest("an answer goes from the address that was written to", async (sql) => {
  const { world, mailbox } = await createMailWorld(sql);
  await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at, is_default)
    values (${world.connectionId}, ${`default-${mailbox}`}, 'active', now(), true)`;
  const event = emailTo(mailbox);
  await ingest(sql, world.connectionId, [event]);
  const { id } = (await conversationOf(sql, world, event.externalId))!;
  const send = async (message: Row) => {
    const [row] = await enqueue(sql, world, [{ body: "Hello", ...message }]);
    const [stored] = await sql`
      select from_address from public.conversation_messages where id = ${row!.message_id}`;
    return stored!.from_address;
  };

  const answered = await send({ conversation_id: id });
  const begun = await send({ channel: "email", to_address: freshAddress(), subject: "Hello" });
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

  assertEquals([answered, begun], [mailbox, `default-${mailbox}`]);
});
