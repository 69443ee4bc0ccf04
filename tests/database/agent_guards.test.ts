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
} from "../support/agent_calls.ts";
import { grant } from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import { NOWHERE, numberIn } from "../support/scheduling.ts";
import { connectAccount } from "../support/tenancy.ts";
import { asService, asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

/** What a function would say that sends for an agent, past the tools. */
const enqueueFor = (
  sql: postgres.Sql,
  { workspaceId, phoneNumberId, contactAddress }: AgentWorld,
  agents: (Record<string, string> | null)[],
) =>
  asService(sql, async (tx) => {
    const messages = agents.map((agent) => ({
      to_address: contactAddress,
      body: crypto.randomUUID(),
      ...(agent && { agent: { sender_ids: [phoneNumberId], ...agent } }),
    }));
    const rows = await tx`
      select * from public.enqueue_messages(${workspaceId}, ${
      tx.json(messages as never)
    }) order by index`;
    return rows.map(({ error_code }) => error_code);
  });

const askTwilio = (sql: postgres.Sql, world: AgentWorld, callId: string) =>
  execute(sql, world, { tool: "twilio_get_balance", arguments: {}, call_id: callId });

databaseTest("only a yes to the agent itself lets a message through", async (sql) => {
  const world = await createAgentWorld(sql, { destructive_needs_approval: true });
  const other = await createAgentWorld(sql, { destructive_needs_approval: true });
  const { agentId: agent_id } = world;
  const pending = (await text(sql, world)).result.approval_id as string;
  const foreign = (await text(sql, other)).result.approval_id as string;
  await decide(sql, other.memberId, foreign, "approve");

  assertEquals(
    await enqueueFor(sql, world, [{ agent_id, approval_id: pending }]),
    ["approval_needed"],
  );
  assertEquals(
    await enqueueFor(sql, world, [{ agent_id, approval_id: foreign }]),
    ["approval_needed"],
  );
  await decide(sql, world.memberId, pending, "approve");
  assertEquals(await enqueueFor(sql, world, [{ agent_id, approval_id: pending }]), [null]);
});

databaseTest("an agent's lines are no lines of people beside it", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 1 });
  const agent = { agent_id: world.agentId };
  const [first, byPerson, second, byOther] = await enqueueFor(sql, world, [
    agent,
    null,
    agent,
    null,
  ]);
  assertEquals([byPerson, byOther], [null, null]);
  // Of a batch of the agent's one is enough, whichever it is.
  assertEquals([first, second].filter((code) => code !== null), ["agent_rate_limited"]);
});

databaseTest("what never arrived was no first contact", async (sql) => {
  const world = await createAgentWorld(sql, { first_contact_needs_approval: true });
  const contact = await addContact(sql, world);
  const send = () => text(sql, world, undefined, { to: { contact_id: contact.id } });
  const asked = await send();
  await decide(sql, world.memberId, asked.result.approval_id, "approve");
  for (const status of ["failed", "canceled"]) {
    await sql`
      update public.conversation_messages set status = ${status}, error_code = 'refused'
      where agent_id = ${world.agentId}`;
    assertEquals((await send()).result.reason, "first_contact", status);
  }
  await sql`update public.conversation_messages set status = 'sent' where agent_id = ${world.agentId}`;
  assertEquals((await send()).state, "succeeded");
});

databaseTest("nobody knows how late it is there: the night is longer", async (sql) => {
  const world = await createAgentWorld(sql);
  const quietFrom = async (address: string, offsetMinutes: number) => {
    const [row] = await sql`
      select private.agent_quiet_until(${world.agentId}, ${address},
        date_trunc('day', now() at time zone z.zone) at time zone z.zone + interval '21 hours'
          + make_interval(mins => ${offsetMinutes}::integer)) is not null as is_quiet
      from (select (r.time_zones)[1] as zone
        from private.recipient_time_zones(array[${world.workspaceId}::uuid], array[${address}]) as r) as z`;
    return row!.is_quiet;
  };
  await setGuardrails(sql, world, { quiet_hours_start: "21:00", quiet_hours_end: "08:00" });
  const [known, unknown] = [numberIn("+1212"), numberIn(NOWHERE)];

  assertEquals([await quietFrom(known, -1), await quietFrom(known, 1)], [false, true]);
  assertEquals([await quietFrom(unknown, -121), await quietFrom(unknown, -119)], [false, true]);
  assertEquals(await quietFrom("ann@example.com", 1).catch(() => false), false);
  const [mail] = await sql`
    select bool_or(private.agent_quiet_until(
      ${world.agentId}, 'ann@example.com', date_trunc('day', now()) + make_interval(hours => h)
    ) is not null) as is_quiet from generate_series(0, 23) as h`;
  assertEquals(mail!.is_quiet, false);
});

databaseTest("a provider is not asked again while somebody asks it", async (sql) => {
  const world = await createAgentWorld(sql);
  const first = await askTwilio(sql, world, "balance");
  const second = await askTwilio(sql, world, "balance");
  assertEquals([first.state, second.state, second.is_duplicate], ["ask", "running", true]);
  // Whoever asked is gone.
  await sql`
    update public.agent_tool_calls set started_at = now() - interval '3 minutes'
    where id = ${first.tool_call_id}`;
  assertEquals((await askTwilio(sql, world, "balance")).state, "ask");
});

databaseTest("an approval that ran out is asked for anew, swept or not", async (sql) => {
  const world = await createAgentWorld(sql, { destructive_needs_approval: true });
  const ask = (callId: string) => text(sql, world, `Hello ${callId}`, { call_id: callId });
  const [late, waiting] = [await ask("late"), await ask("waiting")];
  await sql`
    update public.agent_approvals set created_at = now() - interval '1 day', expires_at = now()
    where id = ${late.result.approval_id}`;

  assertEquals((await ask("late")).is_duplicate, false);
  await sql`
    update public.agent_approvals set created_at = now() - interval '1 day', expires_at = now()
    where id = ${late.result.approval_id}`;
  await asService(sql, (tx) => tx`select public.expire_agent_approvals()`);
  const statusOf = async (id: string) =>
    (await sql`select status from public.agent_approvals where id = ${id}`)[0]!.status;
  assertEquals(await statusOf(late.result.approval_id), "expired");
  assertEquals(await statusOf(waiting.result.approval_id), "pending");
});

databaseTest(
  "what was approved and refused is not begun again by whoever has its id",
  async (sql) => {
    const world = await createAgentWorld(sql, { destructive_needs_approval: true });
    const { result } = await text(sql, world);
    await setGuardrails(sql, world, { messages_per_hour: 0 });
    await decide(sql, world.memberId, result.approval_id, "approve");
    await setGuardrails(sql, world, { messages_per_hour: 10 });

    const [answer] = await asService(
      sql,
      (tx) => tx`select * from public.run_approved_tool(${result.approval_id})`,
    );
    assertEquals([answer!.state, answer!.error_code], ["refused", "agent_rate_limited"]);
    assertEquals((await sentBy(sql, world)).length, 0);
  },
);

databaseTest(
  "a look that is refused is written down, and one that is not leaves no trace",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const read = (id: string) =>
      execute(sql, world, { tool: "read_conversation", arguments: { conversation_id: id } });
    await read(world.conversationId);
    assertEquals(await auditedActions(sql, world), []);
    await read(crypto.randomUUID());
    assertEquals(await auditedActions(sql, world), ["agent_tool.refused conversation_not_found"]);
  },
);

databaseTest("who stopped an agent is written down", async (sql) => {
  const world = await createAgentWorld(sql);
  await asUser(sql, world.adminId, (tx) => tx`select public.stop_agent(${world.agentId})`);
  const rows = await sql`
    select actor_id, entity_id from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'agent.stopped'`;
  assertEquals([...rows], [{ actor_id: world.adminId, entity_id: world.agentId }]);
});

databaseTest("of several accounts a provider is asked about the one that is named", async (sql) => {
  const world = await createAgentWorld(sql);
  const otherId = await connectAccount(sql, world.ownerId, world.workspaceId);
  await grant(sql, world as never, otherId, ["balance"]);
  const ask = (args: Record<string, unknown>) =>
    execute(sql, world, { tool: "twilio_get_balance", arguments: args });

  const unnamed = await ask({});
  assertEquals([unnamed.error_code, unnamed.error_field], ["invalid_arguments", "connection_id"]);
  assertEquals((await ask({ connection_id: otherId })).ask.connection_id, otherId);
  assertEquals((await ask({ connection_id: otherId.toUpperCase() })).ask.connection_id, otherId);
  for (const connection_id of [crypto.randomUUID(), "", "1", {}, []]) {
    assertEquals((await ask({ connection_id })).error_code, "tool_not_allowed");
  }
});

databaseTest("who decides is shown all that would be sent, or how much is missing", async (sql) => {
  const world = await createAgentWorld(sql, { destructive_needs_approval: true });
  const summaryOf = async (args: Record<string, unknown>) => {
    const { result } = await text(sql, world, args.body as string, {
      to: { contact_id: world.contactId, ...args },
    });
    const [row] = await sql`
      select summary from public.agent_approvals where id = ${result.approval_id}`;
    return row!.summary as string;
  };
  const to = `SMS to ${world.contactAddress}`;
  const media_urls = ["https://media.example.com/1.png", "https://media.example.com/2.png"];

  assertEquals(
    await summaryOf({ body: "Look", media_urls }),
    `${to}: Look\nMedia: ${media_urls.join(", ")}`,
  );
  const [described] = await sql`
    select private.describe_message(${
    sql.json({
      subject: "Your bill",
      body: "Hi",
      html: "<a href='https://example.com'>Pay</a>",
      template: { name: "bill", variables: { name: "Ann", amount: "9" } },
    })
  }) as text, (private.describe_action(
      (null, null, ${world.contactAddress}, 'call')::private.tool_recipient, ${
    "x".repeat(3000)
  }, null
    )) as long`;
  assertEquals(
    described!.text,
    "Your bill\nHi\nTemplate bill: amount = 9, name = Ann\nHTML: <a href='https://example.com'>Pay</a>",
  );
  assertEquals(
    described!.long.endsWith("x… (1072 more characters)"),
    true,
    described!.long.slice(-40),
  );
});
