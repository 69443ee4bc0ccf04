/** What tests of offers arrange and look at, directly in the database. */
import type { Row } from "./engine.ts";
import { hear } from "./opt_outs.ts";
import { addAgent } from "./tenancy.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "./world.ts";
import postgres from "postgres";

export interface AgentWorld extends World {
  agentId: string;
  /** Whose conversation the agent has. */
  contactAddress: string;
}

/** A world with an agent, and a conversation in its hands that nobody has written in for a while. */
export async function createAgentWorld(sql: postgres.Sql): Promise<AgentWorld> {
  const world = await createWorld(sql);
  const agentId = await addAgent(sql, world);
  const [conversation] = await sql`
    select contact_address from public.conversations where id = ${world.conversationId}`;
  await handOver(sql, world, agentId);
  return { ...world, agentId, contactAddress: conversation!.contact_address };
}

export const handOver = (
  sql: postgres.Sql,
  { memberId, conversationId }: World,
  agentId: string,
  userId = memberId,
) =>
  asUser(sql, userId, async (tx) => {
    const [row] = await tx`select * from public.hand_to_agent(${conversationId}, ${agentId})`;
    return row!;
  });

export const takeOver = (
  sql: postgres.Sql,
  { memberId, conversationId }: World,
  userId = memberId,
) =>
  asUser(sql, userId, async (tx) => {
    const [row] = await tx`select * from public.take_over(${conversationId})`;
    return row!;
  });

export const conversationOf = async (sql: postgres.Sql, { conversationId }: World) =>
  (await sql`
    select agent_id, assigned_to, taken_over_at is not null as is_taken_over
    from public.conversations where id = ${conversationId}`)[0]!;

/** The contact of the agent's conversation writes; answers the id of the message. */
export const hearContact = (
  sql: postgres.Sql,
  world: AgentWorld,
  text = "Are you open?",
  changes: Row = {},
) => hear(sql, world, world.contactAddress, text, changes);

/** Somebody new writes; answers who, and in which conversation. */
export async function hearStranger(sql: postgres.Sql, world: World, text = "Hello") {
  const address = freshNumber();
  const messageId = await hear(sql, world, address, text);
  const [message] = await sql`
    select conversation_id from public.conversation_messages where id = ${messageId}`;
  return { address, messageId, conversationId: message!.conversation_id as string };
}

/** The offers of the world, the oldest first. */
export const offersOf = async (sql: postgres.Sql, { workspaceId }: World) => [
  ...await sql`
    select * from public.agent_offers where workspace_id = ${workspaceId} order by created_at, id`,
];

export const statesOf = async (sql: postgres.Sql, world: World): Promise<string[]> =>
  (await offersOf(sql, world)).map(({ state, cancel_reason }) => cancel_reason ?? state);

/** The agent writes in the conversation, as sending does it: the conversation first, then the message. */
export const writeAsAgent = (
  sql: postgres.Sql,
  { workspaceId, agentId, conversationId }: AgentWorld,
) =>
  asOwnerOfTables(sql, async (tx) => {
    await tx`update public.conversations set snippet = 'Yes.' where id = ${conversationId}`;
    const [message] = await tx`
      insert into public.conversation_messages (
        workspace_id, conversation_id, direction, status, body, agent_id, from_address, to_address
      )
      values (
        ${workspaceId}, ${conversationId}, 'outbound', 'queued', 'Yes.', ${agentId}, '+14155550100', '+14155550111'
      )
      returning id`;
    return message!.id as string;
  });

async function asOwnerOfTables<Value>(
  sql: postgres.Sql,
  work: (tx: postgres.TransactionSql) => Promise<Value>,
): Promise<Value> {
  return await sql.begin(work) as Value;
}

export const AGENT_URL = "https://agent.example.com/messages";

/** Gives the agent a secret and an address, as an admin would; answers the secret. */
export async function setWebhook(
  sql: postgres.Sql,
  { adminId, agentId }: AgentWorld,
  url = AGENT_URL,
): Promise<string> {
  return await asUser(sql, adminId, async (tx) => {
    const [row] = await tx`select secret from public.rotate_agent_webhook_secret(${agentId})`;
    await tx`update public.agents set webhook_url = ${url} where id = ${agentId}`;
    return row!.secret;
  });
}

/** A world whose agent is told by a webhook. */
export async function createPostedWorld(sql: postgres.Sql): Promise<AgentWorld> {
  const world = await createAgentWorld(sql);
  await setWebhook(sql, world);
  return world;
}

export interface ClaimedOffer {
  offer_id: string;
  attempt_number: number;
  agent_id: string;
  webhook_url: string;
  payload: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** What is due at the agent's webhook; what other tests left is claimed along. */
export const claimOffers = async (sql: postgres.Sql, { agentId }: AgentWorld) =>
  (await asService(
    sql,
    (tx) => tx<ClaimedOffer[]>`select * from public.claim_agent_offers(1000)`,
  )).filter((offer) => offer.agent_id === agentId);

/** What a worker says of an offer that the agent has got. */
export const deliveredOffer = ({ offer_id, attempt_number }: ClaimedOffer): Row => (
  { offer_id, attempt_number, is_delivered: true }
);

/** What a worker says of an offer that it could not bring. */
export const failedOffer = ({ offer_id, attempt_number }: ClaimedOffer, changes: Row = {}): Row => (
  { offer_id, attempt_number, is_delivered: false, error: "status 500", ...changes }
);

export const recordOffers = (sql: postgres.Sql, outcomes: Row[]) =>
  asService(
    sql,
    (tx) => tx`select public.record_agent_offers(${tx.json(outcomes as never)}) as count`,
  );

/** Makes what waits due, as time would. Locked in the order of those who cancel. */
export const makeDue = (sql: postgres.Sql, { workspaceId }: World) =>
  sql`
    update public.agent_offers set next_attempt_at = now()
    where id = any (array(
      select id from public.agent_offers
      where workspace_id = ${workspaceId} and state = 'pending' order by id for update
    ))`;

/** What a refusal says to programs: our own code, else the SQLSTATE. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    return error.code.startsWith("PT") ? JSON.parse(error.detail!).code : error.code;
  }
  return "none";
}
