/** Whatever happens around agents, and however much of it at once: their lines hold. */
import { addContact, createAgentWorld, sentBy, setGuardrails } from "../support/agent_calls.ts";
import {
  addColleague,
  type AgentWorkplace,
  beginAgain,
  doSomethingWithAgents,
} from "../support/agent_work.ts";
import { queueTest } from "../support/claims.ts";
import { countersOf, measuredOf } from "../support/limits.ts";
import { seeded } from "../support/random_work.ts";
import { asUser } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const HOUR_CAP = 40;

async function createWorkplace(sql: postgres.Sql, seed: number): Promise<AgentWorkplace> {
  const world = await createAgentWorld(sql, { messages_per_hour: HOUR_CAP });
  const contacts = [{ id: world.contactId, address: world.contactAddress }];
  for (let index = 0; index < 7; index++) contacts.push(await addContact(sql, world));
  const agents = [world, await addColleague(sql, world), await addColleague(sql, world)];
  await setGuardrails(sql, agents[1]!, { destructive_needs_approval: true, spend_per_day: 0.4 });
  await setGuardrails(sql, agents[2]!, { first_contact_needs_approval: true });
  // The first message of a month has counters made for it: two who make them at once may have to try again.
  await sql`
    insert into public.usage_counters (workspace_id, month, channel, is_platform)
    select ${world.workspaceId}, private.month_of(now()), c.channel, false
    from unnest('{sms,call}'::text[]) as c (channel) on conflict do nothing`;
  return { sql, world, agents, contacts, random: seeded(seed), done: {} };
}

const countOf = async (rows: PromiseLike<postgres.RowList<postgres.Row[]>>) => (await rows).length;

async function expectLinesHeld({ sql, world, agents, done }: AgentWorkplace) {
  const what = JSON.stringify(done);
  const { workspaceId } = world;
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world), what);
  assertEquals(
    await countOf(sql`
      select m.id from public.conversation_messages as m
      where m.workspace_id = ${workspaceId} and m.direction = 'outbound'
        and (m.status in ('scheduled', 'queued')) <> exists (
          select from private.outbound_jobs as j where j.message_id = m.id
        )
        and m.agent_id is not null and not exists (
          select from private.outbound_leases as l where l.jobs::text like '%' || m.id || '%'
        )`),
    0,
    `nothing is lost, and nothing canceled is sent: ${what}`,
  );
  assertEquals(
    await countOf(sql`
      select j.message_id from private.outbound_jobs as j
      join public.conversation_messages as m on m.id = j.message_id
      join public.conversations as t on t.id = m.conversation_id
      where j.workspace_id = ${workspaceId} and m.agent_id is not null and t.taken_over_at is not null`),
    0,
    `nothing of an agent's waits where a person has taken over: ${what}`,
  );
  assertEquals(
    await countOf(sql`
      select j.message_id from private.outbound_jobs as j
      join public.conversation_messages as m on m.id = j.message_id
      join public.agents as a on a.id = m.agent_id
      where j.workspace_id = ${workspaceId} and not a.is_active`),
    0,
    `nothing waits of an agent that is switched off: ${what}`,
  );
  assertEquals(
    await countOf(sql`
      select m.id from public.conversation_messages as m
      where m.workspace_id = ${workspaceId} and m.agent_id is not null
        and (
          select count(*) from public.agent_tool_calls as c
          where c.workspace_id = m.workspace_id and c.status = 'succeeded' and c.result ->> 'message_id' = m.id::text
            and c.capability_key in ('send_message', 'schedule_message')
        ) <> 1`),
    0,
    `each message is of one call: ${what}`,
  );
  assertEquals(
    [
      ...await sql`
      select c.status, c.error_code, c.capability_key, p.status as approval, p.reason from public.agent_tool_calls as c
      left join public.agent_approvals as p on p.tool_call_id = c.id
      where c.workspace_id = ${workspaceId}
        and case c.status
          when 'awaiting_approval'
            -- A call that was approved waits for whoever begins it.
            then (p.status = 'pending' or (p.status = 'approved' and c.capability_key = 'twilio_start_call')) is not true
          when 'succeeded' then p.status not in ('approved', 'expired')
          else p.status = 'pending'
        end`,
    ],
    [],
    `calls and approvals agree: ${what}`,
  );
  // What was said twice was said so by a person's word.
  const repeated = await sql`
    select t.contact_id, m.body from public.conversation_messages as m
    join public.conversations as t on t.id = m.conversation_id
    left join public.agent_tool_calls as c on c.workspace_id = m.workspace_id and c.result ->> 'message_id' = m.id::text
      and c.capability_key = 'send_message'
    left join public.agent_approvals as p on p.tool_call_id = c.id and p.status = 'approved' and p.reason = 'near_duplicate'
    where m.workspace_id = ${workspaceId} and m.agent_id is not null and m.status <> 'canceled' and m.scheduled_at is null
    group by t.contact_id, m.body
    having count(*) - count(p.id) > 1`;
  assertEquals([...repeated], [], what);
  for (const agent of agents) {
    const [activity] = await sql`
      select a.hour_count, a.day_cost::float8 as day_cost, g.messages_per_hour, g.spend_per_day::float8 as spend_per_day
      from public.agent_guardrails as g
      cross join lateral private.agent_activity(g.workspace_id, g.agent_id, now()) as a where g.agent_id = ${agent.agentId}`;
    assert(activity!.hour_count <= activity!.messages_per_hour, what);
    assert(activity!.day_cost <= activity!.spend_per_day, what);
  }
}

for (const seed of [20261120, 3]) {
  queueTest(
    `lines hold, whatever eight of people, agents and dispatchers do at once (${seed})`,
    async (sql) => {
      const place = await createWorkplace(sql, seed);
      for (let round = 0; round < 3; round++) {
        await beginAgain(place);
        const workers = Array.from({ length: 8 }, async () => {
          for (let step = 0; step < 12; step++) await doSomethingWithAgents(place);
        });
        // All of them are done before the connections are closed, also where one failed.
        const ends = await Promise.allSettled(workers);
        const failed = ends.find((end) => end.status === "rejected");
        if (failed) throw failed.reason;
        await expectLinesHeld(place);
      }

      for (const { agentId } of place.agents) {
        await asUser(sql, place.world.adminId, (tx) => tx`select public.stop_agent(${agentId})`);
      }
      await expectLinesHeld(place);
      const sent = await Promise.all(place.agents.map((agent) => sentBy(sql, agent)));
      assert(sent.flat().length > 0, JSON.stringify(place.done));
    },
    8,
  );
}
