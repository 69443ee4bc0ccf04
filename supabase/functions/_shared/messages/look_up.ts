import type { CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import { logDefect } from "../log_defect.ts";
import { reconcilingProviders } from "../providers/reconciling_registry.ts";
import type { DispatchDeps } from "./dispatch.ts";
import type { Job, Outcome } from "./job.ts";
import { referenceOf } from "./outbound.ts";
import { accepted } from "./outcome.ts";

/** Well within a lease, whatever the provider's lists are like. */
const LIMITS = { maxPages: 3, timeoutMs: 5_000 };

/** Asks the provider what became of an attempt whose outcome nobody recorded. Never throws. */
export async function lookUp(
  { transport, service }: DispatchDeps,
  credentials: CredentialStore,
  job: Job,
): Promise<Outcome> {
  const unknown: Outcome = { message_id: job.message_id, outcome: "unknown" };
  const provider = reconcilingProviders.get(job.provider);
  const secrets = credentials.get(job.connection_id);
  if (!provider || !secrets) return unknown;
  try {
    if (job.external_id !== null) {
      const receipt = await transport.call(
        provider,
        provider.lookUpMessage,
        { externalId: job.external_id },
        secrets.credentials,
        LIMITS,
      );
      return receipt.ok ? accepted(job, receipt.value) : unknown;
    }
    const found = await transport.listAll(
      provider,
      provider.searchMessages,
      {
        channel: job.channel,
        from: job.from_address,
        to: job.to_address,
        since: job.attempt_started_at,
      },
      secrets.credentials,
      LIMITS,
    );
    if (!found.ok) return unknown;
    const { items, isComplete } = found.value;
    const own = items.find((item) => item.reference === referenceOf(job));
    if (own) return accepted(job, own);
    if (!isComplete) return unknown;
    const same = items.filter((item) =>
      item.direction === "outbound" && item.reference === undefined && item.text === job.body
    );
    const [context] = dataOf(
      await service.rpc("read_look_up", {
        message_id: job.message_id,
        external_ids: same.map((item) => item.externalId),
      }),
    );
    if (!context || context.has_unsettled_twin) return unknown;
    const [candidate, ...others] = same.filter((item) =>
      !context.known_external_ids.includes(item.externalId)
    );
    // Two of the same text cannot be told apart: that is for a receipt, or for a person.
    return candidate && others.length === 0 ? accepted(job, candidate) : unknown;
  } catch (error) {
    logDefect("A look-up", error);
    return unknown;
  }
}
