import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { callingProviders } from "../providers/calling_registry.ts";
import { type CallDeps, dialCall, type StartedCall } from "./dial_call.ts";

/**
 * Starts a call, once: it is written down before the provider is asked. Throws only before it is
 * written down.
 */
export async function startCall(
  deps: CallDeps,
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
  const dialled = await dialCall(deps, started, {
    provider: row.provider,
    connectionId: row.connection_id,
    from: row.from_address,
    to: row.to_address,
    text: call.text ?? "",
    language: call.language ?? "",
  });
  return { call: dialled, is_duplicate: false };
}
