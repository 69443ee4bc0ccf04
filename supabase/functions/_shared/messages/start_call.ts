import { createCredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Json } from "../database/types.ts";
import { logDefect } from "../log_defect.ts";
import { persist } from "../persist.ts";
import type { CallReceipt, Result } from "../providers/provider.ts";
import { callingProviders } from "../providers/calling_registry.ts";
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

/**
 * Starts a call, once: it is written down before the provider is asked, and what nobody answered for
 * is kept as such. Throws only before it is written down.
 */
export async function startCall(
  { service, transport, webhooksUrl }: CallDeps,
  caller: DatabaseClient,
  workspaceId: string,
  call: Record<string, string>,
): Promise<{ call: StartedCall; is_duplicate: boolean }> {
  const [row] = dataOf(
    await caller.rpc("start_call", {
      workspace_id: workspaceId,
      call,
      provider_names: [...callingProviders.keys()],
    }),
  );
  if (!row) throw new Error("start_call returned no row");
  const { call_id: id, conversation_id, status, error_code, error_message } = row;
  const started: StartedCall = { id, conversation_id, status, error_code, error_message };
  if (row.is_duplicate) return { call: started, is_duplicate: true };

  const result = await ask();
  return { call: await record(service, started, result), is_duplicate: false };

  async function ask(): Promise<Result<CallReceipt> | null> {
    const provider = callingProviders.get(row!.provider);
    const credentials = createCredentialStore(service);
    try {
      await credentials.load([row!.connection_id], "call", id);
    } catch (error) {
      logDefect("Reading credentials", error);
    }
    const secrets = credentials.get(row!.connection_id);
    if (!provider || !secrets) {
      return notStarted("sender_inactive", "The connection's secrets could not be read");
    }
    try {
      return await transport.call(provider, provider.startCall, {
        from: row!.from_address,
        to: row!.to_address,
        text: call.text ?? "",
        language: call.language ?? "",
        statusUrl: callWebhookUrl(webhooksUrl, provider.id, secrets.webhookToken, id),
        reference: writeReference({ messageId: id, attemptNumber: 1 }),
      }, secrets.credentials);
    } catch (error) {
      logDefect("Starting a call", error);
      return null;
    }
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
