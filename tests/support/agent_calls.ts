import type postgres from "postgres";
import { addKey, grant } from "./agent_tools.ts";
import { addAgent } from "./tenancy.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "./world.ts";

/** A workspace with an agent that may text, read and call through its Twilio account. */
export interface AgentWorld extends World {
  agentId: string;
  apiKey: string;
  keyId: string;
  /** Of the contact that has written before. */
  contactAddress: string;
}

/** What `execute_agent_tool` answers. */
export interface Answer {
  tool_call_id: string;
  state: string;
  is_duplicate: boolean;
  // deno-lint-ignore no-explicit-any
  result: any;
  error_code: string | null;
  error_field: string | null;
  error_message: string | null;
  hint: string | null;
  // deno-lint-ignore no-explicit-any
  ask: any;
}

export interface ToolCall {
  tool: string;
  arguments: Record<string, unknown>;
  run_id?: string;
  call_id?: string;
  reason?: string;
  flaw?: { field: string; message: string };
}

const SCOPES = ["sms", "mms", "voice", "balance", "history", "delivery_receipts", "numbers"];

/** Guardrails that let everything through to contacts, at any hour. */
export const OPEN = {
  first_contact_needs_approval: false,
  destructive_needs_approval: false,
  quiet_hours_start: null,
  quiet_hours_end: null,
};

export async function createAgentWorld(
  sql: postgres.Sql,
  guardrails: Record<string, unknown> = {},
): Promise<AgentWorld> {
  const world = await createWorld(sql);
  const agentId = await addAgent(sql, world);
  await grant(sql, { ...world, agentId } as never, world.connectionId, SCOPES);
  const key = await addKey(sql, { adminId: world.adminId, agentId }, SCOPES);
  const [thread] = await sql`
    select contact_address from public.conversations where id = ${world.conversationId}`;
  const agentWorld = {
    ...world,
    agentId,
    apiKey: key.api_key,
    keyId: key.id,
    contactAddress: thread!.contact_address as string,
  };
  await setGuardrails(sql, agentWorld, { ...OPEN, ...guardrails });
  return agentWorld;
}

/** As an admin sets them. */
export async function setGuardrails(
  sql: postgres.Sql,
  { adminId, agentId }: { adminId: string; agentId: string },
  guardrails: Record<string, unknown>,
): Promise<void> {
  await asUser(
    sql,
    adminId,
    (tx) => tx`update public.agent_guardrails set ${tx(guardrails)} where agent_id = ${agentId}`,
  );
}

/** Executes a tool with the agent's key; each call is its own unless it says which it is. */
export const execute = (
  sql: postgres.Sql,
  { apiKey }: { apiKey: string },
  call: ToolCall,
): Promise<Answer> =>
  asService(sql, async (tx) => {
    const whole = { run_id: "run", call_id: crypto.randomUUID(), ...call };
    const [answer] = await tx`
      select * from public.execute_agent_tool(
        ${tx.json({ api_key: apiKey })}, ${tx.json(whole as never)}
      )`;
    return answer as unknown as Answer;
  });

/** Texts the contact that has written before. */
export const text = (
  sql: postgres.Sql,
  world: AgentWorld,
  body = crypto.randomUUID() as string,
  more: Partial<ToolCall> & { to?: Record<string, unknown> } = {},
): Promise<Answer> => {
  const { to = { contact_id: world.contactId }, ...call } = more;
  return execute(sql, world, { tool: "send_message", arguments: { ...to, body }, ...call });
};

/** Somebody whom the workspace knows and has never spoken with. */
export async function addContact(
  sql: postgres.Sql,
  world: World,
  labels: string[] = [],
): Promise<{ id: string; address: string }> {
  const address = freshNumber();
  const [contact] = await sql`
    insert into public.contacts (workspace_id, display_name, labels)
    values (${world.workspaceId}, 'New patient', ${labels}) returning id`;
  await sql`
    insert into public.contact_addresses (workspace_id, contact_id, kind, address)
    values (${world.workspaceId}, ${contact!.id}, 'phone', ${address})`;
  return { id: contact!.id, address };
}

export const decide = (
  sql: postgres.Sql,
  userId: string,
  approvalId: string,
  decision: string,
  note: string | null = null,
): Promise<Answer> =>
  asUser(sql, userId, async (tx) => {
    const [answer] = await tx`
      select * from public.decide_agent_approval(${approvalId}, ${decision}, ${note})`;
    return answer as unknown as Answer;
  });

/** What the agent has stored so far. */
export async function sentBy(sql: postgres.Sql, { workspaceId, agentId }: AgentWorld) {
  return await sql`
    select m.id, m.status, m.body, m.to_address, m.sender_id, m.scheduled_at, j.message_id is not null as is_waiting
    from public.conversation_messages as m
    left join private.outbound_jobs as j on j.message_id = m.id
    where m.workspace_id = ${workspaceId} and m.agent_id = ${agentId}
    order by m.created_at, m.id`;
}

/** Actions of the audit log about tools, the latest last. */
export async function auditedActions(sql: postgres.Sql, { workspaceId, agentId }: AgentWorld) {
  const rows = await sql`
    select action, details ->> 'error_code' as error_code from public.audit_log
    where workspace_id = ${workspaceId} and agent_id = ${agentId} order by id`;
  return rows.map(({ action, error_code }) => error_code ? `${action} ${error_code}` : action);
}
