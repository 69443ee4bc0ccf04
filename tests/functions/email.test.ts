import { createEmailWorkspace, type EmailWorkspace, receiveEmail } from "../support/channels.ts";
import { callFunction } from "../support/functions.ts";
import { readMessage, untilStatus } from "../support/messages.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase } from "../support/stack.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

const freshAddress = () => `patient-${crypto.randomUUID()}@example.net`;

async function send(workspace: EmailWorkspace, message: Record<string, unknown>) {
  return await callFunction("messages", {
    token: workspace.owner.token,
    json: { workspace_id: workspace.id, ...message },
  });
}

const write = (workspace: EmailWorkspace, to: string, changes: Record<string, unknown> = {}) =>
  send(workspace, { channel: "email", to, subject: "Your appointment", body: "At 3", ...changes });

/** What the provider took, latest first. */
async function emailsAtProvider(workspace: EmailWorkspace) {
  const { messages } = await control(`/messages?account_sid=${workspace.accountSid}`);
  return messages;
}

async function detailsOf(workspace: EmailWorkspace, messageId: string) {
  const { data, error } = await workspace.owner.client.from("email_details").select("*")
    .eq("message_id", messageId).single();
  if (error) throw new Error(error.message);
  return data;
}

Deno.test("an e-mail with all that belongs to it is delivered", async () => {
  const workspace = await createEmailWorkspace();
  const to = freshAddress();

  const { status, body } = await write(workspace, to.toUpperCase(), {
    html: "<p>At 3</p>",
    cc: ["Colleague@Example.net"],
    bcc: ["archive@example.net"],
    reply_to: "replies@example.net",
    headers: { "X-Campaign": "spring" },
    attachments: [{ file_name: "map.txt", content_type: "text/plain", content: btoa("Left") }],
  });

  assertEquals([status, body.message?.status], [202, "queued"], JSON.stringify(body));
  const message = await untilStatus(body.message.id, "delivered");
  assertEquals([message.to_address, message.from_address], [to, workspace.address]);
  const details = await detailsOf(workspace, message.id);
  assertEquals(details.cc, ["colleague@example.net"]);
  assertEquals(details.attachments, [
    { file_name: "map.txt", content_type: "text/plain", byte_count: 4 },
  ]);
  const { data } = await workspace.owner.client.from("conversations")
    .select("channel, subject, snippet, email_sender_id").eq("id", message.conversation_id)
    .single();
  assertEquals([data!.channel, data!.subject, data!.snippet], [
    "email",
    "Your appointment",
    "At 3",
  ]);
  const [taken, ...others] = await emailsAtProvider(workspace);
  assertEquals(others.length, 0);
  assertEquals(
    [taken.from, taken.to, taken.cc, taken.subject, taken.text, taken.html],
    [taken.from, to, ["colleague@example.net"], "Your appointment", "At 3", "<p>At 3</p>"],
  );
  assertMatch(taken.from, new RegExp(`<${workspace.address}>$`));
  assertEquals(taken.headers, {
    "X-Campaign": "spring",
    References: `<${details.internet_message_id}>`,
  });
});

Deno.test("attachments are kept until the message is settled, and no longer", async () => {
  const sql = connectToDatabase(1);
  const workspace = await createEmailWorkspace();
  const { body } = await write(workspace, freshAddress(), {
    attachments: [{ file_name: "map.txt", content_type: "text/plain", content: btoa("Left") }],
  });
  await untilStatus(body.message.id, "delivered");

  const left = await sql`
    select from private.email_attachments where message_id = ${body.message.id}`;
  await sql.end();
  assertEquals(left.length, 0);
});

Deno.test("an answer lands in the conversation, and ours threads on it", async () => {
  const workspace = await createEmailWorkspace();
  const contact = freshAddress();
  const first = await write(workspace, contact);
  await untilStatus(first.body.message.id, "delivered");
  const sent = await detailsOf(workspace, first.body.message.id);

  await receiveEmail(workspace, {
    from: `"Pat Ient" <${contact}>`,
    subject: "Re: Your appointment",
    text: "Fine",
    html: "<p>Fine</p>",
    headers: {
      "Message-ID": "<reply-1@example.net>",
      "In-Reply-To": "<made-by-the-provider@mtasv.net>",
      References: `<${sent.internet_message_id}> <made-by-the-provider@mtasv.net>`,
    },
  });
  const answer = await send(workspace, {
    conversation_id: first.body.message.conversation_id,
    body: "See you then",
  });

  assertEquals(answer.status, 202, JSON.stringify(answer.body));
  const { data } = await workspace.owner.client.from("conversation_messages")
    .select("id, direction, body, from_address, email_details(subject, html)")
    .eq("conversation_id", first.body.message.conversation_id).order("created_at");
  assertEquals(data!.map((message) => [message.direction, message.body]), [
    ["outbound", "At 3"],
    ["inbound", "Fine"],
    ["outbound", "See you then"],
  ]);
  assertEquals(data![1]!.from_address, contact);
  const details = await detailsOf(workspace, answer.body.message.id);
  assertEquals(details.subject, "Re: Your appointment");
  assertEquals(details.reference_ids, [
    sent.internet_message_id,
    "made-by-the-provider@mtasv.net",
    "reply-1@example.net",
  ]);
  await untilStatus(answer.body.message.id, "delivered");
});

Deno.test("an e-mail that answers nothing begins a conversation, with its contact found or made", async () => {
  const workspace = await createEmailWorkspace();
  const contact = freshAddress();

  for (const subject of ["First question", "Second question"]) {
    await receiveEmail(workspace, { from: contact.toUpperCase(), subject, text: "Hello?" });
  }

  const { data } = await workspace.owner.client.from("conversations")
    .select("subject, contact_id, contact_address, is_unread").eq("workspace_id", workspace.id)
    .order("created_at");
  assertEquals(data!.map((row) => [row.subject, row.contact_address, row.is_unread]), [
    ["First question", contact, true],
    ["Second question", contact, true],
  ]);
  assertEquals(new Set(data!.map((row) => row.contact_id)).size, 1);
});

Deno.test("an e-mail without a conversation begins one each time, under one key one", async () => {
  const workspace = await createEmailWorkspace();
  const to = freshAddress();
  const idempotency_key = crypto.randomUUID();

  const answers = await Promise.all([
    write(workspace, to),
    write(workspace, to),
    ...Array.from({ length: 8 }, () => write(workspace, to, { idempotency_key })),
  ]);

  assertEquals(new Set(answers.map(({ status }) => status)), new Set([202]));
  const { data } = await workspace.owner.client.from("conversations").select("id")
    .eq("workspace_id", workspace.id);
  assertEquals(data!.length, 3);
  const contacts = await workspace.owner.client.from("contacts").select("id")
    .eq("workspace_id", workspace.id);
  assertEquals(contacts.data!.length, 1);
});

Deno.test("what an e-mail cannot be is refused by its field", async () => {
  const workspace = await createEmailWorkspace();
  const to = freshAddress();
  const file = { file_name: "a.txt", content_type: "text/plain", content: btoa("x") };
  const refusals: [Record<string, unknown>, string, string][] = [
    [{ to: "nobody" }, "invalid_recipient", "to"],
    [{ to: "a,b@example.net" }, "invalid_recipient", "to"],
    [{ subject: undefined }, "subject_missing", "subject"],
    [{ subject: "One\r\nBcc: you@example.net" }, "invalid_request", "subject"],
    [{ body: "" }, "message_empty", "body"],
    [{ cc: ["x"] }, "invalid_recipient", "cc"],
    [{ bcc: ["x@example.net,y@example.net"] }, "invalid_recipient", "bcc"],
    [{ reply_to: "x" }, "invalid_request", "reply_to"],
    [{ headers: { "X-One": "1\r\nBcc: you@example.net" } }, "invalid_request", "headers"],
    [{ headers: { "X-One": "1\u2028Bcc: you@example.net" } }, "invalid_request", "headers"],
    [{ headers: { "X One": "1" } }, "invalid_request", "headers"],
    ...["From", "to", "SUBJECT", "Bcc", "In-Reply-To", "References"].map((
      name,
    ): [Record<string, unknown>, string, string] => [
      { headers: { [name]: "x" } },
      "invalid_request",
      "headers",
    ]),
    [{ media_urls: ["https://media.example.com/1.png"] }, "invalid_request", "media_urls"],
    [
      { attachments: [{ ...file, content: "not base64!" }] },
      "invalid_request",
      "attachments.0.content",
    ],
    [
      { attachments: [{ ...file, file_name: "a\nb" }] },
      "invalid_request",
      "attachments.0.file_name",
    ],
    [
      { attachments: [{ ...file, content_type: "text" }] },
      "invalid_request",
      "attachments.0.content_type",
    ],
    [{ attachments: Array(21).fill(file) }, "too_many_attachments", "attachments"],
    [
      { attachments: [{ ...file, content: "A".repeat(7_500_000 * 4 / 3) }] },
      "too_large",
      "attachments",
    ],
    [{ from: "somebody@example.org" }, "sender_not_found", "from"],
    [{ from: "+14155550100" }, "sender_not_found", "from"],
    [{ template: { external_id: "x", language: "en" } }, "invalid_request", "template"],
  ];

  for (const [changes, code, field] of refusals) {
    const { body } = await write(workspace, to, changes);
    assertEquals(
      [body.error?.code, body.error?.details.issues[0].field],
      [code, field],
      JSON.stringify(changes).slice(0, 200),
    );
  }
  const { data } = await workspace.owner.client.from("contacts").select("id")
    .eq("workspace_id", workspace.id);
  assertEquals(data, []);
});

Deno.test("the biggest e-mail that is allowed is delivered", async () => {
  const workspace = await createEmailWorkspace();
  const content = "A".repeat(6_900_000 / 3 * 4);

  const { status, body } = await write(workspace, freshAddress(), {
    attachments: [{ file_name: "a.bin", content_type: "application/octet-stream", content }],
  });

  assertEquals(status, 202, JSON.stringify(body).slice(0, 300));
  await untilStatus(body.message.id, "delivered");
});

Deno.test("an address that opted out gets nothing, neither as recipient nor in copy", async () => {
  const workspace = await createEmailWorkspace();
  const address = freshAddress();
  const { error } = await workspace.owner.client.rpc("opt_out", {
    workspace_id: workspace.id,
    address: address.toUpperCase(),
  });
  assertEquals(error, null);

  const answers = await Promise.all([
    write(workspace, address),
    write(workspace, freshAddress(), { cc: [address] }),
    write(workspace, freshAddress(), { bcc: [address] }),
  ]);

  assertEquals(
    answers.map(({ body: { error } }) => [error.code, error.details.issues[0].field]),
    [["recipient_opted_out", "to"], ["recipient_opted_out", "cc"], ["recipient_opted_out", "bcc"]],
  );
});

Deno.test("a whole domain sends from the address that is named, and answers from the one written to", async () => {
  const sql = connectToDatabase(1);
  const workspace = await createEmailWorkspace();
  const domain = workspace.address.split("@")[1]!;
  await sql`
    update public.email_senders set email_address = ${`*@${domain}`}, is_default = false
    where workspace_id = ${workspace.id}`;
  await sql.end();
  const contact = freshAddress();

  const unnamed = await write(workspace, contact);
  const named = await write(workspace, contact, { from: `Sales@${domain}` });
  await receiveEmail(workspace, {
    from: contact,
    to: `billing@${domain}`,
    subject: "Bill",
    text: "?",
  });
  const { data } = await workspace.owner.client.from("conversations").select("id")
    .eq("workspace_id", workspace.id).eq("subject", "Bill").single();
  const answer = await send(workspace, { conversation_id: data!.id, body: "Paid" });

  assertEquals(unnamed.body.error.code, "no_sender");
  const addresses = await Promise.all(
    [named, answer].map(async ({ body }) => (await readMessage(body.message.id)).from_address),
  );
  assertEquals(addresses, [`sales@${domain}`, `billing@${domain}`]);
});

Deno.test("a member sees no more of e-mails than of their conversations; a stranger nothing", async () => {
  const [mine, theirs] = await Promise.all([createEmailWorkspace(), createEmailWorkspace()]);
  const { body } = await write(theirs, freshAddress());

  const { data: own } = await theirs.owner.client.from("email_details").select("subject");
  const { data: foreign } = await mine.owner.client.from("email_details").select("subject");

  assertEquals([own?.length, foreign], [1, []]);
  assert(body.message.id);
  assertMatch((await detailsOf(theirs, body.message.id)).internet_message_id!, /^[0-9a-f-]{36}@/);
});
