import type postgres from "postgres";
import { addAgent, connectAccount, listedNumber } from "./tenancy.ts";
import { asService, asUser, createWorld, type World } from "./world.ts";

/** Who acts as an agent, as the functions tell the database. */
export type AgentCaller = Record<string, string>;

/** An agent with something of each kind, and the accounts by the names that they are listed under. */
export interface ToolWorld extends World {
  agentId: string;
  apiKey: string;
  keyId: string;
  accounts: Record<"Twilio" | "ClickSend" | "Resend", string>;
}

/** The tools in their order, each with the accounts that it works on. */
export type ToolList = [key: string, accounts: string[]][];

export const GRANTED = {
  Twilio: ["sms", "history"],
  ClickSend: ["sms", "balance"],
  Resend: ["email"],
};

/** What the agent of a tool world has from the start. */
export const ALL_TOOLS: ToolList = [
  ["send_message", ["ClickSend", "Resend", "Twilio"]],
  ["schedule_message", ["ClickSend", "Resend", "Twilio"]],
  ["cancel_message", ["ClickSend", "Resend", "Twilio"]],
  ["get_message_status", ["Twilio"]],
  ["find_contact", ["Twilio"]],
  ["list_conversations", ["Twilio"]],
  ["read_conversation", ["Twilio"]],
  ["clicksend_send_sms", ["ClickSend"]],
  ["clicksend_get_balance", ["ClickSend"]],
  ["resend_send_email", ["Resend"]],
  ["twilio_send_sms", ["Twilio"]],
  ["twilio_get_sms_history", ["Twilio"]],
  ["twilio_get_mms_history", ["Twilio"]],
];

/** What is left of the list without an account, or where some are named without these of its tools. */
export function without(account: string, keys?: string[], list = ALL_TOOLS): ToolList {
  return list
    .map(([key, accounts]): ToolList[number] => [
      key,
      accounts.filter((name) => name !== account || (keys !== undefined && !keys.includes(key))),
    ])
    .filter(([, accounts]) => accounts.length > 0);
}

export const grant = (
  sql: postgres.Sql,
  { adminId, agentId }: ToolWorld,
  connectionId: string,
  scopes: string[],
  userId = adminId,
): Promise<string> =>
  asUser(sql, userId, async (tx) => {
    const [permission] = await tx`
      select id from public.grant_agent_permission(${agentId}, ${connectionId}, ${scopes})`;
    return permission!.id;
  });

/** A key of the agent, made by its admin. */
export async function addKey(
  sql: postgres.Sql,
  { adminId, agentId }: { adminId: string; agentId: string },
  scopes: string[],
): Promise<{ id: string; api_key: string }> {
  const [key] = await asUser(
    sql,
    adminId,
    (tx) => tx`select id, api_key from public.create_agent_key(${agentId}, 'Desk', ${scopes})`,
  );
  return key as never;
}

/** An agent with three accounts, some scopes of each, and a key that is good for all of them. */
export async function createToolWorld(sql: postgres.Sql): Promise<ToolWorld> {
  const world = await createWorld(sql);
  const agentId = await addAgent(sql, world);
  const connect = (provider: string) =>
    connectAccount(sql, world.ownerId, world.workspaceId, { provider });
  const accounts = {
    Twilio: world.connectionId,
    ClickSend: await connect("clicksend_sms"),
    Resend: await connect("resend"),
  };
  const key = await addKey(sql, { adminId: world.adminId, agentId }, [
    ...new Set(Object.values(GRANTED).flat()),
  ]);
  const toolWorld = { ...world, agentId, apiKey: key.api_key, keyId: key.id, accounts };
  for (const [name, id] of Object.entries(accounts)) {
    await sql`update public.connections set display_name = ${name} where id = ${id}`;
    await grant(sql, toolWorld, id, GRANTED[name as keyof typeof GRANTED]);
  }
  return toolWorld;
}

/** A personal account of somebody's that the agent may use, listed as Personal. */
export async function grantPersonal(sql: postgres.Sql, world: ToolWorld, userId: string) {
  const connectionId = await connectAccount(sql, userId, world.workspaceId, {
    provider: "telnyx",
    isPersonal: true,
    numbers: [listedNumber()],
  });
  await sql`update public.connections set display_name = 'Personal' where id = ${connectionId}`;
  const permissionId = await grant(sql, world, connectionId, ["sms"], userId);
  return { connectionId, permissionId };
}

interface Tool {
  capability_key: string;
  connection_ids: string[];
}

export interface Page {
  agent: { id: string; name: string };
  tools: (Tool & Record<string, unknown>)[];
  connections: { id: string; display_name: string }[];
  next_cursor: string | null;
  empty_because: { code: string; message: string } | null;
}

export const byKey = (world: ToolWorld): AgentCaller => ({ api_key: world.apiKey });

/** A page of tools, as `get-agent-tools` asks for it. */
export const readPage = (
  sql: postgres.Sql,
  caller: AgentCaller,
  { limit = 100, cursor = null }: { limit?: number | null; cursor?: string | null } = {},
): Promise<Page> =>
  asService(sql, async (tx) => {
    const [page] = await tx`
      select * from public.list_agent_tools(${tx.json(caller)}, ${limit}, ${cursor})`;
    return page as unknown as Page;
  });

export const toList = ({ tools, connections }: Pick<Page, "tools" | "connections">): ToolList =>
  tools.map(({ capability_key, connection_ids }) => [
    capability_key,
    connections.filter(({ id }) => connection_ids.includes(id)).map((one) => one.display_name),
  ]);

export const listOf = async (sql: postgres.Sql, caller: AgentCaller): Promise<ToolList> =>
  toList(await readPage(sql, caller));

/** What the one check says of every tool on every account of the workspace, in the order of the list. */
export const checkedList = (
  sql: postgres.Sql,
  world: ToolWorld,
  caller: AgentCaller,
): Promise<ToolList> =>
  asService(sql, async (tx) => {
    const rows = await tx`
      select t.capability_key, array_agg(c.display_name::text order by c.display_name) as accounts
      from public.integration_capabilities as t
      left join public.service_providers as p on p.id = t.integration_id
      cross join public.connections as c
      cross join private.read_agent_caller(${tx.json(caller)}) as a
      where c.workspace_id = ${world.workspaceId} and private.caller_can(a, c.id, t.capability_key)
      group by t.capability_key, t.integration_id, p.name, t.display_order
      order by p.name collate "C" nulls first, t.display_order`;
    return rows.map((row) => [row.capability_key, row.accounts]);
  });
