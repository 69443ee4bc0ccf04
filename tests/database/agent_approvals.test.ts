import {
  addContact,
  type AgentWorld,
  auditedActions,
  createAgentWorld,
  decide,
  execute,
  sentBy,
  setGuardrails,
  text,
  type ToolCall,
} from "../support/agent_calls.ts";
import { databaseTest } from "../support/engine.ts";
import { addMember, refusalAs } from "../support/tenancy.ts";
import { asService, asUser, createAccount, createWorld } from "../support/world.ts";
import { assertEquals, assertMatch } from "@std/assert";
import type postgres from "postgres";

/** An agent that has to ask, and has asked. */
async function createAsking(sql: postgres.Sql, guardrails: Record<string, unknown> = {}) {
  const world = await createAgentWorld(sql, { destructive_needs_approval: true, ...guardrails });
  const call: ToolCall = {
    tool: "send_message",
    arguments: { contact_id: world.contactId, body: "Your table is ready" },
    call_id: crypto.randomUUID(),
    run_id: "run",
  };
  const asked = await execute(sql, world, call);
  return { world, call, asked, approvalId: asked.result.approval_id as string };
}

const statusOf = async (sql: postgres.Sql, approvalId: string) => {
  const [row] = await sql`
    select p.status, c.status as call_status, c.error_code from public.agent_approvals as p
    join public.agent_tool_calls as c on c.id = p.tool_call_id where p.id = ${approvalId}`;
  return [row!.status, row!.call_status, row!.error_code];
};

databaseTest("what has to be approved waits, and is sent once somebody says yes", async (sql) => {
  const { world, call, asked, approvalId } = await createAsking(sql);
  assertEquals([asked.state, asked.result.reason], ["awaiting_approval", "destructive"]);
  assertEquals((await sentBy(sql, world)).length, 0);
  // Asked again, it is the same question.
  const again = await execute(sql, world, call);
  assertEquals([again.state, again.is_duplicate, again.result.approval_id], [
    "awaiting_approval",
    true,
    approvalId,
  ]);

  const [seen] = await asUser(
    sql,
    world.memberId,
    (tx) => tx`select summary, status from public.agent_approvals where id = ${approvalId}`,
  );
  assertEquals(seen!.status, "pending");
  assertMatch(seen!.summary, /^SMS to \+\d+: Your table is ready$/);
  const answer = await decide(sql, world.memberId, approvalId, "approve");
  assertEquals([answer.state, answer.result.status], ["succeeded", "queued"]);
  const [message] = await sentBy(sql, world);
  // The agent's, not the person's who approved.
  assertEquals([message!.id, message!.sender_id], [answer.result.message_id, null]);
  assertEquals(await statusOf(sql, approvalId), ["approved", "succeeded", null]);

  const late = await execute(sql, world, call);
  assertEquals([late.state, late.is_duplicate], ["succeeded", true]);
  assertEquals(late.result, answer.result);
  assertEquals((await sentBy(sql, world)).length, 1);
  assertEquals(await auditedActions(sql, world), [
    "agent_tool.awaiting_approval",
    "agent_approval.approved",
    "agent_tool.succeeded",
  ]);
});

databaseTest("what was refused stays refused, and the agent is told why", async (sql) => {
  const { world, call, approvalId } = await createAsking(sql);
  await decide(sql, world.memberId, approvalId, "refuse", "Too pushy");

  const answer = await execute(sql, world, call);
  assertEquals([answer.state, answer.error_code], ["refused", "approval_refused"]);
  assertMatch(answer.error_message!, /Too pushy/);
  assertEquals((await sentBy(sql, world)).length, 0);
  assertEquals(await statusOf(sql, approvalId), ["refused", "refused", "approval_refused"]);
});

databaseTest("an approval is decided once, by whom it is shown to", async (sql) => {
  const { world, approvalId } = await createAsking(sql);
  const approve = (decision: string) => (tx: postgres.TransactionSql) =>
    tx`select * from public.decide_agent_approval(${approvalId}, ${decision})`;
  const strangerId = (await createWorld(sql)).ownerId;
  const outsiderId = await createAccount(sql, "outsider");

  for (const userId of [strangerId, outsiderId]) {
    assertEquals(await refusalAs(sql, userId, approve("approve")), "PT404");
  }
  assertEquals(await refusalAs(sql, world.memberId, approve("perhaps")), "PT400");
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  assertEquals(await refusalAs(sql, await addMember(sql, world), approve("approve")), "PT404");
  await asUser(sql, world.adminId, approve("approve"));
  assertEquals(await refusalAs(sql, world.adminId, approve("refuse")), "PT409");
  assertEquals((await sentBy(sql, world)).length, 1);
});

databaseTest("two who approve at once send one message", async (sql) => {
  const { world, approvalId, call } = await createAsking(sql);
  const results = await Promise.allSettled([
    decide(sql, world.memberId, approvalId, "approve"),
    decide(sql, world.adminId, approvalId, "approve"),
    execute(sql, world, call),
    decide(sql, world.ownerId, approvalId, "approve"),
  ]);

  assertEquals(results.filter(({ status }) => status === "rejected").length, 2);
  assertEquals((await sentBy(sql, world)).length, 1);
});

databaseTest("an approval lets through what it was asked about, and no other line", async (sql) => {
  const { world, approvalId } = await createAsking(sql);
  await setGuardrails(sql, world, { allowed_channels: ["email"] });

  const answer = await decide(sql, world.memberId, approvalId, "approve");
  assertEquals([answer.state, answer.error_code], ["refused", "channel_not_allowed"]);
  assertEquals((await sentBy(sql, world)).length, 0);
});

const TAKEN_BACK: Record<string, (world: AgentWorld) => (tx: postgres.TransactionSql) => unknown> =
  {
    "its key was revoked": ({ keyId }) => (tx) => tx`select public.revoke_agent_key(${keyId})`,
    "its grant was taken back": ({ agentId }) => (tx) =>
      tx`select public.revoke_agent_permission(id) from public.agent_integration_permissions
      where agent_id = ${agentId}`,
  };

for (const [event, takeBack] of Object.entries(TAKEN_BACK)) {
  databaseTest(`an approval does nothing for an agent once ${event}`, async (sql) => {
    const { world, approvalId } = await createAsking(sql);
    await asUser(sql, world.adminId, async (tx) => await takeBack(world)(tx));

    const answer = await decide(sql, world.memberId, approvalId, "approve");
    assertEquals([answer.state, answer.error_code], ["refused", "tool_not_allowed"]);
    assertEquals((await sentBy(sql, world)).length, 0);
  });
}

databaseTest("the first message to somebody waits for a person", async (sql) => {
  const world = await createAgentWorld(sql, { first_contact_needs_approval: true });
  const newcomer = await addContact(sql, world);
  const to = { contact_id: newcomer.id };

  assertEquals((await text(sql, world)).state, "succeeded");
  const asked = await text(sql, world, "Welcome", { to });
  assertEquals([asked.state, asked.result.reason], ["awaiting_approval", "first_contact"]);
  await decide(sql, world.memberId, asked.result.approval_id, "approve");
  assertEquals((await text(sql, world, "And another thing", { to })).state, "succeeded");
});

databaseTest("a yes to one message is no yes to its repetition", async (sql) => {
  const { world, approvalId } = await createAsking(sql);
  const twin = await text(sql, world, "Your table is ready");
  assertEquals(twin.result.reason, "destructive");
  assertEquals((await decide(sql, world.memberId, approvalId, "approve")).state, "succeeded");

  const answer = await decide(sql, world.memberId, twin.result.approval_id, "approve");
  assertEquals([answer.state, answer.result.reason], ["awaiting_approval", "near_duplicate"]);
  assertEquals((await sentBy(sql, world)).length, 1);
  const sure = await decide(sql, world.memberId, answer.result.approval_id, "approve");
  assertEquals(sure.state, "succeeded");
  assertEquals((await sentBy(sql, world)).length, 2);
});

databaseTest("what nobody decides in time is over, and can be asked again", async (sql) => {
  const { world, call, approvalId } = await createAsking(sql);
  await sql`
    update public.agent_approvals
    set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
    where id = ${approvalId}`;
  assertEquals(
    await refusalAs(
      sql,
      world.memberId,
      (tx) => tx`select * from public.decide_agent_approval(${approvalId}, 'approve')`,
    ),
    "PT409",
  );
  await asService(sql, (tx) => tx`select public.expire_agent_approvals()`);
  assertEquals(await statusOf(sql, approvalId), ["expired", "refused", "approval_expired"]);

  const again = await execute(sql, world, call);
  assertEquals([again.state, again.is_duplicate], ["awaiting_approval", false]);
  await decide(sql, world.memberId, again.result.approval_id, "approve");
  assertEquals((await sentBy(sql, world)).length, 1);
});

databaseTest("an agent that is switched off takes back all that waits", async (sql) => {
  const { world, approvalId } = await createAsking(sql);
  await setGuardrails(sql, world, { destructive_needs_approval: false });
  await text(sql, world, "Queued");
  await execute(sql, world, {
    tool: "schedule_message",
    arguments: {
      contact_id: world.contactId,
      body: "Scheduled",
      scheduled_at: new Date(Date.now() + 86_400_000).toISOString(),
    },
  });
  const [before] = await sql`
    select sum(reserved_count) as reserved from public.usage_counters
    where workspace_id = ${world.workspaceId}`;

  assertEquals(
    await refusalAs(sql, world.memberId, (tx) => tx`select public.stop_agent(${world.agentId})`),
    "PT403",
  );
  const strangerId = (await createWorld(sql)).ownerId;
  assertEquals(
    await refusalAs(sql, strangerId, (tx) => tx`select public.stop_agent(${world.agentId})`),
    "PT404",
  );
  await asUser(sql, world.adminId, (tx) => tx`select public.stop_agent(${world.agentId})`);
  assertEquals((await sentBy(sql, world)).map(({ status, is_waiting }) => [status, is_waiting]), [
    ["canceled", false],
    ["canceled", false],
  ]);
  assertEquals(await statusOf(sql, approvalId), ["expired", "refused", "agent_inactive"]);
  const [after] = await sql`
    select sum(reserved_count) as reserved from public.usage_counters
    where workspace_id = ${world.workspaceId}`;
  assertEquals(Number(before!.reserved) - Number(after!.reserved), 2);
});

databaseTest("nothing slips through while an agent is being stopped", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 100 });
  const sends = Array.from({ length: 12 }, () => text(sql, world));
  await asUser(sql, world.adminId, (tx) => tx`select public.stop_agent(${world.agentId})`);
  const answers = await Promise.all(sends);

  const states = new Set(answers.map(({ state, error_code }) => error_code ?? state));
  assertEquals([...states].every((state) => ["succeeded", "agent_inactive"].includes(state)), true);
  assertEquals((await sentBy(sql, world)).filter(({ is_waiting }) => is_waiting).length, 0);
});
