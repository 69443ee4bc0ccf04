import { type AgentWorld, createAgentWorld, setGuardrails, text } from "../support/agent_calls.ts";
import { grant } from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import { addAgent, connectAccount, listedNumber } from "../support/tenancy.ts";
import { asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

/** Another account of the workspace's, and how to ask whether an agent's message may leave through it. */
async function addSecondAccount(sql: postgres.Sql, world: AgentWorld, isPersonal = false) {
  const connectionId = await connectAccount(sql, world.adminId, world.workspaceId, {
    numbers: [listedNumber()],
    isPersonal,
  });
  const [number] = await sql`
    select id from public.phone_numbers where connection_id = ${connectionId}`;
  const send = async (args: Record<string, unknown> = {}) => {
    const { result, error_message } = await text(sql, world, undefined, {
      to: { contact_id: world.contactId, ...args },
    });
    if (error_message) throw new Error(error_message);
    return result.message_id as string;
  };
  const isTakenBy = async (messageId: string) => {
    const [route] = await sql`
      select (private.find_detour(${messageId})).connection_id as id`;
    return route!.id === connectionId;
  };
  return { connectionId, numberId: number!.id as string, send, isTakenBy };
}

databaseTest(
  "an agent's message leaves by another account only where the agent may",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const { connectionId, numberId, send, isTakenBy } = await addSecondAccount(sql, world);
    const media_urls = ["https://media.example.com/1.png"];
    const [words, picture] = [await send(), await send({ media_urls })];

    assertEquals(await isTakenBy(words), false, "not granted");
    await grant(sql, world as never, connectionId, ["mms"]);
    assertEquals([await isTakenBy(words), await isTakenBy(picture)], [false, true], "for pictures");
    await grant(sql, world as never, connectionId, ["sms"]);
    assertEquals([await isTakenBy(words), await isTakenBy(picture)], [true, false], "for words");

    await sql`
    update public.phone_numbers set agent_id = ${await addAgent(
      sql,
      world,
    )} where id = ${numberId}`;
    assertEquals(await isTakenBy(words), false, "another agent's number");
    await setGuardrails(sql, world, { allowed_phone_number_ids: [numberId] });
    assertEquals(await isTakenBy(words), true, "its lines list the number");
    await asUser(
      sql,
      world.adminId,
      (tx) => tx`select public.deny_agent_scopes(${world.agentId}, ${connectionId}, '{sms}')`,
    );
    assertEquals(await isTakenBy(words), false, "denied");
  },
);

databaseTest("an agent's message leaves by nobody's own account instead", async (sql) => {
  const world = await createAgentWorld(sql);
  const { connectionId, send, isTakenBy } = await addSecondAccount(sql, world, true);
  await grant(sql, world as never, connectionId, ["sms"]);
  const words = await send({ from: undefined });

  const [message] = await sql`
    select phone_number_id from public.conversation_messages where id = ${words}`;
  assertEquals(message!.phone_number_id, world.phoneNumberId);
  assertEquals(await isTakenBy(words), false);
});
