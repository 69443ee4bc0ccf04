import { createCredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Json } from "../database/types.ts";
import { logDefect } from "../log_defect.ts";
import { persist } from "../persist.ts";
import { callingProviders } from "../providers/calling_registry.ts";
import type { CallReceipt, Result } from "../providers/provider.ts";
import type { Transport } from "../providers/transport.ts";
import { callWebhookUrl, writeReference } from "../webhooks/urls.ts";

export interface CallDeps {
  service: DatabaseClient;
  transport: Transport;
  webhooksUrl: string;
}

/** A voice call as its starter sees it. */
export interface StartedCall {
  id: string;
  conversation_id: string;
  status: string;
  error_code: string | null;
  error_message: string | null;
}

/** What the provider of a call that is written down is asked for. */
export interface Dialling {
  provider: string;
  connectionId: string;
  from: string;
  to: string;
  text: string;
  language: string;
}

/**
 * Asks the provider for a call, once: what nobody answered for is kept as such. Only for whoever wrote
 * the call down, never for who found it there.
 */
export async function dialCall(
  deps: CallDeps,
  call: StartedCall,
  dialling: Dialling,
): Promise<StartedCall> {
  return await record(deps.service, call, await ask(deps, call.id, dialling));
}

async function ask(
  { service, transport, webhooksUrl }: CallDeps,
  callId: string,
  { provider: providerId, connectionId, ...spoken }: Dialling,
): Promise<Result<CallReceipt> | null> {
  const provider = callingProviders.get(providerId);
  const credentials = createCredentialStore(service);
  try {
    await credentials.load([connectionId], "call", callId);
  } catch (error) {
    logDefect("Reading credentials", error);
  }
  const secrets = credentials.get(connectionId);
  if (!provider || !secrets) {
    return notStarted("sender_inactive", "The connection's secrets could not be read");
  }
  try {
    return await transport.call(provider, provider.startCall, {
      ...spoken,
      statusUrl: callWebhookUrl(webhooksUrl, provider.id, secrets.webhookToken, callId),
      reference: writeReference({ messageId: callId, attemptNumber: 1 }),
    }, secrets.credentials);
  } catch (error) {
    logDefect("Starting a call", error);
    return null;
  }
}

function notStarted(code: string, message: string): Result<CallReceipt> {
  const error = { code, message, owner: "account", isRetryable: false, isAmbiguous: false };
  return { ok: false, error: error as Extract<Result<CallReceipt>, { ok: false }>["error"] };
}

/** What was asked for must not be forgotten for a hiccup; after that the provider's reports settle it. */
async function record(
  service: DatabaseClient,
  started: StartedCall,
  result: Result<CallReceipt> | null,
): Promise<StartedCall> {
  const { outcome, report } = describe(result);
  const recorded = await persist(
    "Recording a call",
    async () =>
      dataOf(await service.rpc("record_call_start", { call_id: started.id, outcome, report })),
  );
  const [call] = recorded ?? [];
  if (!call) return started;
  const { id, conversation_id, status, error_code, error_message } = call;
  return { id, conversation_id, status, error_code, error_message };
}

function describe(result: Result<CallReceipt> | null): { outcome: string; report: Json } {
  if (!result) return { outcome: "unknown", report: {} };
  if (result.ok) return { outcome: "accepted", report: { ...result.value } };
  const { code, message, isAmbiguous } = result.error;
  return {
    outcome: isAmbiguous ? "unknown" : "rejected",
    report: { errorCode: code, errorMessage: message },
  };
}
