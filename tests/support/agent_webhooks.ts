/** A workspace whose number an agent answers on, told by a webhook at the simulator. */
import { callFunction } from "./functions.ts";
import { eventually } from "./poll.ts";
import { control } from "./simulator.ts";
import { readTestStack } from "./stack.ts";
import { createConnectedWorkspace, type Workspace } from "./workspace.ts";

export interface AnsweringWorkspace extends Workspace {
  workspaceId: string;
  agentId: string;
  /** Below the agent's host: no other test's agent has it. */
  path: string;
  secret: string;
}

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
}

/** Made by its owner, the way front ends do; `ending` says how the agent answers. */
export async function createAnsweringWorkspace(ending = ""): Promise<AnsweringWorkspace> {
  const workspace = await createConnectedWorkspace();
  const { client } = workspace.owner;
  const { data: agent, error } = await client.from("agents")
    .insert({ workspace_id: workspace.id, name: "Receptionist" }).select("id").single();
  if (error) throw new Error(`Cannot add an agent: ${error.message}`);
  const path = `/${crypto.randomUUID()}${ending}`;
  const answering = {
    ...workspace,
    workspaceId: workspace.id,
    agentId: agent.id,
    path,
    secret: await rotateSecret(workspace, agent.id),
  };
  await setUrl(answering, `https://agent.example.com${path}`);
  const { error: refused } = await client.from("phone_numbers")
    .update({ agent_id: agent.id }).eq("id", workspace.phoneNumberId);
  if (refused) throw new Error(`Cannot give the number to the agent: ${refused.message}`);
  return answering;
}

export async function rotateSecret({ owner }: Workspace, agentId: string): Promise<string> {
  const { data, error } = await owner.client
    .rpc("rotate_agent_webhook_secret", { agent_id: agentId });
  if (error) throw new Error(`Cannot rotate the secret: ${error.message}`);
  return data[0]!.secret;
}

export async function setUrl({ owner, agentId }: AnsweringWorkspace, url: string): Promise<void> {
  const { error } = await owner.client.from("agents").update({ webhook_url: url }).eq(
    "id",
    agentId,
  );
  if (error) throw new Error(`Cannot set the webhook: ${error.message}`);
}

export async function webhooksAt(path: string): Promise<ReceivedWebhook[]> {
  return (await control(`/agent-webhooks?path=${path}`)).webhooks;
}

/** Waits until the agent was posted that many. */
export const untilPosted = ({ path }: AnsweringWorkspace, count = 1): Promise<ReceivedWebhook[]> =>
  eventually(`${count} webhooks at ${path}`, async () => {
    const received = await webhooksAt(path);
    return received.length >= count && received;
  });

/** Posts what is due, as the schedule would. */
export async function runOffers() {
  const { status, body } = await callFunction("maintenance/offers", {
    method: "POST",
    headers: { apikey: readTestStack().secret_key },
  });
  if (status !== 200) throw new Error(`Cannot post offers: ${JSON.stringify(body)}`);
  return body;
}
