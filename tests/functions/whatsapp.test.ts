import { createWhatsAppWorkspace } from "../support/channels.ts";
import { messagesAtProvider, readMessage, untilStatus } from "../support/messages.ts";
import { connectToDatabase } from "../support/stack.ts";
import { inboundParameters, postSigned, receive, webhookUrl } from "../support/webhooks.ts";
import {
  createConnectedWorkspace,
  sendMessage as send,
  type Workspace,
} from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";

const TEMPLATE = { external_id: `HX${"a".repeat(32)}`, language: "en", variables: { "1": "3 pm" } };

/** Lets a contact write on WhatsApp. */
async function hear(workspace: Workspace, from: string, text = "Hello") {
  await receive(workspace, {
    from: `whatsapp:${from}`,
    to: `whatsapp:${workspace.phoneNumber}`,
    body: text,
  });
}

Deno.test("outside of 24 hours a text is refused, and a template goes out", async () => {
  const workspace = await createWhatsAppWorkspace();
  const to = freshNumber();

  const text = await send(workspace, { channel: "whatsapp", to, body: "Hello" });
  const template = await send(workspace, { channel: "whatsapp", to, template: TEMPLATE });

  const { code, details } = text.body.error;
  assertEquals([text.status, code, details.issues[0].field], [422, "outside_window", "template"]);
  assert(details.hint);
  assertEquals(template.status, 202);
  await untilStatus(template.body.message.id, "delivered");
  const [taken, ...others] = await messagesAtProvider(workspace);
  assertEquals([taken!.to, others.length], [`whatsapp:${to}`, 0]);
});

Deno.test("whoever wrote on WhatsApp is answered there with a text, in the same conversation", async () => {
  const workspace = await createWhatsAppWorkspace();
  const contact = freshNumber();
  await hear(workspace, contact);

  const byAddress = await send(workspace, { channel: "whatsapp", to: contact, body: "Good day" });
  const { conversation_id } = byAddress.body.message;
  const byConversation = await send(workspace, {
    conversation_id,
    media_urls: ["https://media.example.com/1.png"],
  });

  assertEquals([byAddress.status, byConversation.status], [202, 202]);
  await untilStatus(byAddress.body.message.id, "delivered");
  await untilStatus(byConversation.body.message.id, "delivered");
  const { data } = await workspace.owner.client.from("conversations")
    .select("id, channel, conversation_messages(direction)").eq("workspace_id", workspace.id);
  assertEquals(data!.map(({ id, channel }) => [id, channel]), [[conversation_id, "whatsapp"]]);
  assertEquals(data![0]!.conversation_messages.length, 3);
});

Deno.test("a text message opens no WhatsApp window, nor does a message to another number", async () => {
  const workspace = await createWhatsAppWorkspace();
  const contact = freshNumber();
  await receive(workspace, { from: contact, body: "By SMS" });

  const answer = await send(workspace, { channel: "whatsapp", to: contact, body: "Hello" });

  assertEquals(answer.body.error.code, "outside_window");
});

Deno.test("a window that closed a moment ago is closed", async () => {
  const sql = connectToDatabase(1);
  const workspace = await createWhatsAppWorkspace();
  const [late, early] = [freshNumber(), freshNumber()];
  await hear(workspace, late);
  await hear(workspace, early);
  const move = (contact: string, age: string) =>
    sql`
      update public.conversation_messages set created_at = now() - ${age}::interval
      where workspace_id = ${workspace.id} and from_address = ${contact}`;
  await move(late, "24 hours 1 second");
  await move(early, "23 hours 59 minutes");
  await sql.end();

  const answers = await Promise.all(
    [late, early].map((to) => send(workspace, { channel: "whatsapp", to, body: "Hello" })),
  );

  assertEquals(answers.map(({ status }) => status), [422, 202]);
});

Deno.test("a template of ours is filled in by name, and the conversation shows what it says", async () => {
  const workspace = await createWhatsAppWorkspace();
  const { data, error } = await workspace.owner.client.from("message_templates").insert({
    workspace_id: workspace.id,
    name: "reminder",
    channel: "whatsapp",
    language: "pt-BR",
    body: "See you {{day}} at {{hour}}",
    variables: [{ name: "day", type: "text" }, { name: "hour", type: "text" }],
    external_id: TEMPLATE.external_id,
  }).select("id").single();
  assertEquals(error, null);
  const to = freshNumber();
  const sendTemplate = (variables: Record<string, string>, template_id = data!.id) =>
    send(workspace, { channel: "whatsapp", to, template: { template_id, variables } });

  const sent = await sendTemplate({ day: "Monday", hour: "9" });
  const incomplete = await sendTemplate({ day: "Monday" });
  const surplus = await sendTemplate({ day: "Monday", hour: "9", place: "here" });
  const unknown = await sendTemplate({}, crypto.randomUUID());

  const message = await readMessage(sent.body.message.id);
  assertEquals(message.body, "See you Monday at 9");
  const { data: details } = await workspace.owner.client.from("template_details")
    .select("template_id, external_id, language, variables").eq("message_id", message.id).single();
  assertEquals(details, {
    template_id: data!.id,
    external_id: TEMPLATE.external_id,
    language: "pt-BR",
    variables: { "1": "Monday", "2": "9" },
  });
  assertEquals(
    [incomplete, surplus, unknown].map(({ body }) => [
      body.error.code,
      body.error.details.issues[0].field,
    ]),
    [
      ["template_invalid", "template.variables.hour"],
      ["template_invalid", "template.variables.place"],
      ["template_invalid", "template.template_id"],
    ],
  );
});

Deno.test("what only another channel has is refused by its field", async () => {
  const workspace = await createWhatsAppWorkspace();
  const to = freshNumber();

  const answers = [
    await send(workspace, { channel: "whatsapp", to, body: "x", subject: "Hello" }),
    await send(workspace, { to, template: TEMPLATE }),
    await send(workspace, { channel: "pigeon", to, body: "x" }),
    await send(await createConnectedWorkspace(), { channel: "whatsapp", to, body: "x" }),
  ];

  assertEquals(
    answers.map(({ body: { error } }) => [error.code, error.details.issues[0].field]),
    [
      ["invalid_request", "subject"],
      ["invalid_request", "template"],
      ["invalid_request", "channel"],
      ["no_sender", "from"],
    ],
  );
});

Deno.test("who said stop by SMS gets no WhatsApp message either", async () => {
  const workspace = await createWhatsAppWorkspace();
  const from = freshNumber();
  await hear(workspace, from);
  const parameters = { ...inboundParameters(workspace), From: from, Body: "STOP" };
  await postSigned(
    await webhookUrl(workspace),
    { ...parameters, OptOutType: "STOP" },
    workspace.account.auth_token,
  );

  const answer = await send(workspace, { channel: "whatsapp", to: from, body: "Hello" });

  assertEquals([answer.status, answer.body.error.code], [422, "recipient_opted_out"]);
});
