import {
  addContact,
  type AgentWorld,
  auditedActions,
  createAgentWorld,
  decide,
  execute,
  sentBy,
  text,
} from "../support/agent_calls.ts";
import { queueTest } from "../support/claims.ts";
import { databaseTest, record } from "../support/engine.ts";
import { makeDue } from "../support/queue.ts";
import { grant } from "../support/agent_tools.ts";
import { connectAccount, listedNumber } from "../support/tenancy.ts";
import { asService, asUser, freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

const schedule = (sql: postgres.Sql, world: AgentWorld, minutes: number) =>
  execute(sql, world, {
    tool: "schedule_message",
    arguments: {
      contact_id: world.contactId,
      body: crypto.randomUUID(),
      scheduled_at: inMinutes(minutes),
    },
  });

const takeOver = (sql: postgres.Sql, { memberId, conversationId }: AgentWorld) =>
  asUser(sql, memberId, (tx) => tx`select public.take_over(${conversationId})`);

databaseTest(
  "a conversation in nobody's hands is not taken over by whom it is assigned to",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await asUser(
      sql,
      world.adminId,
      (tx) =>
        tx`update public.conversations set assigned_to = ${world.memberId} where id = ${world.conversationId}`,
    );
    assertEquals((await text(sql, world)).state, "succeeded");
  },
);

databaseTest("who takes a conversation over takes back what any agent has waiting", async (sql) => {
  const world = await createAgentWorld(sql);
  await schedule(sql, world, 600);
  const other = await addContact(sql, world);
  await text(sql, world, "Elsewhere", { to: { contact_id: other.id } });

  await takeOver(sql, world);
  assertEquals((await sentBy(sql, world)).map(({ status, is_waiting }) => [status, is_waiting]), [
    ["canceled", false],
    ["queued", true],
  ]);
  const [audited] = await sql`
    select count(*)::integer from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'conversation.taken_over'`;
  assertEquals(audited!.count, 1);
});

/** What may happen while a dispatcher has the agent's message in its hands. */
const MEANWHILE: Record<string, (world: AgentWorld, sql: postgres.Sql) => Promise<unknown>> = {
  agent_inactive: ({ adminId, agentId }, sql) =>
    asUser(sql, adminId, (tx) => tx`select public.stop_agent(${agentId})`),
  conversation_taken_over: (world, sql) => takeOver(sql, world),
};
for (const [reason, happen] of Object.entries(MEANWHILE)) {
  queueTest(`what comes back from a dispatcher is taken back: ${reason}`, async (sql) => {
    const world = await createAgentWorld(sql);
    const { result } = await text(sql, world);
    const claim = () => asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(10)`);
    const [claimed] = await claim();
    assertEquals(claimed!.message_id, result.message_id);
    await happen(world, sql);
    await record(sql, claimed!.lease_token, [{
      message_id: result.message_id,
      outcome: "rejected",
      error_code: "provider_unavailable",
      error_message: "down",
      is_retryable: true,
      owner: "provider",
    }]);
    await makeDue(sql, result.message_id);

    assertEquals((await claim()).length, 0);
    const [message] = await sql`
      select status, error_code from public.conversation_messages where id = ${result.message_id}`;
    assertEquals({ ...message }, { status: "canceled", error_code: reason });
  });
}

queueTest("whoever has an agent's message come again answers for it", async (sql) => {
  const world = await createAgentWorld(sql);
  const { result } = await schedule(sql, world, 600);
  await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select public.edit_message(${result.message_id}, ${
        tx.json({ recurrence: { every: "day" } })
      })`,
  );
  await takeOver(sql, world);
  await sql`
    update private.outbound_jobs set due_at = now() - interval '1 second' where message_id = ${result.message_id}`;

  // Else the next of the series would be refused, and every claim with it.
  await asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(1)`);
  const series = await sql`
    select m.agent_id, m.sender_id from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    where s.series_id = ${result.message_id}`;
  assertEquals([...series], Array(2).fill({ agent_id: null, sender_id: world.memberId }));
});

databaseTest("a yes does nothing for whom the key in its place is revoked, too", async (sql) => {
  const endings: [
    string,
    number,
    (tx: postgres.TransactionSql, key: string, next: string) => unknown,
    boolean,
  ][] = [
    ["replaced", 60, () => {}, true],
    ["replaced without overlap", 0, () => {}, true],
    [
      "revoked after its replacement",
      60,
      (tx, key) => tx`select public.revoke_agent_key(${key})`,
      false,
    ],
    ["replaced by an expired one", 60, () => {}, false],
    [
      "replaced by a revoked one",
      60,
      (tx, _, next) => tx`select public.revoke_agent_key(${next})`,
      false,
    ],
  ];
  for (const [ending, overlap, end, isGood] of endings) {
    const world = await createAgentWorld(sql, { destructive_needs_approval: true });
    const { result } = await text(sql, world);
    const [next] = await asUser(
      sql,
      world.adminId,
      (tx) => tx`select id from public.rotate_agent_key(${world.keyId}, ${overlap})`,
    );
    await asUser(sql, world.adminId, async (tx) => await end(tx, world.keyId, next!.id));

    if (ending === "replaced by an expired one") {
      await sql`update public.agent_api_keys set expires_at = now() where id = ${next!.id}`;
    }

    const answer = await decide(sql, world.memberId, result.approval_id, "approve");
    assertEquals(answer.error_code, isGood ? null : "tool_not_allowed", ending);
    assertEquals(
      (await auditedActions(sql, world)).at(-1),
      isGood ? "agent_tool.succeeded" : "agent_tool.refused tool_not_allowed",
    );
  }
});

databaseTest("who takes a grant back takes back what waits by it, and no more", async (sql) => {
  const number = listedNumber();
  const endings: [string, (tx: postgres.TransactionSql, world: AgentWorld) => unknown, string[]][] =
    [
      ["revoked", (tx, { agentId, connectionId }) =>
        tx`
          select public.revoke_agent_permission(id) from public.agent_integration_permissions
          where agent_id = ${agentId} and connection_id = ${connectionId}`, [
        "canceled",
        "canceled",
      ]],
      [
        "granted with less",
        (tx, { agentId, connectionId }) =>
          tx`select public.grant_agent_permission(${agentId}, ${connectionId}, '{sms}')`,
        [
          "queued",
          "canceled",
        ],
      ],
      [
        "denied",
        (tx, { agentId, connectionId }) =>
          tx`select public.deny_agent_scopes(${agentId}, ${connectionId}, '{sms}')`,
        [
          "canceled",
          "queued",
        ],
      ],
      [
        "denied what nothing waits by",
        (tx, { agentId, connectionId }) =>
          tx`select public.deny_agent_scopes(${agentId}, ${connectionId}, '{voice}')`,
        [
          "queued",
          "queued",
        ],
      ],
    ];
  for (const [ending, end, statuses] of endings) {
    const world = await createAgentWorld(sql);
    const otherId = await connectAccount(sql, world.ownerId, world.workspaceId, {
      numbers: [{ ...number, phone_number: freshNumber(), external_id: crypto.randomUUID() }],
    });
    await grant(sql, world as never, otherId, ["sms", "history"]);
    const [other] = await sql`
      select phone_number from public.phone_numbers where connection_id = ${otherId}`;
    const named = { contact_id: world.contactId, from: world.phoneNumber };
    const media_urls = ["https://media.example.com/1.png"];
    await text(sql, world, "Text", { to: named });
    await text(sql, world, "Picture", { to: { ...named, media_urls } });
    await text(sql, world, "Elsewhere", { to: { ...named, from: other!.phone_number } });

    await asUser(sql, world.adminId, async (tx) => await end(tx, world));
    const sent = await sentBy(sql, world);
    assertEquals(sent.map(({ status }) => status), [...statuses, "queued"], ending);
    assertEquals(
      sent.map(({ is_waiting }) => is_waiting),
      [...statuses, "queued"].map((status) => status === "queued"),
      ending,
    );
  }
});
