import { assert, assertEquals } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { serviceClient } from "../support/people.ts";
import { eventually } from "../support/poll.ts";
import { freshNumber } from "../support/world.ts";
import { freshContact, write } from "./providers/desk.ts";
import {
  addContact,
  type AgentDesk,
  execute,
  openAgentDesk,
  recordOf,
  refusalIn,
  setLines,
  succeedWith,
} from "./tools/agent_desk.ts";

/** What a prompt that somebody slipped in could make a model ask for. */

const twilio = providers.get("twilio")!;
let shared: Promise<[own: AgentDesk, foreign: AgentDesk]> | undefined;
const openDesks = () => shared ??= Promise.all([openAgentDesk(twilio), openAgentDesk(twilio)]);

async function countMessages({ workspaceId }: AgentDesk): Promise<number> {
  const { count } = await serviceClient().from("conversation_messages")
    .select("id", { count: "exact", head: true }).eq("workspace_id", workspaceId);
  return count!;
}

interface Injection {
  tool: string;
  given: unknown;
  refusal: [status: number, code: string, field: string | undefined];
}

/** Refused by its code, written down with the code, and without a message on either side. */
async function assertRefused(
  desk: AgentDesk,
  foreign: AgentDesk,
  { tool, given, refusal }: Injection,
): Promise<void> {
  const before = [await countMessages(desk), await countMessages(foreign)];
  const call = { call_id: crypto.randomUUID() };

  const answer = await execute(desk, tool, given, call);
  const again = await execute(desk, tool, given, call);

  const what = `${tool} ${JSON.stringify(given)}`;
  assertEquals(refusalIn(answer), refusal, what);
  assertEquals(refusalIn(again).slice(0, 2), refusal.slice(0, 2), `${what}, again`);
  assert(answer.body.error.details.hint, what);
  const { call: kept, audit } = await recordOf(answer.body.error.details.tool_call.id);
  assertEquals([kept.status, kept.error_code, kept.workspace_id], [
    "refused",
    refusal[1],
    desk.workspaceId,
  ], what);
  assertEquals(
    [audit[0]?.action, (audit[0]?.details as Record<string, string>)?.error_code],
    ["agent_tool.refused", refusal[1]],
    what,
  );
  assertEquals([await countMessages(desk), await countMessages(foreign)], before, what);
}

Deno.test("ids of another workspace are nobody's, and told apart from made-up ones by nothing", async () => {
  const [desk, foreign] = await openDesks();
  const { contactId } = await addContact(foreign);
  const sent = await succeedWith(foreign, "send_message", {
    contact_id: contactId,
    body: "Hello",
  });
  const madeUp = crypto.randomUUID();
  const body = "Hello";
  const cases: Injection[] = [contactId, madeUp].flatMap((contact_id): Injection[] => [
    {
      tool: "send_message",
      given: { contact_id, body },
      refusal: [404, "contact_not_found", "contact_id"],
    },
    {
      tool: "twilio_start_call",
      given: { contact_id, body },
      refusal: [404, "contact_not_found", "contact_id"],
    },
  ]).concat([sent.conversation_id, madeUp].flatMap((conversation_id): Injection[] => [
    {
      tool: "send_message",
      given: { conversation_id, body },
      refusal: [404, "conversation_not_found", "conversation_id"],
    },
    {
      tool: "read_conversation",
      given: { conversation_id },
      refusal: [404, "conversation_not_found", "conversation_id"],
    },
  ])).concat([sent.message_id, madeUp].flatMap((message_id): Injection[] => [
    {
      tool: "get_message_status",
      given: { message_id },
      refusal: [404, "message_not_found", "message_id"],
    },
    {
      tool: "cancel_message",
      given: { message_id },
      refusal: [404, "message_not_found", "message_id"],
    },
    {
      tool: "twilio_get_delivery_receipts",
      given: { message_id },
      refusal: [404, "message_not_found", "message_id"],
    },
  ])).concat([foreign.connectionId, madeUp].map((connection_id): Injection => ({
    tool: "twilio_get_balance",
    given: { connection_id },
    refusal: [403, "tool_not_allowed", "connection_id"],
  })));

  for (const injection of cases) await assertRefused(desk, foreign, injection);
  const listed = await succeedWith(desk, "list_conversations", { contact_id: contactId });
  assertEquals(listed.conversations, []);
  const history = await succeedWith(desk, "twilio_get_sms_history", { contact_id: contactId });
  assertEquals(history.messages, []);
});

Deno.test("another workspace's number is no sender", async () => {
  const [desk, foreign] = await openDesks();
  const { contactId } = await addContact(desk);
  for (const tool of ["send_message", "twilio_send_sms", "twilio_start_call"]) {
    const answer = await execute(desk, tool, {
      contact_id: contactId,
      body: "Hello",
      from: foreign.account.sender,
    });
    assert([403, 404].includes(answer.status), JSON.stringify(answer.body));
    assert(["sender_not_allowed", "sender_not_found"].includes(answer.body.error.code));
  }
});

Deno.test("a URL on the inside is never handed to a provider", async () => {
  const [desk, foreign] = await openDesks();
  const { contactId } = await addContact(desk);
  const urls = [
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/admin",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://2130706433/",
    "https://user@example.com/",
    "https://metadata.google.internal/",
  ];

  for (const url of urls) {
    await assertRefused(desk, foreign, {
      tool: "twilio_send_mms",
      given: { contact_id: contactId, media_urls: [url] },
      refusal: [422, "invalid_arguments", "media_urls.0"],
    });
  }
  for (const url of ["file:///etc/passwd", "http://example.com/a.png"]) {
    const answer = await execute(desk, "send_message", {
      contact_id: contactId,
      media_urls: [url],
    });
    assertEquals([answer.status, answer.body.error.code], [422, "invalid_arguments"]);
  }
});

Deno.test("numbers and contacts outside of an agent's lists are out of its reach", async () => {
  const [desk, foreign] = [await openAgentDesk(twilio), (await openDesks())[1]];
  const [allowed, other] = [await addContact(desk), await addContact(desk)];
  await setLines(desk, {
    may_reach_new_contacts: false,
    allowed_contact_ids: [allowed.contactId],
    allowed_channels: ["sms"],
  });
  const body = "Hello";
  const cases: Injection[] = [
    {
      tool: "send_message",
      given: { to: freshNumber(), body },
      refusal: [403, "new_contact_not_allowed", "to"],
    },
    {
      tool: "twilio_start_call",
      given: { to: freshNumber(), body },
      refusal: [403, "new_contact_not_allowed", "to"],
    },
    {
      tool: "send_message",
      given: { to: allowed.address, body },
      refusal: [403, "new_contact_not_allowed", "to"],
    },
    {
      tool: "send_message",
      given: { contact_id: other.contactId, body },
      refusal: [403, "contact_not_allowed", "contact_id"],
    },
    {
      tool: "twilio_start_call",
      given: { contact_id: allowed.contactId, body },
      refusal: [403, "channel_not_allowed", "channel"],
    },
  ];

  for (const injection of cases) await assertRefused(desk, foreign, injection);
  assertEquals((await succeedWith(desk, "find_contact", { query: "Ada" })).contacts.length, 1);
  await succeedWith(desk, "send_message", { contact_id: allowed.contactId, body });
});

Deno.test("fields that a tool does not have are refused, however often they are tried", async () => {
  const [desk, foreign] = await openDesks();
  const { contactId } = await addContact(desk);
  const given = { contact_id: contactId, body: "Hello" };
  const extras = {
    workspace_id: foreign.workspaceId,
    agent_id: foreign.agentId,
    connection_id: foreign.connectionId,
    message_class: "one_time_code",
    idempotency_key: "another",
    approval_id: crypto.randomUUID(),
    __proto__x: {},
    constructor: "x",
  };

  for (const [name, value] of Object.entries(extras)) {
    await assertRefused(desk, foreign, {
      tool: "send_message",
      given: { ...given, [name]: value },
      refusal: [422, "invalid_arguments", name],
    });
  }
  for (const broken of [[], "Hello", 7, { contact_id: [contactId], body: "Hello" }]) {
    const { status, body } = await execute(desk, "send_message", broken);
    assertEquals([status, body.error.code], [422, "invalid_arguments"], JSON.stringify(broken));
  }
});

Deno.test("text that Postgres cannot keep is refused and written down", async () => {
  const [desk, foreign] = await openDesks();
  const { contactId } = await addContact(desk);

  for (const body of ["a\u0000b", "\ud800"]) {
    await assertRefused(desk, foreign, {
      tool: "send_message",
      given: { contact_id: contactId, body },
      refusal: [422, "invalid_arguments", "body"],
    });
  }
});

Deno.test("who asked not to be written to is not, whatever the tool", async () => {
  const [desk] = await openDesks();
  const contact = freshContact(desk.account);
  const { delivery } = await write(desk, contact, { body: "STOP" });
  assertEquals(delivery.status, 200);
  await eventually("the opt-out", async () => {
    const { data } = await serviceClient().from("opt_outs").select("address")
      .eq("workspace_id", desk.workspaceId);
    return data!.some(({ address }) => address === contact);
  });

  for (const tool of ["send_message", "twilio_send_sms", "twilio_start_call"]) {
    const { status, body } = await execute(desk, tool, { to: contact, body: "Hello" });
    assertEquals([status, body.error?.code], [422, "recipient_opted_out"], tool);
  }
});
