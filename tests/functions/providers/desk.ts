/** A workspace that one provider's account is connected to, and what its people and contacts do. */
import type { Provider } from "../../../supabase/functions/_shared/providers/provider.ts";
import { type Answer, callFunction } from "../../support/functions.ts";
import { type Person, serviceClient, signUp } from "../../support/people.ts";
import { control } from "../../support/simulator.ts";
import { readTestStack } from "../../support/stack.ts";
import { createWorkspace } from "../../support/workspace.ts";
import { freshNumber } from "../../support/world.ts";
import { createAccount, recreateAccount, type SimulatedAccount } from "./accounts.ts";

export interface Desk {
  owner: Person;
  workspaceId: string;
  connectionId: string;
  account: SimulatedAccount;
}

type Prepared = Omit<Desk, "connectionId">;

/** Answers as the product does; `changes` are of the credentials. */
export async function connect(
  { owner, workspaceId, account }: Prepared,
  changes: Record<string, string> = {},
): Promise<Answer> {
  const inbound_hostname = account.sender.split("@")[1];
  return await callFunction("connections", {
    token: owner.token,
    json: {
      workspace_id: workspaceId,
      provider: account.provider.id,
      credentials: { ...account.given, ...changes },
      ...(account.provider.id === "sendgrid" ? { settings: { inbound_hostname } } : {}),
    },
  });
}

let somebody: Promise<Person> | undefined;

/** A workspace and an account that is not connected yet. Its owner has other workspaces, too. */
export async function prepareDesk(provider: Provider) {
  somebody ??= signUp("owner");
  const [owner, account] = await Promise.all([somebody, createAccount(provider)]);
  return { owner, account, workspaceId: await createWorkspace(owner) };
}

/** Ready to send and to receive. */
export async function openDesk(provider: Provider): Promise<Desk> {
  const prepared = await prepareDesk(provider);
  const { status, body } = await connect(prepared);
  if (status !== 201) throw new Error(`Cannot connect: ${JSON.stringify(body)}`);
  return { ...prepared, connectionId: body.connection.id };
}

/** What people set up at MessageBird by hand, since no API of it does: the flow of a number. */
export async function openInbox(provider: Provider): Promise<Desk> {
  const desk = await openDesk(provider);
  if (provider.id === "messagebird") {
    await recreateAccount(desk.account, { flow_url: await webhookUrlOf(desk) });
  }
  return desk;
}

export async function manage(desk: Desk, method: string, action = ""): Promise<Answer> {
  return await callFunction(`connections/${desk.connectionId}${action}`, {
    method,
    token: desk.owner.token,
  });
}

/** What the database keeps of a connection for nobody to read; null once it is disconnected. */
export async function secretsOf(desk: Desk) {
  const { data, error } = await serviceClient().rpc("read_connection_credentials", {
    connection_ids: [desk.connectionId],
    reason: "test",
  });
  if (error) throw new Error(`Cannot read secrets: ${error.message}`);
  return data[0] ?? null;
}

/** The address that only the provider knows. */
export async function webhookUrlOf(desk: Desk): Promise<string> {
  const token = (await secretsOf(desk))?.webhook_token;
  return `${readTestStack().url}/functions/v1/webhooks/${desk.account.provider.id}/${token}`;
}

export const freshContact = ({ channel }: SimulatedAccount) =>
  channel === "email" ? `${crypto.randomUUID()}@example.net` : freshNumber();

/** Sends through the product. */
export async function send(
  { owner, workspaceId, account }: Desk,
  to: string,
  channel: "sms" | "whatsapp" | "email" = account.channel,
): Promise<string> {
  const { sender } = account;
  const { status, body } = await callFunction("messages", {
    token: owner.token,
    json: {
      workspace_id: workspaceId,
      channel,
      to,
      from: sender,
      body: `Hello ${to}`,
      ...(channel === "email" ? { subject: "Your appointment" } : {}),
    },
  });
  if (status !== 202) throw new Error(`Cannot send: ${JSON.stringify(body)}`);
  return body.message.id;
}

/** Somebody writes to the desk, through the provider. */
export async function write(
  { account }: Desk,
  from: string,
  changes: Record<string, unknown> = {},
) {
  const text = `Hello from ${from}`;
  const content = account.channel === "email" ? { subject: "A question", text } : { body: text };
  return await control(`/${account.provider.id}/inbound`, {
    json: { account_sid: account.sid, from, to: account.sender, ...content, ...changes },
  });
}

/** What the provider took from us. */
export async function takenBy({ account }: Desk, to: string): Promise<unknown[]> {
  const query = new URLSearchParams({ provider: account.provider.id, account_sid: account.sid });
  const { messages } = await control(`/messages?${query}`);
  return messages.filter((message: unknown) => JSON.stringify(message).includes(to.slice(1)));
}

/** How often the provider was asked to do something. */
export async function countRequests({ account }: Desk, operation: string): Promise<number> {
  const query = new URLSearchParams({
    provider: account.provider.id,
    account_sid: account.sid,
    operation,
    limit: "0",
  });
  return (await control(`/requests?${query}`)).total;
}

export async function setFault({ account }: Desk, fault: Record<string, unknown>): Promise<void> {
  await control("/faults", {
    json: { provider: account.provider.id, account_sid: account.sid, ...fault },
  });
}

/** What the workspace has: its conversations with their contacts and messages. */
export async function conversationsOf({ owner, workspaceId }: Desk) {
  const { data, error } = await owner.client.from("conversations").select(
    `channel, contact_address, is_unread, contact_id,
     conversation_messages (direction, status, body, from_address, to_address)`,
  ).eq("workspace_id", workspaceId).order("created_at");
  if (error) throw new Error(`Cannot read conversations: ${error.message}`);
  return data;
}

export async function countEvents({ workspaceId }: Desk): Promise<number> {
  const { count, error } = await serviceClient().from("webhook_events")
    .select("id", { count: "exact", head: true }).eq("workspace_id", workspaceId);
  if (error) throw new Error(`Cannot count events: ${error.message}`);
  return count!;
}
