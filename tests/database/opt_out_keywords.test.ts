import { databaseTest, ingest, type Row, senderOf, textFrom } from "../support/engine.ts";
import {
  confirmationsTo,
  flagsOf,
  hear,
  isOptedOut,
  optOutsOf,
  recordOptOut,
  throughProvider,
} from "../support/opt_outs.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";

databaseTest("a stop is kept with its message, its words and its time", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();

  const messageId = await hear(sql, world, from, " Stop! ");

  const [optOut, ...others] = await optOutsOf(sql, world, from);
  const [message] = await sql`
    select created_at from public.conversation_messages where id = ${messageId}`;
  const { kind, source, wording, message_id, actor_id, ended_at } = optOut!;
  assertEquals({ kind, source, wording, message_id, actor_id, ended_at }, {
    kind: "phone",
    source: "keyword",
    wording: "Stop!",
    message_id: messageId,
    actor_id: null,
    ended_at: null,
  });
  assertEquals(optOut!.opted_out_at, message!.created_at);
  assertEquals(others, []);
});

databaseTest(
  "a keyword and the provider's hint together count once, as one alone does",
  async (sql) => {
    const world = await createWorld(sql);
    const heard = [
      { text: "STOP", changes: { optOutHint: "stop" } },
      { text: "STOP", changes: {} },
      { text: "No thanks", changes: { optOutHint: "stop" } },
    ];

    for (const { text, changes } of heard) {
      const from = freshNumber();
      const messageId = await hear(sql, world, from, text, changes);
      await hear(sql, world, from, text, changes);

      const optOuts = await optOutsOf(sql, world, from);
      assertEquals(optOuts.map((row) => [row.source, row.wording, row.message_id, row.ended_at]), [
        ["keyword", text, messageId, null],
      ]);
    }
    assertEquals(await flagsOf(sql, world), []);
  },
);

databaseTest("should keyword and hint differ, a stop is a stop", async (sql) => {
  const world = await createWorld(sql);
  const [one, another] = [freshNumber(), freshNumber()];

  await hear(sql, world, one, "Start", { optOutHint: "stop" });
  await hear(sql, world, another, "Stop", { optOutHint: "start" });

  assertEquals([await isOptedOut(sql, world, one), await isOptedOut(sql, world, another)], [
    true,
    true,
  ]);
});

databaseTest("a stop without words is the provider's", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();

  await hear(sql, world, from, " ", { optOutHint: "stop" });

  const [optOut] = await optOutsOf(sql, world, from);
  assertEquals([optOut!.source, optOut!.wording], ["provider", null]);
});

databaseTest(
  "a start brings an address back, with its message, and a stop counts again",
  async (sql) => {
    const world = await createWorld(sql);

    for (const word of ["START", "unstop", "Start!"]) {
      const from = freshNumber();
      await hear(sql, world, from, "STOP");
      const messageId = await hear(sql, world, from, word);
      const [ended] = await optOutsOf(sql, world, from);
      assertEquals([ended!.ended_source, ended!.ended_wording, ended!.ended_message_id], [
        "keyword",
        word,
        messageId,
      ]);
      assertEquals(await senderOf(sql, world, { to_address: from }), world.phoneNumber);
      await hear(sql, world, from, "STOP");
      assertEquals((await optOutsOf(sql, world, from)).length, 2);
      assertEquals(await isOptedOut(sql, world, from), true);
    }
  },
);

databaseTest("a start ends what a member wrote down, too", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();
  await recordOptOut(sql, world, from);

  await hear(sql, world, from, "start");

  assertEquals(await isOptedOut(sql, world, from), false);
});

databaseTest("a help changes nothing, whoever says that it is one", async (sql) => {
  const world = await createWorld(sql);
  const [from, other] = [freshNumber(), freshNumber()];
  await hear(sql, world, from, "STOP");

  await hear(sql, world, from, "HELP");
  await hear(sql, world, other, "Info", { optOutHint: "help" });

  assertEquals(await isOptedOut(sql, world, from), true);
  assertEquals(await optOutsOf(sql, world, other), []);
  assertEquals(await flagsOf(sql, world), []);
});

databaseTest(
  "a yes brings back only who opted out, and only where the provider lets it",
  async (sql) => {
    const world = await createWorld(sql);
    const tollFree = `+1888${freshNumber().slice(-7)}`;
    const heard: [string, World, boolean, Row][] = [
      ["at Twilio", world, false, {}],
      ["at Twilio, on its word", world, false, { optOutHint: "start" }],
      ["at Telnyx", await throughProvider(sql, world, "telnyx"), true, {}],
      ["at a toll-free number", await throughProvider(sql, world, "twilio", tollFree), true, {}],
      ["on WhatsApp", world, true, { channel: "whatsapp" }],
    ];

    for (const [where, through, isStillOut, changes] of heard) {
      const from = freshNumber();
      await hear(sql, world, from, "STOP");
      await hear(sql, through, from, "Yes", changes);
      assertEquals(await isOptedOut(sql, world, from), isStillOut, where);
    }
  },
);

databaseTest("a yes of somebody who never opted out is part of the conversation", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();

  await hear(sql, world, from, "YES");

  assertEquals(await optOutsOf(sql, world, from), []);
  assertEquals(await flagsOf(sql, world), []);
});

databaseTest("a start that comes late ends no stop that was said after it", async (sql) => {
  const world = await throughProvider(sql, await createWorld(sql), "telnyx");
  const from = freshNumber();
  await sql`update public.phone_numbers set status = 'inactive' where id = ${world.phoneNumberId}`;
  const [early] = await ingest(sql, world.connectionId, [textFrom(world, from, { text: "START" })]);
  await sql`update public.phone_numbers set status = 'active' where id = ${world.phoneNumberId}`;
  await hear(sql, world, from, "STOP");

  const [replayed] = await asService(
    sql,
    (tx) => tx`select * from public.replay_webhook_events(${[early!.event_id]})`,
  );

  assertEquals([early!.state, replayed!.state], ["quarantined", "processed"]);
  assertEquals(await isOptedOut(sql, world, from), true);
});

databaseTest(
  "an opt-out holds across senders, channels of the kind, and providers",
  async (sql) => {
    const world = await createWorld(sql);
    const telnyx = await throughProvider(sql, world, "telnyx");
    const vonage = await throughProvider(sql, world, "vonage");
    const other = await createWorld(sql);
    const [byText, byWhatsApp] = [freshNumber(), freshNumber()];

    await hear(sql, telnyx, byText, "Unsubscribe");
    await hear(sql, vonage, byWhatsApp, "stop all", { channel: "whatsapp" });

    for (const to_address of [byText, byWhatsApp]) {
      for (const { phoneNumberId } of [world, telnyx, vonage]) {
        for (const channel of ["sms", "whatsapp"]) {
          const message = { to_address, channel, phone_number_id: phoneNumberId };
          assertEquals(await senderOf(sql, world, message), "recipient_opted_out", channel);
        }
      }
      assertEquals(await senderOf(sql, other, { to_address }), other.phoneNumber);
    }
  },
);

databaseTest("an e-mail opts nobody out, whatever it says", async (sql) => {
  const world = await createWorld(sql);
  const address = `desk@${crypto.randomUUID()}.example.com`;
  await sql`
    insert into public.email_senders (workspace_id, connection_id, email_address, status, last_verified_at)
    values (${world.workspaceId}, ${world.connectionId}, ${address}, 'active', now())`;

  for (const text of ["STOP", "Please take me off your list", "To unsubscribe, follow the link"]) {
    const from = `patient-${crypto.randomUUID()}@example.net`;
    await hear(sql, world, from, text, { channel: "email", to: address, subject: "STOP" });
    assertEquals(await optOutsOf(sql, world, from), []);
    assertEquals(await confirmationsTo(sql, world, from), []);
  }
  assertEquals(await flagsOf(sql, world), []);
});

databaseTest("who said stop on the phone may still be e-mailed", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();
  await hear(sql, world, from, "STOP");

  const [row] = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select error_code from public.enqueue_messages(${world.workspaceId}, ${
        tx.json([{
          channel: "email",
          to_address: "patient@example.net",
          subject: "Hi",
          body: "Hello",
        }])
      })`,
  );

  // Not refused for the opt-out, only for want of a sender.
  assertEquals(row!.error_code, "no_sender");
});
