import type { CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { logDefect } from "../log_defect.ts";
import { reconcilingProviders } from "../providers/reconciling_registry.ts";
import type { Transport } from "../providers/transport.ts";
import type { ClaimedLookUp, Outcome } from "./job.ts";
import { referenceOf } from "./outbound.ts";
import { accepted, stillUnknown } from "./outcome.ts";

export interface LookUpDeps {
  service: DatabaseClient;
  transport: Transport;
}

/** 20 s at most, with the token that some providers want first. */
const LIMITS = { maxPages: 3, timeoutMs: 5_000 };

/** Asks the provider what became of an attempt whose outcome nobody recorded. Never throws. */
export async function lookUp(
  { transport, service }: LookUpDeps,
  credentials: CredentialStore,
  attempt: ClaimedLookUp,
): Promise<Outcome> {
  const unknown = stillUnknown(attempt);
  const provider = reconcilingProviders.get(attempt.provider);
  const secrets = credentials.get(attempt.connection_id);
  if (!provider || !secrets) return unknown;
  try {
    if (attempt.external_id !== null) {
      const receipt = await transport.call(
        provider,
        provider.lookUpMessage,
        { externalId: attempt.external_id },
        secrets.credentials,
        LIMITS,
      );
      return receipt.ok ? accepted(attempt, receipt.value) : unknown;
    }
    const found = await transport.listAll(
      provider,
      provider.searchMessages,
      {
        channel: attempt.channel,
        from: attempt.from_address,
        to: attempt.to_address,
        since: attempt.attempt_started_at,
      },
      secrets.credentials,
      LIMITS,
    );
    if (!found.ok) return unknown;
    const { items, isComplete } = found.value;
    const own = items.find((item) => item.reference === referenceOf(attempt));
    if (own) return accepted(attempt, own);
    if (!isComplete) return unknown;
    const same = items.filter((item) =>
      item.direction === "outbound" && item.reference === undefined && item.text === attempt.body
    );
    const [context] = dataOf(
      await service.rpc("read_look_up", {
        message_id: attempt.message_id,
        external_ids: same.map((item) => item.externalId),
      }),
    );
    if (!context || context.has_unsettled_twin) return unknown;
    const [candidate, ...others] = same.filter((item) =>
      !context.known_external_ids.includes(item.externalId)
    );
    // Two of the same text cannot be told apart: that is for a receipt, or for a person.
    return candidate && others.length === 0 ? accepted(attempt, candidate) : unknown;
  } catch (error) {
    logDefect("A look-up", error);
    return unknown;
  }
}
