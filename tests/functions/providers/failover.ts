/** A workspace with one provider's account, or with another one behind it, and what a fault makes of a message. */
import { dispatch } from "../../../supabase/functions/_shared/messages/dispatch.ts";
import { createServiceClient } from "../../../supabase/functions/_shared/database/client.ts";
import type {
  Provider,
  ProviderId,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { createTransport } from "../../../supabase/functions/_shared/providers/transport.ts";
import { control } from "../../support/simulator.ts";
import { connectToDatabase, readTestStack } from "../../support/stack.ts";
import { liftPace } from "../../support/world.ts";
import { createAccount, sendsEmail } from "./accounts.ts";
import { connect, countRequests, type Desk, openDesk, setFault } from "./desk.ts";

/** The desk, and the account that its messages could go to instead. */
export interface Pair {
  desk: Desk;
  second: Desk | null;
}

const SECOND: Partial<Record<ProviderId, ProviderId>> = { telnyx: "twilio", postmark: "resend" };

/** The workspace sends through this provider; the second stands behind it. */
export async function openPair(provider: Provider, hasSecond: boolean): Promise<Pair> {
  const sql = connectToDatabase(1);
  try {
    const desk = await openDesk(provider);
    await sql`update public.workspaces set communication_mode = 'byoc' where id = ${desk.workspaceId}`;
    await sql`update public.connections set priority = 1 where id = ${desk.connectionId}`;
    await liftPace(sql, desk.connectionId);
    if (!hasSecond) return { desk, second: null };
    const email = sendsEmail(provider);
    const id = SECOND[provider.id] ?? (email ? "postmark" : "telnyx");
    // An e-mail keeps its sender, whoever carries it.
    const account = await createAccount(
      providers.get(id)!,
      email ? desk.account.sender : undefined,
    );
    const { status, body } = await connect({ ...desk, account });
    if (status !== 201) throw new Error(`Cannot connect: ${JSON.stringify(body)}`);
    await liftPace(sql, body.connection.id);
    // Else it would go before the priority of its account.
    await sql`update public.email_senders set is_default = false where workspace_id = ${desk.workspaceId}`;
    return { desk, second: { ...desk, account, connectionId: body.connection.id } };
  } finally {
    await sql.end();
  }
}

/** Queues a message to somebody new that may take any way, and wakes nobody. */
export async function queue({ owner, workspaceId, account }: Desk, to: string): Promise<string> {
  const { data, error } = await owner.client.rpc("enqueue_messages", {
    workspace_id: workspaceId,
    messages: [{
      channel: account.channel,
      to_address: to,
      body: `Hello ${to}`,
      // An account of a whole domain has no address of its own.
      ...(account.channel === "email"
        ? { subject: "Your appointment", from_address: account.sender }
        : {}),
    }],
  });
  const [row] = data ?? [];
  if (!row?.message_id) throw new Error(`Cannot queue: ${error?.message ?? row?.error_message}`);
  return row.message_id;
}

/** How often the second account was asked to send anything. */
export const requestsToSecond = async ({ second }: Pair): Promise<number> =>
  second ? await countRequests(second, second.account.sendOperation) : 0;

/** Forgets what the breakers of the workspace have seen. */
export async function forgetHealth({ desk }: Pair): Promise<void> {
  const sql = connectToDatabase(1);
  await sql`delete from public.connection_health where workspace_id = ${desk.workspaceId}`;
  await sql.end();
}

/** Sets faults of the account until the work is done. */
export async function withFaults(
  { desk }: Pair,
  faults: Record<string, unknown>[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    for (const fault of faults) await setFault(desk, fault);
    await work();
  } finally {
    await control(`/faults?account_sid=${desk.account.sid}`, { method: "DELETE" });
  }
}

/** Runs a dispatcher here that loses patience with a provider soon. */
export async function dispatchImpatiently(timeoutMs: number): Promise<void> {
  const stack = readTestStack();
  const environment = {
    supabaseUrl: stack.url,
    publishableKey: stack.publishable_key,
    secretKey: stack.secret_key,
    secretKeys: [stack.secret_key],
    webhooksUrl: `${stack.url}/functions/v1/webhooks`,
    simulatorUrl: stack.simulator_url,
  };
  await dispatch({
    service: createServiceClient(environment),
    transport: createTransport({ simulatorUrl: environment.simulatorUrl, timeoutMs }),
    webhooksUrl: environment.webhooksUrl,
    storage: {
      url: `${stack.url}/storage/v1`,
      publicUrl: `${stack.url}/storage/v1`,
      secretKey: stack.secret_key,
    },
  });
}
