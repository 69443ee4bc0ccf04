import {
  addContact,
  type Answer,
  auditedActions,
  createAgentWorld,
  execute,
  sentBy,
  setGuardrails,
  text,
} from "../support/agent_calls.ts";
import { databaseTest } from "../support/engine.ts";
import { asService, asUser, freshNumber } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";

const codeOf = ({ state, error_code, error_field }: Answer) =>
  [state, error_code, error_field].filter((part) => part !== null);

databaseTest("an agent texts a contact, and it is the agent's message", async (sql) => {
  const world = await createAgentWorld(sql);
  const answer = await text(sql, world, "See you at nine", { reason: "Confirms the visit" });

  assertEquals(answer.state, "succeeded");
  const [message, ...others] = await sentBy(sql, world);
  assertEquals(others, []);
  assertEquals(message!.id, answer.result.message_id);
  assertEquals(
    [message!.body, message!.to_address, message!.sender_id, message!.is_waiting],
    ["See you at nine", world.contactAddress, null, true],
  );
  assertEquals(answer.result.conversation_id, world.conversationId);
  assertEquals(await auditedActions(sql, world), ["agent_tool.succeeded"]);
});

databaseTest("a bare number will do only where new people may be reached", async (sql) => {
  const world = await createAgentWorld(sql);
  const to = { to: freshNumber() };

  assertEquals(codeOf(await text(sql, world, "Hi", { to })), [
    "refused",
    "new_contact_not_allowed",
    "to",
  ]);
  // Also that of somebody who is known.
  const known = { to: world.contactAddress };
  assertEquals((await text(sql, world, "Hi", { to: known })).error_code, "new_contact_not_allowed");
  await setGuardrails(sql, world, { may_reach_new_contacts: true });
  assertEquals((await text(sql, world, "Hi", { to })).state, "succeeded");
  assertEquals(
    (await auditedActions(sql, world))[0],
    "agent_tool.refused new_contact_not_allowed",
  );
});

databaseTest("whatever way in it takes, an agent's message is held to its lines", async (sql) => {
  const world = await createAgentWorld(sql);
  const enqueueFor = (agentId: string | null, to: string) =>
    asService(sql, async (tx) => {
      const agent = { agent_id: agentId, sender_ids: [world.phoneNumberId] };
      const messages = [{ to_address: to, body: "Hi", agent }];
      const [row] = await tx`
        select * from public.enqueue_messages(${world.workspaceId}, ${tx.json(messages as never)})`;
      return row!.error_code;
    });

  assertEquals(await enqueueFor(world.agentId, freshNumber()), "new_contact_not_allowed");
  assertEquals(await enqueueFor(null, world.contactAddress), "invalid_request");
  assertEquals(await enqueueFor(world.agentId, world.contactAddress), null);
  assertEquals(await enqueueFor(crypto.randomUUID(), world.contactAddress), "agent_inactive");
  await asUser(sql, world.adminId, (tx) => tx`select public.stop_agent(${world.agentId})`);
  assertEquals(await enqueueFor(world.agentId, world.contactAddress), "agent_inactive");
});

databaseTest("an agent reaches the contacts of its list and labels alone", async (sql) => {
  const world = await createAgentWorld(sql);
  const friend = await addContact(sql, world, ["vip"]);
  const other = await addContact(sql, world, ["lead"]);
  const reach = async (contactId: string) =>
    codeOf(await text(sql, world, undefined, { to: { contact_id: contactId } }));
  const refusal = ["refused", "contact_not_allowed", "contact_id"];

  await setGuardrails(sql, world, { allowed_contact_labels: ["vip"] });
  assertEquals(await reach(friend.id), ["succeeded"]);
  assertEquals(await reach(other.id), refusal);
  await setGuardrails(sql, world, {
    allowed_contact_ids: [other.id],
    allowed_contact_labels: null,
  });
  assertEquals(await reach(friend.id), refusal);
  assertEquals(await reach(other.id), ["succeeded"]);
  // Both lists hold, where both are there.
  await setGuardrails(sql, world, { allowed_contact_labels: ["vip"] });
  assertEquals(await reach(other.id), refusal);
  // Whoever is new is on no list.
  await setGuardrails(sql, world, { may_reach_new_contacts: true });
  assertEquals(
    (await text(sql, world, "Hi", { to: { to: freshNumber() } })).error_code,
    "contact_not_allowed",
  );
});

databaseTest("an agent uses the channels it was left", async (sql) => {
  const world = await createAgentWorld(sql, { allowed_channels: ["email"] });

  assertEquals(codeOf(await text(sql, world)), ["refused", "channel_not_allowed", "channel"]);
  const call = await execute(sql, world, {
    tool: "twilio_start_call",
    arguments: { contact_id: world.contactId, body: "Hello" },
  });
  assertEquals(call.error_code, "channel_not_allowed");
});

databaseTest("an agent sends from what is meant for it", async (sql) => {
  const world = await createAgentWorld(sql);
  const otherNumberId = crypto.randomUUID();
  await setGuardrails(sql, world, { allowed_phone_number_ids: [otherNumberId] });
  assertEquals((await text(sql, world)).error_code, "sender_not_allowed");
  const named = { contact_id: world.contactId, from: world.phoneNumber };
  assertEquals((await text(sql, world, "Hi", { to: named })).error_code, "sender_not_allowed");
  await setGuardrails(sql, world, { allowed_phone_number_ids: [world.phoneNumberId] });
  assertEquals((await text(sql, world, "Hi", { to: named })).state, "succeeded");
});

databaseTest("an agent's hour and day hold only so many messages", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 2, messages_per_day: 3 });
  const send = async () => (await text(sql, world)).error_code;

  assertEquals([await send(), await send(), await send()], [null, null, "agent_rate_limited"]);
  await sql`
    update public.conversation_messages set created_at = now() - interval '61 minutes'
    where agent_id = ${world.agentId}`;
  assertEquals([await send(), await send()], [null, "agent_rate_limited"]);
  await sql`
    update public.conversation_messages set created_at = now() - interval '25 hours'
    where agent_id = ${world.agentId}`;
  assertEquals(await send(), null);
});

databaseTest("what was canceled counts no more", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 1 });
  const { result } = await text(sql, world);
  assertEquals((await text(sql, world)).error_code, "agent_rate_limited");
  const canceled = await execute(sql, world, {
    tool: "cancel_message",
    arguments: { message_id: result.message_id },
  });
  assertEquals(canceled.result.status, "canceled");
  assertEquals((await text(sql, world)).error_code, null);
});

databaseTest("an agent spends no more in a day than it may", async (sql) => {
  const world = await createAgentWorld(sql, { spend_per_day: 0.025 });
  const send = async () => (await text(sql, world)).error_code;

  // A text is taken to cost 0.01 USD.
  assertEquals([await send(), await send(), await send()], [
    null,
    null,
    "agent_spend_limit_reached",
  ]);
  // What the provider charged counts, once it says so.
  await sql`
    insert into public.message_attempts (
      workspace_id, conversation_id, message_id, connection_id, attempt_number, outcome, external_id, price,
      price_currency, finished_at
    )
    select workspace_id, conversation_id, id, ${world.connectionId}, 1, 'accepted', id::text, 0.001, 'USD', now()
    from public.conversation_messages where agent_id = ${world.agentId}`;
  assertEquals(await send(), null);
});

databaseTest("caps hold for many who send at once", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 5, spend_per_day: 100 });
  const spender = await createAgentWorld(sql, { spend_per_day: 0.055 });
  const flood = (place: typeof world) =>
    Promise.all(Array.from({ length: 20 }, () => text(sql, place)));
  const [limited, spent] = await Promise.all([flood(world), flood(spender)]);

  const countOf = (answers: Answer[], code: string | null) =>
    answers.filter(({ error_code }) => error_code === code).length;
  assertEquals([countOf(limited, null), countOf(limited, "agent_rate_limited")], [5, 15]);
  assertEquals([countOf(spent, null), countOf(spent, "agent_spend_limit_reached")], [5, 15]);
  assertEquals((await sentBy(sql, world)).length, 5);
  assertEquals((await sentBy(sql, spender)).length, 5);
});

databaseTest("what would arrive at night waits for the morning", async (sql) => {
  const world = await createAgentWorld(sql);
  await sql`update public.contacts set time_zone = 'UTC' where id = ${world.contactId}`;
  const hour = new Date().getUTCHours();
  const at = (offset: number) => `${String((hour + offset + 24) % 24).padStart(2, "0")}:00`;
  await setGuardrails(sql, world, { quiet_hours_start: at(-1), quiet_hours_end: at(2) });

  const { state, result } = await text(sql, world);
  assertEquals([state, result.status, result.moved_for_quiet_hours], [
    "succeeded",
    "scheduled",
    true,
  ]);
  assertEquals(new Date(result.scheduled_at).getUTCHours(), (hour + 2) % 24);
  // A call cannot wait.
  const call = await execute(sql, world, {
    tool: "twilio_start_call",
    arguments: { contact_id: world.contactId, body: "Hello" },
  });
  assertEquals(codeOf(call), ["refused", "quiet_hours", "scheduled_at"]);
  // Nor may what is scheduled for the night stay there.
  await setGuardrails(sql, world, { quiet_hours_start: at(3), quiet_hours_end: at(6) });
  const night = new Date(Date.now() + 4 * 3_600_000).toISOString();
  const scheduled = await execute(sql, world, {
    tool: "schedule_message",
    arguments: { contact_id: world.contactId, body: "Later", scheduled_at: night },
  });
  assertEquals(new Date(scheduled.result.scheduled_at).getUTCHours(), (hour + 6) % 24);
  assertEquals((await text(sql, world)).result.status, "queued");
});

databaseTest("the same said twice within minutes waits for a person", async (sql) => {
  const world = await createAgentWorld(sql);
  assertEquals((await text(sql, world, "Your table is ready.")).state, "succeeded");
  const again = await text(sql, world, "  your table is READY ");

  assertEquals(again.state, "awaiting_approval");
  assertEquals(again.result.reason, "near_duplicate");
  assertEquals((await text(sql, world, "Your table is gone.")).state, "succeeded");
  await sql`
    update public.conversation_messages set created_at = now() - interval '11 minutes'
    where agent_id = ${world.agentId}`;
  assertEquals((await text(sql, world, "Your table is ready!")).state, "succeeded");
});

databaseTest("nothing is sent for an agent that is switched off", async (sql) => {
  const world = await createAgentWorld(sql);
  await sql`update public.agents set is_active = false where id = ${world.agentId}`;

  assertEquals(codeOf(await text(sql, world)), ["refused", "agent_inactive"]);
  assertEquals((await sentBy(sql, world)).length, 0);
  assert((await auditedActions(sql, world)).includes("agent_tool.refused agent_inactive"));
});
