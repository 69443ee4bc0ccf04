import { eventually } from "./poll.ts";
import { serviceClient } from "./people.ts";
import { control } from "./simulator.ts";
import { runWorker } from "./functions.ts";
import type { Workspace } from "./workspace.ts";

/** Queues messages without waking the dispatcher; answers their ids. */
export async function enqueue(workspace: Workspace, messages: object[]): Promise<string[]> {
  const { data, error } = await workspace.owner.client.rpc("enqueue_messages", {
    workspace_id: workspace.id,
    messages: messages as never,
  });
  if (error) throw new Error(`Cannot enqueue: ${error.message}`);
  return data.map((row) => row.message_id);
}

/** Runs the dispatcher once, as the schedule would. */
export async function runDispatch(): Promise<
  { accepted: number; rejected: number; unknown: number }
> {
  return await runWorker("dispatch");
}

/** Asks the providers once what became of unknown attempts, as the schedule would. */
export async function runLookUps(): Promise<{ accepted: number; unknown: number }> {
  return (await runWorker("maintenance")).look_ups;
}

export async function readMessage(id: string) {
  const { data, error } = await serviceClient().from("conversation_messages")
    .select("*, message_attempts(*), message_media(*)").eq("id", id).single();
  if (error) throw new Error(`Cannot read message: ${error.message}`);
  return data;
}

/** Waits until the message has the status; a bounded wait that fails loudly. */
export async function untilStatus(id: string, status: string) {
  return await eventually(`message to be ${status}`, async () => {
    const message = await readMessage(id);
    return message.status === status && message;
  });
}

/** What the provider took, as its own log has it. */
export async function messagesAtProvider(
  workspace: Workspace,
): Promise<
  { sid: string; to: string; from: string; body: string; direction: string; status: string }[]
> {
  const { messages } = await control(`/messages?account_sid=${workspace.account.account_sid}`);
  return messages;
}

/** Waits until the provider has delivered every webhook of the workspace's account. */
export async function untilProviderIdle(workspace: Workspace): Promise<void> {
  await control(`/idle?account_sid=${workspace.account.account_sid}`);
}

export async function setFault(
  workspace: Workspace,
  fault: Record<string, unknown>,
): Promise<void> {
  await control("/faults", {
    json: { provider: "twilio", account_sid: workspace.account.account_sid, ...fault },
  });
}

/** Lets go of the receipts that a fault made late, once all of them are there. */
export async function releaseReceipts(workspace: Workspace, count: number): Promise<void> {
  const { account_sid } = workspace.account;
  await eventually(`${count} receipts to be held`, async () => {
    const { receipts } = await control(`/receipts?account_sid=${account_sid}`);
    return receipts.length >= count;
  });
  await control("/receipts/release", { json: { account_sid } });
}
