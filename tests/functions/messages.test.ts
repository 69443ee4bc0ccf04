import { assert, assertEquals } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import {
  messagesAtProvider,
  readMessage,
  untilProviderIdle,
  untilStatus,
} from "../support/messages.ts";
import { anonymousClient, signUp } from "../support/people.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace, sendMessage } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("a text is accepted at once and goes queued, sent, delivered", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();

  const { status, body } = await sendMessage(workspace, { to, body: "Your appointment is at 3" });

  assertEquals([status, body.message.status, body.is_duplicate], [202, "queued", false]);
  const message = await untilStatus(body.message.id, "delivered");
  assert(message.sent_at !== null && message.delivered_at !== null);
  assertEquals(message.message_attempts[0]!.segment_count, 1);
  assertEquals(message.message_attempts.map((attempt) => attempt.outcome), ["accepted"]);
  const [taken] = await messagesAtProvider(workspace);
  assertEquals([taken!.to, taken!.from, taken!.body], [
    to,
    workspace.phoneNumber,
    "Your appointment is at 3",
  ]);
  assertEquals(message.message_attempts[0]!.external_id, taken!.sid);
});

Deno.test("members read the conversation with supabase-js; strangers and anon read nothing of it", async () => {
  const workspace = await createConnectedWorkspace();
  const { body } = await sendMessage(workspace, { to: freshNumber(), body: "Hello" });
  const stranger = await signUp("stranger");
  const read = (client: typeof stranger.client) =>
    client.from("conversations").select("channel, status, snippet, conversation_messages(body)")
      .eq("id", body.message.conversation_id);

  const { data: mine } = await read(workspace.owner.client);
  const { data: theirs } = await read(stranger.client);
  const { data: nobodys, error } = await read(anonymousClient());

  assertEquals(mine, [{
    channel: "sms",
    status: "active",
    snippet: "Hello",
    conversation_messages: [{ body: "Hello" }],
  }]);
  assertEquals(theirs, []);
  assertEquals([nobodys, error?.code], [null, "42501"]);
});

Deno.test("media make it an MMS, in their order", async () => {
  const workspace = await createConnectedWorkspace();
  const media_urls = ["https://media.example.com/1.png", "https://media.example.com/2.png"];

  const { body } = await sendMessage(workspace, { to: freshNumber(), media_urls });

  const message = await untilStatus(body.message.id, "delivered");
  assertEquals(message.message_media.map((media) => media.url), media_urls);
  const [taken] = await messagesAtProvider(workspace);
  assert(taken!.sid.startsWith("MM"), taken!.sid);
});

Deno.test("a reply by conversation goes to its contact from the number it runs on", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();
  const first = await sendMessage(workspace, { to, body: "One" });

  const reply = await sendMessage(workspace, {
    conversation_id: first.body.message.conversation_id,
    body: "Two",
  });

  assertEquals(reply.status, 202);
  assertEquals(reply.body.message.conversation_id, first.body.message.conversation_id);
  const message = await readMessage(reply.body.message.id);
  assertEquals([message.to_address, message.from_address], [to, workspace.phoneNumber]);
});

Deno.test("any international spelling of a number reaches the same contact", async () => {
  const workspace = await createConnectedWorkspace();

  const plain = await sendMessage(workspace, { to: "+14155550123", body: "One" });
  const spelled = await sendMessage(workspace, { to: "+1 (415) 555-0123", body: "Two" });

  assertEquals(plain.body.message.conversation_id, spelled.body.message.conversation_id);
});

Deno.test("an idempotency key returns the first message, and refuses another body", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();
  const key = crypto.randomUUID();
  const send = (body: string) =>
    callFunction("messages", {
      token: workspace.owner.token,
      headers: { "idempotency-key": key },
      json: { workspace_id: workspace.id, to, body },
    });

  const first = await send("Hello");
  const again = await send("Hello");
  const other = await send("Something else");

  assertEquals([again.status, again.body.is_duplicate], [202, true]);
  assertEquals(again.body.message.id, first.body.message.id);
  assertEquals([other.status, other.body.error.code], [409, "idempotency_key_reused"]);
  assertEquals(other.body.error.details.issues[0].field, "idempotency_key");
});

Deno.test("a retry returns the first message whatever became of its sender, and media are part of it", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const message = { to: freshNumber(), body: "Hello", idempotency_key: crypto.randomUUID() };
  const first = await sendMessage(workspace, message);
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false
    where id = ${workspace.phoneNumberId}`;
  await sql.end();

  const again = await sendMessage(workspace, message);
  const withMedia = await sendMessage(workspace, {
    ...message,
    media_urls: ["https://media.example.com/1.png"],
  });

  assertEquals([again.status, again.body.message.id, again.body.is_duplicate], [
    202,
    first.body.message.id,
    true,
  ]);
  assertEquals([withMedia.status, withMedia.body.error.code], [409, "idempotency_key_reused"]);
});

Deno.test("text that Postgres cannot store names its field", async () => {
  const workspace = await createConnectedWorkspace();
  for (const body of ["a\0b", "half \ud83d"]) {
    const answer = await sendMessage(workspace, { to: freshNumber(), body });
    assertEquals([answer.status, answer.body.error.details.issues[0].field], [400, "body"]);
  }
});

Deno.test("twenty sends at once under one key are one message and one text", async () => {
  const workspace = await createConnectedWorkspace();
  const message = { to: freshNumber(), body: "Once", idempotency_key: crypto.randomUUID() };

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => sendMessage(workspace, message)),
  );

  assertEquals(new Set(answers.map((answer) => answer.status)), new Set([202]));
  const ids = new Set(answers.map((answer) => answer.body.message.id));
  assertEquals(ids.size, 1);
  assertEquals(answers.filter((answer) => !answer.body.is_duplicate).length, 1);
  await untilStatus([...ids][0], "delivered");
  assertEquals((await messagesAtProvider(workspace)).length, 1);
});

Deno.test("two first messages to one contact at once share one conversation", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();

  const answers = await Promise.all(
    Array.from(
      { length: 10 },
      (_, index) => sendMessage(workspace, { to, body: `Hello ${index}` }),
    ),
  );

  assertEquals(new Set(answers.map((a) => a.body.message?.conversation_id)).size, 1);
  const { data } = await workspace.owner.client.from("contacts").select("id")
    .eq("workspace_id", workspace.id);
  assertEquals(data?.length, 1);
});

Deno.test("what cannot be sent is refused with the field, and leaves nothing behind", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();
  const refusals: [Record<string, unknown>, number, string, string][] = [
    [{ to: "12345", body: "x" }, 422, "invalid_recipient", "to"],
    [{ to: "+1415555", body: "x" }, 422, "invalid_recipient", "to"],
    [{ to: "whatsapp:+14155550123", body: "x" }, 422, "invalid_recipient", "to"],
    [{ to: "call +14155550123 or so", body: "x" }, 422, "invalid_recipient", "to"],
    [{ to: "+14155550123 ext 5", body: "x" }, 422, "invalid_recipient", "to"],
    [{ to, body: "x", from: "12345" }, 422, "invalid_sender", "from"],
    [{ to, media_urls: Array(130_000 / 2).fill(1) }, 400, "invalid_request", "media_urls"],
    [{ to: workspace.phoneNumber, body: "x" }, 422, "invalid_recipient", "to"],
    [{ to, body: "  " }, 422, "message_empty", "body"],
    [{ to, body: "x".repeat(1601) }, 422, "message_too_long", "body"],
    [
      { to, media_urls: ["http://media.example.com/1.png"] },
      422,
      "media_url_invalid",
      "media_urls.0",
    ],
    [
      { to, media_urls: Array(11).fill("https://media.example.com/1.png") },
      422,
      "too_many_media",
      "media_urls",
    ],
    [{ to, body: "x", from: freshNumber() }, 404, "sender_not_found", "from"],
    [{ to, body: "x", phone_number_id: crypto.randomUUID() }, 404, "sender_not_found", "from"],
    [
      { conversation_id: crypto.randomUUID(), body: "x" },
      404,
      "conversation_not_found",
      "conversation_id",
    ],
    [{ body: "x" }, 400, "invalid_request", "to"],
    [{ to, conversation_id: crypto.randomUUID(), body: "x" }, 400, "invalid_request", "to"],
    [{ to, body: 5 }, 400, "invalid_request", "body"],
    [{ to, body: "x", idempotency_key: "" }, 400, "invalid_request", "idempotency_key"],
  ];

  for (const [message, status, code, field] of refusals) {
    const answer = await sendMessage(workspace, message);
    assertEquals(
      [answer.status, answer.body.error?.code, answer.body.error?.details.issues[0].field],
      [status, code, field],
      JSON.stringify(message),
    );
  }

  for (const table of ["contacts", "conversations", "conversation_messages"] as const) {
    const { data } = await workspace.owner.client.from(table).select("id").eq(
      "workspace_id",
      workspace.id,
    );
    assertEquals(data, [], table);
  }
});

Deno.test("a foreign workspace, conversation and sender look like missing ones", async () => {
  const [mine, theirs] = await Promise.all([
    createConnectedWorkspace(),
    createConnectedWorkspace(),
  ]);
  const { body } = await sendMessage(theirs, { to: freshNumber(), body: "Theirs" });
  const to = freshNumber();

  const workspace = await sendMessage(theirs, { to, body: "x" }, mine.owner);
  const missing = await callFunction("messages", {
    token: mine.owner.token,
    json: { workspace_id: crypto.randomUUID(), to, body: "x" },
  });
  const conversation = await sendMessage(mine, {
    conversation_id: body.message.conversation_id,
    body: "x",
  });
  const sender = await sendMessage(mine, { to, body: "x", phone_number_id: theirs.phoneNumberId });

  assertEquals([workspace.status, workspace.body], [missing.status, missing.body]);
  assertEquals([workspace.status, workspace.body.error.code], [404, "not_found"]);
  assertEquals([conversation.status, conversation.body.error.code], [
    404,
    "conversation_not_found",
  ]);
  assertEquals([sender.status, sender.body.error.code], [404, "sender_not_found"]);
  await untilProviderIdle(theirs);
});

Deno.test("a removed member can no longer send or read, with the same token", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const member = await signUp("member");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspace.id}, ${member.id}, 'member')`;
  const before = await sendMessage(workspace, { to: freshNumber(), body: "x" }, member);

  await sql`delete from public.workspace_members where user_id = ${member.id}`;
  await sql.end();
  const after = await sendMessage(workspace, { to: freshNumber(), body: "x" }, member);
  const { data } = await member.client.from("conversations").select("id");

  assertEquals([before.status, after.status, data], [202, 404, []]);
});

Deno.test("a message may be a one-time code, and nothing that is not anybody's to choose", async () => {
  const workspace = await createConnectedWorkspace();
  const send = (message_class: string) =>
    sendMessage(workspace, { to: freshNumber(), body: "Your code is 123456", message_class });

  const { status, body } = await send("one_time_code");
  const refusals = [await send("campaign"), await send("opt_out_confirmation")];

  assertEquals([status, (await readMessage(body.message.id)).message_class], [
    202,
    "one_time_code",
  ]);
  assertEquals(
    refusals.map((refused) => [refused.status, refused.body.error.details.issues[0].field]),
    Array(2).fill([400, "message_class"]),
  );
});
