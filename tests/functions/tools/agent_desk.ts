/** A workspace with one provider's account and an agent that was granted all of it. */
import type {
  Provider,
  ProviderId,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import { type Answer, callFunction } from "../../support/functions.ts";
import { type Person, serviceClient } from "../../support/people.ts";
import { connectToDatabase } from "../../support/stack.ts";
import { liftPace } from "../../support/world.ts";
import { createAccount, freshSender } from "../providers/accounts.ts";
import { connect, type Desk, freshContact, prepareDesk } from "../providers/desk.ts";

export interface AgentDesk extends Desk {
  agentId: string;
  /** The agent's key. */
  apiKey: string;
}

/** What the lines of an agent are where a test says nothing about them: there are none. */
const NO_LINES = {
  quiet_hours_start: null,
  quiet_hours_end: null,
  may_reach_new_contacts: true,
  first_contact_needs_approval: false,
  destructive_needs_approval: false,
};

/** Ready to do whatever its provider offers, calls and WhatsApp included. */
export async function openAgentDesk(provider: Provider): Promise<AgentDesk> {
  const { account, credentials } = await prepareVoice(provider);
  const prepared = { ...await prepareDesk(provider), account };
  const { status, body } = await connect(prepared, credentials);
  if (status !== 201) throw new Error(`Cannot connect: ${JSON.stringify(body)}`);
  const desk = { ...prepared, connectionId: body.connection.id as string };
  const sql = connectToDatabase(1);
  await liftPace(sql, desk.connectionId);
  // Else the operator's senders, which other tests add, would serve it, too.
  await sql`update public.workspaces set communication_mode = 'byoc' where id = ${desk.workspaceId}`;
  await sql`
    update public.phone_numbers
    set capabilities = capabilities || '{"mms": true, "voice": true, "whatsapp": true}'
    where connection_id = ${desk.connectionId}`;
  await sql.end();
  return { ...desk, ...await addAgent(desk.owner, desk.workspaceId, [desk.connectionId]) };
}

/** An account that calls can be started with, and WhatsApp sent; its credentials besides the usual. */
async function prepareVoice(provider: Provider) {
  const sender = freshSender(provider);
  const more: Partial<Record<ProviderId, Record<string, unknown>>> = {
    twilio: { numbers: [{ phone_number: sender, whatsapp: true }] },
    vonage: { has_key: true },
  };
  const account = await createAccount(provider, sender, more[provider.id]);
  const name = { telnyx: "connection_id", vonage: "private_key" }[provider.id as string];
  const value = name === undefined ? "" : String(account.described[name]);
  if (name === "private_key") account.secrets.push(value);
  return { account, credentials: name === undefined ? {} : { [name]: value } };
}

/** An agent without lines, granted everything that these accounts can do, and its key. */
export async function addAgent(
  owner: Person,
  workspaceId: string,
  connectionIds: string[],
): Promise<{ agentId: string; apiKey: string }> {
  const agent = await owner.client.from("agents")
    .insert({ workspace_id: workspaceId, name: "Receptionist" }).select("id").single();
  if (agent.error) throw new Error(`Cannot add an agent: ${agent.error.message}`);
  const agentId = agent.data.id;
  await setLines({ owner, agentId }, NO_LINES);
  const scopes = new Set<string>();
  for (const connectionId of connectionIds) {
    const supported = await scopesOf(connectionId);
    const { error } = await owner.client.rpc("grant_agent_permission", {
      agent_id: agentId,
      connection_id: connectionId,
      allowed_scopes: supported,
    });
    if (error) throw new Error(`Cannot grant: ${error.message}`);
    for (const scope of supported) scopes.add(scope);
  }
  const key = await owner.client.rpc("create_agent_key", {
    agent_id: agentId,
    name: "Desk",
    allowed_scopes: [...scopes],
  });
  if (key.error) throw new Error(`Cannot make a key: ${key.error.message}`);
  return { agentId, apiKey: key.data[0]!.api_key };
}

async function scopesOf(connectionId: string): Promise<string[]> {
  const connection = await serviceClient().from("connections").select("provider")
    .eq("id", connectionId).single();
  const provider = await serviceClient().from("service_providers").select("scopes_supported")
    .eq("name", connection.data!.provider).single();
  return provider.data!.scopes_supported as string[];
}

/** Moves the lines that an agent stays inside, as an admin does. */
export async function setLines(
  { owner, agentId }: Pick<AgentDesk, "owner" | "agentId">,
  lines: Record<string, unknown>,
): Promise<void> {
  const { error } = await owner.client.from("agent_guardrails").update(lines as never)
    .eq("agent_id", agentId);
  if (error) throw new Error(`Cannot move the lines: ${error.message}`);
}

export interface Call {
  run_id?: string;
  call_id?: string;
  reason?: string;
  token?: string;
  agent_id?: string;
}

/** Calls a tool over HTTP, as an agent's program does. */
export async function execute(
  desk: Pick<AgentDesk, "apiKey">,
  tool: string,
  given: unknown,
  { token = desk.apiKey, ...call }: Call = {},
): Promise<Answer> {
  return await callFunction("execute-tool", {
    token,
    json: {
      tool,
      arguments: given,
      run_id: "run-1",
      call_id: crypto.randomUUID(),
      ...call,
    },
  });
}

/** The same where it has to succeed; answers the result. */
// deno-lint-ignore no-explicit-any -- tests look into results whose shape is what they test
export async function succeedWith(...call: Parameters<typeof execute>): Promise<any> {
  const { status, body } = await execute(...call);
  if (status !== 200) throw new Error(`${call[1]} did not succeed: ${JSON.stringify(body)}`);
  return body.result;
}

/** The code and the field of a refusal. */
export const refusalIn = ({ status, body }: Answer) => [
  status,
  body.error?.code,
  body.error?.details?.issues?.[0]?.field,
];

/** Somebody whom the workspace knows, and who knows it. */
export async function addContact(
  { workspaceId, account }: Desk,
  address = freshContact(account),
): Promise<{ contactId: string; address: string }> {
  const sql = connectToDatabase(1);
  const kind = account.channel === "email" ? "email" : "phone";
  const [contact] = await sql`
    insert into public.contacts (workspace_id, display_name) values (${workspaceId}, 'Ada Lovelace')
    returning id`;
  await sql`
    insert into public.contact_addresses (workspace_id, contact_id, kind, address)
    values (${workspaceId}, ${contact!.id}, ${kind}, ${address})`;
  await sql.end();
  return { contactId: contact!.id, address };
}

/** What was written down of a tool call: the row, and what the audit log says of it. */
export async function recordOf(toolCallId: string) {
  const { data, error } = await serviceClient().from("agent_tool_calls").select("*")
    .eq("id", toolCallId).single();
  if (error) throw new Error(`Cannot read the tool call: ${error.message}`);
  const audit = await serviceClient().from("audit_log").select("action, agent_id, details")
    .eq("entity_id", toolCallId).order("created_at");
  return { call: data, audit: audit.data ?? [] };
}
