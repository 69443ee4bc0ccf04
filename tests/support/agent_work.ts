/** Random work around agents: what they call, what people say to it, and what takes their rights away. */
import {
  type AgentWorld,
  decide,
  execute,
  OPEN,
  setGuardrails,
  type ToolCall,
} from "./agent_calls.ts";
import { addKey, grant } from "./agent_tools.ts";
import { ingest, record, textFrom } from "./engine.ts";
import type { Random } from "./random_work.ts";
import { addAgent } from "./tenancy.ts";
import { asService, asUser } from "./world.ts";
import postgres from "postgres";

export interface AgentWorkplace {
  sql: postgres.Sql;
  world: AgentWorld;
  agents: AgentWorld[];
  contacts: { id: string; address: string }[];
  random: Random;
  done: Record<string, number>;
}

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;

/** As many calls with the same words and ids as there are different ones. */
const few = (random: Random, count: number, name: string) =>
  `${name} ${Math.floor(random() * count)}`;

type Step = (place: AgentWorkplace) => Promise<unknown>;

const use = (
  { sql, agents, random }: AgentWorkplace,
  tool: string,
  args: Record<string, unknown>,
) => {
  const call: ToolCall = {
    tool,
    arguments: args,
    run_id: "work",
    call_id: few(random, 40, "call"),
  };
  return execute(sql, pick(random, agents), call);
};

const send: Step = (place) =>
  use(place, "send_message", {
    contact_id: pick(place.random, place.contacts).id,
    body: few(place.random, 12, "text"),
  });

const asMember = (
  { sql, world }: AgentWorkplace,
  work: (tx: postgres.TransactionSql) => Promise<unknown>,
) => asUser(sql, world.adminId, work);

async function onThread(
  place: AgentWorkplace,
  work: (tx: postgres.TransactionSql, id: string) => Promise<unknown>,
) {
  const threads = await place.sql`
    select id from public.conversations
    where workspace_id = ${place.world.workspaceId} and channel = 'sms' order by created_at, id`;
  if (threads.length === 0) return;
  await asMember(place, (tx) => work(tx, pick(place.random, threads).id));
}

async function onApproval(place: AgentWorkplace, work: (id: string) => Promise<unknown>) {
  const approvals = await place.sql`
    select id from public.agent_approvals
    where workspace_id = ${place.world.workspaceId} order by decided_at is null desc, created_at desc limit 6`;
  if (approvals.length > 0) await work(pick(place.random, approvals).id);
}

async function onMessage(
  place: AgentWorkplace,
  work: (id: string) => Promise<unknown>,
) {
  const messages = await place.sql`
    select id from public.conversation_messages
    where workspace_id = ${place.world.workspaceId} and status in ('scheduled', 'queued') limit 8`;
  if (messages.length > 0) await work(pick(place.random, messages).id);
}

async function call(place: AgentWorkplace) {
  const answer = await use(place, "twilio_start_call", {
    contact_id: pick(place.random, place.contacts).id,
    body: few(place.random, 4, "speech"),
  });
  if (answer.state !== "ask" || place.random() < 0.2) return;
  const outcome = place.random() < 0.7
    ? { result: { status: "queued" } }
    : { error: { code: "provider_rejected", message: "no" } };
  await asService(
    place.sql,
    (tx) => tx`select * from public.finish_agent_tool(${answer.tool_call_id}, ${tx.json(outcome)})`,
  );
}

async function handOverAll({ sql, world, random }: AgentWorkplace) {
  const jobs = await asService(
    sql,
    (tx) => tx`select * from public.claim_outbound_jobs(${1 + Math.floor(random() * 5)})`,
  );
  if (jobs.length === 0) return;
  await record(
    sql,
    jobs[0]!.lease_token,
    jobs.map(({ message_id }) => ({
      message_id,
      outcome: "accepted",
      external_id: `SM${message_id}`,
      status: "sent",
      price: 0.01,
      price_currency: "USD",
    })),
  );
  return world;
}

async function rotateKey({ sql, world, agents, random }: AgentWorkplace) {
  const agent = pick(random, agents);
  const overlap = pick(random, [0, 60]);
  const [next] = await asUser(
    sql,
    world.adminId,
    (tx) => tx`select id, api_key from public.rotate_agent_key(${agent.keyId}, ${overlap})`,
  );
  agent.keyId = next!.id;
  agent.apiKey = next!.api_key;
}

const start: Step = (place) =>
  asMember(place, (tx) =>
    tx`
      update public.agents set is_active = true
      where id = ${pick(place.random, place.agents).agentId}`);

const SCOPES = ["sms", "voice", "history", "delivery_receipts"];

export const AGENT_STEPS: Record<string, Step> = {
  send,
  sendAgain: send,
  sendOnce: send,
  sendTwice: send,
  sendElsewhere: send,
  schedule: (place) =>
    use(place, "schedule_message", {
      contact_id: pick(place.random, place.contacts).id,
      body: few(place.random, 12, "text"),
      scheduled_at: new Date(Date.now() + 3_600_000 * (1 + Math.floor(place.random() * 4)))
        .toISOString(),
    }),
  call,
  cancelByTool: (place) =>
    onMessage(place, (id) => use(place, "cancel_message", { message_id: id })),
  find: (place) => use(place, "find_contact", { query: "patient" }),
  list: (place) => use(place, "list_conversations", {}),
  approve: (place) =>
    onApproval(place, (id) => decide(place.sql, place.world.memberId, id, "approve")),
  approveAgain: (place) =>
    onApproval(place, (id) => decide(place.sql, place.world.adminId, id, "approve")),
  refuse: (place) =>
    onApproval(place, (id) => decide(place.sql, place.world.memberId, id, "refuse")),
  runApproved: (place) =>
    onApproval(
      place,
      (id) => asService(place.sql, (tx) => tx`select * from public.run_approved_tool(${id})`),
    ),
  tire: (place) =>
    onApproval(place, (id) =>
      place.sql`
        with held as materialized (
          select c.id from public.agent_tool_calls as c
          where c.id = (select p.tool_call_id from public.agent_approvals as p where p.id = ${id}) for update
        )
        update public.agent_approvals set created_at = now() - interval '1 day', expires_at = now()
        where tool_call_id = (select h.id from held as h) and status = 'pending'`),
  expire: ({ sql }) => asService(sql, (tx) => tx`select public.expire_agent_approvals(5)`),
  stop: (place) =>
    asMember(
      place,
      (tx) => tx`select public.stop_agent(${pick(place.random, place.agents).agentId})`,
    ),
  start,
  startAgain: start,
  startOnce: start,
  takeBack: (place) =>
    asMember(place, async (tx) => {
      const { agentId } = pick(place.random, place.agents);
      await tx`
        select public.revoke_agent_permission(id) from public.agent_integration_permissions
        where agent_id = ${agentId}`;
    }),
  grant: ({ sql, world, agents, random }) =>
    grant(
      sql,
      { ...world, agentId: pick(random, agents).agentId } as never,
      world.connectionId,
      SCOPES,
    ),
  grantAgain: ({ sql, world, agents, random }) =>
    grant(
      sql,
      { ...world, agentId: pick(random, agents).agentId } as never,
      world.connectionId,
      SCOPES,
    ),
  rotateKey,
  takeOver: (place) => onThread(place, (tx, id) => tx`select public.take_over(${id})`),
  assign: (place) =>
    onThread(
      place,
      (tx, id) =>
        tx`update public.conversations set assigned_to = ${place.world.memberId} where id = ${id}`,
    ),
  hand: (place) =>
    onThread(
      place,
      (tx, id) =>
        tx`select public.hand_to_agent(${id}, ${pick(place.random, place.agents).agentId})`,
    ),
  handAgain: (place) =>
    onThread(
      place,
      (tx, id) =>
        tx`select public.hand_to_agent(${id}, ${pick(place.random, place.agents).agentId})`,
    ),
  write: (place) =>
    onThread(
      place,
      (tx, id) =>
        tx`select * from public.enqueue_messages(${place.world.workspaceId}, ${
          tx.json([{ conversation_id: id, body: few(place.random, 12, "text") }])
        })`,
    ),
  cancel: (place) =>
    onMessage(place, (id) => asMember(place, (tx) => tx`select public.cancel_message(${id})`)),
  edit: (place) =>
    onMessage(
      place,
      (id) =>
        asMember(place, (tx) =>
          tx`select public.edit_message(${id}, ${
            tx.json({ body: few(place.random, 12, "text") })
          })`),
    ),
  hear: ({ sql, world, contacts, random }) =>
    ingest(sql, world.connectionId, [textFrom(world, pick(random, contacts).address)]),
  dispatch: handOverAll,
};

/** Another agent of the same workspace, as open as the first. */
export async function addColleague(
  sql: postgres.Sql,
  world: AgentWorld,
  guardrails: Record<string, unknown> = {},
): Promise<AgentWorld> {
  const agentId = await addAgent(sql, world);
  await grant(sql, { ...world, agentId } as never, world.connectionId, SCOPES);
  const key = await addKey(sql, { adminId: world.adminId, agentId }, SCOPES);
  const colleague = { ...world, agentId, apiKey: key.api_key, keyId: key.id };
  await setGuardrails(sql, colleague, { ...OPEN, ...guardrails });
  return colleague;
}

/** Every agent is on, with all that it was granted. */
export async function beginAgain({ sql, world, agents }: AgentWorkplace): Promise<void> {
  for (const { agentId } of agents) {
    await sql`update public.agents set is_active = true where id = ${agentId}`;
    await grant(sql, { ...world, agentId } as never, world.connectionId, SCOPES);
  }
}

/** Does one random thing. A refusal that somebody would be told is a thing done. */
export async function doSomethingWithAgents(place: AgentWorkplace): Promise<void> {
  const name = pick(place.random, Object.keys(AGENT_STEPS));
  try {
    await AGENT_STEPS[name]!(place);
    place.done[name] = (place.done[name] ?? 0) + 1;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    if (/^PT4/.test(error.code)) {
      place.done[`${name} ${error.code}`] = (place.done[`${name} ${error.code}`] ?? 0) + 1;
      return;
    }
    const { code, message, detail, where } = error;
    throw new Error(`Cannot ${name}: ${code} ${message}\n${detail}\n${where}`, { cause: error });
  }
}
