import {
  addContact,
  type AgentWorld,
  createAgentWorld,
  execute,
  setGuardrails,
  text,
} from "../support/agent_calls.ts";
import { grant } from "../support/agent_tools.ts";
import { databaseTest, ingest, textFrom } from "../support/engine.ts";
import { setMode, withPlatform } from "../support/routing.ts";
import { connectAccount, listedNumber } from "../support/tenancy.ts";
import { freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const use = async (
  sql: postgres.Sql,
  world: AgentWorld,
  tool: string,
  args: Record<string, unknown> = {},
) => {
  const { result, error_code } = await execute(sql, world, { tool, arguments: args });
  return error_code ?? result;
};

/** Another account, with the scopes named, on which somebody has written. */
async function addAccount(sql: postgres.Sql, world: AgentWorld, scopes: string[]) {
  const number = listedNumber();
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    numbers: [number],
  });
  if (scopes.length > 0) await grant(sql, world as never, connectionId, scopes);
  const from = freshNumber();
  await ingest(sql, connectionId, [
    textFrom(world, from, { to: number.phone_number, text: "Private" }),
    textFrom(world, from, {
      to: number.phone_number,
      text: "Picture",
      media: [{ url: "https://media.example.com/1.png", contentType: "image/png" }],
    }),
  ]);
  const [thread] = await sql`
    select t.id, t.contact_id, m.id as message_id from public.conversations as t
    join public.conversation_messages as m on m.conversation_id = t.id
    where t.workspace_id = ${world.workspaceId} and t.contact_address = ${from} and m.body = 'Private'`;
  return { connectionId, from, id: thread!.id, messageId: thread!.message_id };
}

databaseTest(
  "an agent reads nothing of an account whose history it was not granted",
  async (sql) => {
    const world = await createAgentWorld(sql);
    for (const scopes of [[], ["sms", "delivery_receipts"]]) {
      const account = await addAccount(sql, world, scopes);

      assertEquals(
        await use(sql, world, "read_conversation", { conversation_id: account.id }),
        "conversation_not_found",
      );
      assertEquals(
        await use(sql, world, "get_message_status", { message_id: account.messageId }),
        "message_not_found",
      );
      const { conversations } = await use(sql, world, "list_conversations");
      assertEquals(conversations.length, 1);
      const { messages } = await use(sql, world, "twilio_get_sms_history");
      assertEquals(messages.map((message: Record<string, string>) => message.text), ["Hi back"]);
      const pictures = await use(sql, world, "twilio_get_mms_history");
      assertEquals(pictures.messages.map((message: Record<string, string>) => message.text), [
        "Hello",
      ]);
      // Whom they write to is the workspace's to know, in which thread is not.
      const { contacts } = await use(sql, world, "find_contact", { query: account.from });
      assertEquals(contacts.map(({ conversations }: Record<string, unknown>) => conversations), [
        undefined,
      ]);
    }
  },
);

databaseTest("an agent reads nothing on channels that it was not left", async (sql) => {
  const world = await createAgentWorld(sql, { allowed_channels: ["email"] });
  assertEquals(
    await use(sql, world, "read_conversation", { conversation_id: world.conversationId }),
    "conversation_not_found",
  );
  assertEquals(
    await use(sql, world, "get_message_status", { message_id: world.messageId }),
    "message_not_found",
  );
  const found = await use(sql, world, "find_contact", { query: world.contactAddress });
  assertEquals(found.contacts[0].conversations, undefined);
  await setGuardrails(sql, world, { allowed_channels: ["sms"] });
  assertEquals(
    (await use(sql, world, "read_conversation", { conversation_id: world.conversationId }))
      .messages.length,
    2,
  );
});

databaseTest("an account's tool answers for what goes through that account", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = await addAccount(sql, world, ["sms", "history", "delivery_receipts"]);
  const { result } = await text(sql, world);
  const receipts = (connectionId: string) =>
    use(sql, world, "twilio_get_delivery_receipts", {
      message_id: result.message_id,
      connection_id: connectionId,
    });

  assertEquals((await receipts(world.connectionId)).status, "queued");
  assertEquals(await receipts(other.connectionId), "message_not_found");
  const { messages } = await use(sql, world, "twilio_get_sms_history", {
    connection_id: other.connectionId,
  });
  assertEquals(messages.map((message: Record<string, string>) => message.text), ["Private"]);
});

databaseTest("an agent reads the contacts of its labels and lists alone", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = await addContact(sql, world, ["lead"]);
  await sql`update public.contacts set labels = '{vip}' where id = ${world.contactId}`;
  const namesOf = async () => {
    const [found, listed, history] = [
      await use(sql, world, "find_contact", { query: "+1" }),
      await use(sql, world, "list_conversations"),
      await use(sql, world, "twilio_get_sms_history"),
    ];
    const all = await use(sql, world, "find_contact", { query: "patient" });
    return [
      found.contacts.length + all.contacts.length,
      listed.conversations.length,
      history.messages.length,
    ];
  };

  await setGuardrails(sql, world, { allowed_contact_labels: ["lead"] });
  assertEquals(await namesOf(), [1, 0, 0]);
  await setGuardrails(sql, world, { allowed_contact_labels: ["vip", "friend"] });
  assertEquals((await namesOf()).slice(1), [1, 1]);
  await setGuardrails(sql, world, { allowed_contact_ids: [other.id] });
  assertEquals(await namesOf(), [0, 0, 0]);
  await setGuardrails(sql, world, { allowed_contact_labels: null });
  assertEquals(await namesOf(), [1, 0, 0]);
});

databaseTest("over a number that workspaces share an agent reads its own alone", async (sql) => {
  const [world, foreign] = [await createAgentWorld(sql), await createAgentWorld(sql)];
  await withPlatform(sql, async (platform) => {
    for (const each of [world, foreign]) {
      await setMode(sql, each, "platform");
      await setGuardrails(sql, each, { platform_scopes: ["sms", "history"] });
      assertEquals((await text(sql, each, "Hello")).result.from, platform.phoneNumber);
    }
    const { conversations } = await use(sql, world, "list_conversations");
    assertEquals(
      conversations.map(({ conversation_id }: Record<string, string>) => conversation_id),
      [world.conversationId],
    );
    const { messages } = await use(sql, world, "twilio_get_sms_history", {
      connection_id: platform.connectionId,
    });
    assertEquals(messages.length, 1);
    assertEquals(
      await use(sql, world, "read_conversation", { conversation_id: foreign.conversationId }),
      "conversation_not_found",
    );
  });
});
