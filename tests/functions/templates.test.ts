import { createEmailWorkspace } from "../support/channels.ts";
import { callFunction } from "../support/functions.ts";
import { messagesAtProvider, readMessage, untilStatus } from "../support/messages.ts";
import { connectToDatabase } from "../support/stack.ts";
import {
  createConnectedWorkspace,
  sendMessage as send,
  type Workspace,
} from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";

type Owned = Pick<Workspace, "id" | "owner">;

/** Saves a template as a front end does; answers its id. */
async function saveTemplate(
  { id, owner }: Owned,
  template: { body: string; channel?: string } & Record<string, unknown>,
): Promise<string> {
  const { data, error } = await owner.client.from("message_templates")
    .insert({ workspace_id: id, name: "reminder", channel: "sms", ...template })
    .select("id").single();
  if (error) throw new Error(error.message);
  return data.id;
}

const NAME = { name: "first_name", type: "text" };

async function countMessages({ id }: Owned): Promise<number> {
  const sql = connectToDatabase(1);
  const [row] = await sql`
    select count(*)::int as count from public.conversation_messages where workspace_id = ${id}`;
  await sql.end();
  return row!.count;
}

Deno.test("a text is sent by a template's name, in the language nearest to the one asked for", async () => {
  const workspace = await createConnectedWorkspace();
  const variables = [NAME, { name: "amount", type: "number" }];
  await saveTemplate(workspace, { body: "Hi {{first_name}}: {{amount}}", variables });
  await saveTemplate(workspace, {
    language: "pt",
    body: "Olá {{first_name}}: {{amount}}",
    variables,
  });

  const { status, body } = await send(workspace, {
    to: freshNumber(),
    template: {
      name: "reminder",
      language: "pt-BR",
      variables: { first_name: "{{amount}}", amount: 12.5 },
    },
  });

  assertEquals(status, 202, JSON.stringify(body));
  await untilStatus(body.message.id, "delivered");
  const [taken] = await messagesAtProvider(workspace);
  assertEquals(taken!.body, "Olá {{amount}}: 12.5");
});

Deno.test("an e-mail takes subject, text and HTML from its template", async () => {
  const workspace = await createEmailWorkspace();
  const template_id = await saveTemplate(workspace, {
    channel: "email",
    subject: "For {{first_name}}",
    body: "Dear {{first_name}}",
    html: "<p>Dear {{first_name}}</p>",
    variables: [NAME],
  });
  const write = async (changes: Record<string, unknown> = {}) => {
    const { status, body } = await callFunction("messages", {
      token: workspace.owner.token,
      json: {
        workspace_id: workspace.id,
        channel: "email",
        to: `patient-${crypto.randomUUID()}@example.net`,
        template: { template_id, variables: { first_name: "<Ada>" } },
        ...changes,
      },
    });
    assertEquals(status, 202, JSON.stringify(body));
    const { data } = await workspace.owner.client.from("email_details").select("subject, html")
      .eq("message_id", body.message.id).single();
    return { id: body.message.id, ...data! };
  };

  const sent = await write();
  const renamed = await write({ subject: "Another subject" });

  assertEquals([sent.subject, sent.html], ["For <Ada>", "<p>Dear &lt;Ada&gt;</p>"]);
  assertEquals((await readMessage(sent.id)).body, "Dear <Ada>");
  await untilStatus(sent.id, "delivered");
  assertEquals(renamed.subject, "Another subject");
});

Deno.test("nothing is queued when a template cannot be filled in, and the field is named", async () => {
  const workspace = await createConnectedWorkspace();
  const template_id = await saveTemplate(workspace, { body: "{{first_name}}", variables: [NAME] });
  const first_name = "Ada";
  const refusals: [Record<string, unknown>, string, string][] = [
    [{ template_id }, "template_invalid", "template.variables.first_name"],
    [
      { template_id, variables: { first_name, place: "here" } },
      "template_invalid",
      "template.variables.place",
    ],
    [
      { template_id, variables: { first_name: "x".repeat(1_001) } },
      "template_invalid",
      "template.variables.first_name",
    ],
    [{ template_id: crypto.randomUUID() }, "template_invalid", "template.template_id"],
    [{ name: "unknown" }, "template_invalid", "template.name"],
    [{ template_id, name: "reminder" }, "template_invalid", "template"],
    [
      { template_id, variables: { first_name: true } },
      "invalid_request",
      "template.variables.first_name",
    ],
  ];

  for (const [template, code, field] of refusals) {
    const { body } = await send(workspace, { to: freshNumber(), template });
    assertEquals(
      [body.error?.code, body.error?.details.issues[0].field],
      [code, field],
      JSON.stringify(template).slice(0, 200),
    );
    if (code === "template_invalid") assert(body.error.details.hint);
  }
  assertEquals(await countMessages(workspace), 0);
});

Deno.test("a template that is put away sends nothing more", async () => {
  const workspace = await createConnectedWorkspace();
  const template_id = await saveTemplate(workspace, { body: "Hello" });
  const { error } = await workspace.owner.client.from("message_templates")
    .update({ is_active: false }).eq("id", template_id);
  assertEquals(error, null);

  const { status, body } = await send(workspace, { to: freshNumber(), template: { template_id } });

  assertEquals([status, body.error.code], [422, "template_invalid"]);
  assertEquals(await countMessages(workspace), 0);
});

Deno.test("a template's text stands alone, and needs what every text needs", async () => {
  const workspace = await createConnectedWorkspace();
  const optional = { ...NAME, is_required: false };
  const ids = {
    blank: await saveTemplate(workspace, {
      name: "blank",
      body: "{{first_name}}",
      variables: [optional],
    }),
    long: await saveTemplate(workspace, {
      name: "long",
      body: "{{first_name}}" + "x".repeat(1_599),
      variables: [NAME],
    }),
  };
  const variables = { first_name: "Ada" };
  const cases: Record<string, unknown>[] = [
    { template: { template_id: ids.blank, variables }, body: "Hello" },
    { template: { template_id: ids.blank } },
    { template: { template_id: ids.long, variables } },
  ];

  const answers = [];
  for (const message of cases) {
    answers.push(await send(workspace, { to: freshNumber(), ...message }));
  }

  assertEquals(
    answers.map(({ body: { error } }) => [error?.code, error?.details.issues[0].field]),
    [["invalid_request", "body"], ["message_empty", "template"], ["message_too_long", "body"]],
  );
});

Deno.test("a preview comes through supabase-js", async () => {
  const workspace = await createConnectedWorkspace();
  const template_id = await saveTemplate(workspace, {
    body: "Hi {{first_name}}",
    variables: [NAME],
  });
  const preview = (variables: Record<string, string>) =>
    workspace.owner.client.rpc("preview_template", { template_id, variables }).single();

  const { data } = await preview({ first_name: "Ada" });
  const { error } = await preview({ place: "here" });

  assertEquals([data!.body, data!.missing_variables], ["Hi Ada", []]);
  assertEquals([error!.code, JSON.parse(error!.details!).field], ["PT422", "variables.place"]);
});
