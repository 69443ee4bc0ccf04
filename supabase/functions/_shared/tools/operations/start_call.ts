import { dataOf } from "../../database/answer.ts";
import type { DatabaseClient } from "../../database/client.ts";
import { toAppError } from "../../http/provider_refusal.ts";
import { dialCall, type StartedCall } from "../../messages/dial_call.ts";
import { PROVIDER_ERROR_CODES } from "../../providers/provider.ts";
import { meaningOf } from "../../providers/provider_errors.ts";
import type { AskOperation, AskOutcome } from "./ask.ts";

/**
 * Whoever wrote the call down dials, and nobody else ever: who finds it there tells what became of it,
 * as far as that is known.
 */
export const startCall: AskOperation = async (deps, ask) => {
  if (!ask.call) throw new Error("start_call was asked for without a call");
  const written = await readCall(deps.service, ask.call.call_id);
  if (ask.call.is_duplicate) {
    const mayStillBeDialled = written.status === "queued" && written.external_id === null;
    return mayStillBeDialled ? null : describe(written);
  }
  const dialled = await dialCall(deps, written, {
    provider: ask.provider,
    connectionId: ask.connection_id,
    from: written.from_address,
    to: written.to_address,
    text: written.spoken_text ?? "",
    language: written.language ?? "",
  });
  return describe(dialled);
};

async function readCall(service: DatabaseClient, id: string) {
  return dataOf(
    await service.from("calls").select(
      "id, conversation_id, status, external_id, from_address, to_address, spoken_text, language, error_code, error_message",
    ).eq("id", id).single(),
  );
}

function describe({ id, conversation_id, status, ...call }: StartedCall): AskOutcome {
  if (status !== "failed") return { result: { call_id: id, conversation_id, status } };
  const message = call.error_message ?? "The call could not be started";
  if (call.error_code === "outcome_unknown") return { error: { code: "outcome_unknown", message } };
  const code = PROVIDER_ERROR_CODES.find((known) => known === call.error_code) ?? "rejected";
  const refusal = toAppError({ ...meaningOf(code), message, isAmbiguous: false });
  return { error: { code: refusal.code, message } };
}
