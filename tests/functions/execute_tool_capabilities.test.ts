import { assert, assertEquals } from "@std/assert";
import type { Provider } from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import {
  type ToolDefinition,
  toolDefinitions,
} from "../../supabase/functions/_shared/tools/definitions/registry.ts";
import { callFunction } from "../support/functions.ts";
import { untilStatus } from "../support/messages.ts";
import { serviceClient } from "../support/people.ts";
import { eventually } from "../support/poll.ts";
import { freshContact, takenBy, write } from "./providers/desk.ts";
import { type AgentDesk, openAgentDesk, succeedWith } from "./tools/agent_desk.ts";

const MAX_ANSWER_BYTES = 4_200;
const TODAY = new Date().toISOString().slice(0, 10);

const definitionsOf = (provider: string | null) =>
  [...toolDefinitions.values()].filter((definition) => definition.provider === provider);

/** Short, in snake_case, and without nulls. */
function assertFitForModels(result: unknown): void {
  const text = JSON.stringify(result);
  assert(text !== "{}" && new TextEncoder().encode(text).length <= MAX_ANSWER_BYTES, text);
  JSON.parse(text, (name, value) => {
    assert(value !== null, `${name} is null in ${text}`);
    assert(/^[a-z0-9_]*$/.test(name), `${name} in ${text}`);
    return value;
  });
}

const addressAt = (provider: Provider, number: string) =>
  provider.id === "twilio" ? { from: `whatsapp:${number}` } : { from: number, channel: "whatsapp" };

/** Opens the time in which somebody may be answered on WhatsApp. */
async function writeOnWhatsApp(desk: AgentDesk, contact: string): Promise<void> {
  const { provider, sender } = desk.account;
  const to = provider.id === "twilio" ? `whatsapp:${sender}` : sender;
  const { delivery } = await write(desk, contact, { ...addressAt(provider, contact), to });
  assertEquals(delivery?.status, 200);
}

interface Executed {
  desk: AgentDesk;
  /** Somebody who was written to through this provider. */
  messageId: string;
}

/** Executes one tool of a provider and looks at what came of it. */
async function executeOne({ key, family }: ToolDefinition, { desk, messageId }: Executed) {
  const [to, from] = [freshContact(desk.account), desk.account.sender];
  const image = "https://example.com/image.png";
  const sendings: Record<string, Record<string, unknown>> = {
    send_sms: { to, body: `Hello ${to}` },
    send_mms: { to, body: `Look ${to}`, media_urls: [image] },
    send_whatsapp: { to, body: `Hello ${to}` },
    send_email: { to, from, subject: "Your appointment", text: `Hello ${to}` },
  };
  const readings: Record<string, Record<string, unknown>> = {
    get_balance: {},
    get_usage: { start_date: TODAY, end_date: TODAY },
    get_sms_history: {},
    get_mms_history: { limit: 5 },
    get_email_history: { limit: null },
    get_delivery_receipts: { message_id: messageId },
    search_numbers: { country: "US", limit: 3 },
  };
  const sending = sendings[family];
  if (sending) {
    if (family === "send_whatsapp") await writeOnWhatsApp(desk, to);
    const before = (await takenBy(desk, to)).length;
    const result = await succeedWith(desk, key, sending);
    assertFitForModels(result);
    await eventually(`${key} to be taken by the provider`, async () => {
      return (await takenBy(desk, to)).length === before + 1;
    });
    return;
  }
  if (family === "start_call") {
    const result = await succeedWith(desk, key, { to, body: "Your appointment is at 3" });
    assertFitForModels(result);
    await eventually(`${key} to be answered`, async () => {
      const { data } = await serviceClient().from("calls").select("status, agent_id")
        .eq("id", result.call_id).single();
      return data?.status === "completed" && data.agent_id === desk.agentId;
    });
    return;
  }
  const reading = readings[family];
  assert(reading, `Nobody says how ${family} is executed`);
  assertFitForModels(await succeedWith(desk, key, reading));
}

async function listedTools({ apiKey }: AgentDesk): Promise<string[]> {
  const { status, body } = await callFunction("get-agent-tools?format=mcp&limit=100", {
    token: apiKey,
  });
  assertEquals(status, 200, JSON.stringify(body));
  return body.tools.map(({ name }: { name: string }) => name);
}

const SENDING = { sms: "sms", email: "email" } as const;

for (const provider of providers.values()) {
  Deno.test(`every tool of ${provider.displayName} does at the provider what it says`, async () => {
    const desk = await openAgentDesk(provider);
    const definitions = definitionsOf(provider.id);
    const first = definitions.find(({ family }) =>
      family === `send_${SENDING[desk.account.channel]}`
    )!;
    const to = freshContact(desk.account);
    const content = desk.account.channel === "email"
      ? { from: desk.account.sender, subject: "Hello", text: "Hello" }
      : { body: "Hello" };

    const { message_id: messageId } = await succeedWith(desk, first.key, { to, ...content });
    await untilStatus(messageId, "delivered");
    for (const definition of definitions) await executeOne(definition, { desk, messageId });

    const { data } = await serviceClient().from("integration_capabilities")
      .select("capability_key, service_providers!inner(name)")
      .eq("service_providers.name", provider.id).order("display_order");
    const executed = definitions.map(({ key }) => key);
    assertEquals(data!.map(({ capability_key }) => capability_key), executed);
    const ofProvider = (await listedTools(desk)).filter((key) => executed.includes(key));
    assertEquals(ofProvider, executed);
  });
}

Deno.test("every tool that chooses the account itself does what it says", async () => {
  const twilio = providers.get("twilio")!;
  const desk = await openAgentDesk(twilio);
  const to = freshContact(desk.account);
  const executed: string[] = [];
  const run = async (tool: string, given: Record<string, unknown>) => {
    const result = await succeedWith(desk, tool, given);
    assertFitForModels(result);
    executed.push(tool);
    return result;
  };

  const sent = await run("send_message", { to, body: "Your appointment is at 3" });
  await untilStatus(sent.message_id, "delivered");
  const later = await run("schedule_message", {
    conversation_id: sent.conversation_id,
    body: "See you tomorrow",
    scheduled_at: new Date(Date.now() + 86_400_000).toISOString(),
    unless: ["replied"],
  });
  const canceled = await run("cancel_message", { message_id: later.message_id });
  const status = await run("get_message_status", { message_id: sent.message_id });
  const { contacts } = await run("find_contact", { query: to });
  const { conversations } = await run("list_conversations", {
    contact_id: contacts[0].contact_id,
  });
  const { messages } = await run("read_conversation", {
    conversation_id: conversations[0].conversation_id,
  });

  assertEquals([later.status, canceled.status, status.status], [
    "scheduled",
    "canceled",
    "delivered",
  ]);
  assertEquals(conversations.map((row: Record<string, string>) => row.conversation_id), [
    sent.conversation_id,
  ]);
  assert(messages.some((row: Record<string, string>) => row.message_id === sent.message_id));
  assertEquals(executed, definitionsOf(null).map(({ key }) => key));
  assertEquals((await listedTools(desk)).slice(0, executed.length), executed);
});

Deno.test("what is listed and what can be executed are the same tools", async () => {
  const { data } = await serviceClient().from("integration_capabilities").select("capability_key");

  assertEquals(
    data!.map(({ capability_key }) => capability_key).sort(),
    [...toolDefinitions.keys()].sort(),
  );
});
