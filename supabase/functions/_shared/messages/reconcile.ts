import { mapConcurrently } from "../concurrency.ts";
import { createCredentialStore, type CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import { logDefect } from "../log_defect.ts";
import type { ClaimedLookUp, Outcome } from "./job.ts";
import { lookUp, type LookUpDeps } from "./look_up.ts";
import { stillUnknown } from "./outcome.ts";
import { recordOutcomes } from "./record_outcomes.ts";

/** How many attempts were found at their providers, and of how many nobody knows yet. */
export interface ReconcileReport {
  accepted: number;
  unknown: number;
}

const BATCH_SIZE = 50;
const CONCURRENT_LOOK_UPS = 25;
/** What is begun by then has ended within the 60 s of a lease, and within the maintenance's turn. */
const RUN_MS = 20_000;

/** Asks providers what became of attempts whose outcome nobody knows, batch by batch. */
export async function reconcile(deps: LookUpDeps): Promise<ReconcileReport> {
  const report: ReconcileReport = { accepted: 0, unknown: 0 };
  const credentials = createCredentialStore(deps.service);
  const endsAtMs = Date.now() + RUN_MS;
  while (Date.now() < endsAtMs) {
    const claimed = dataOf(
      await deps.service.rpc("claim_look_ups", { claim_limit: BATCH_SIZE }),
    ) as ClaimedLookUp[];
    const [first] = claimed;
    if (!first) break;
    const outcomes = await settle(deps, credentials, claimed, endsAtMs);
    await recordOutcomes(deps.service, first.lease_token, outcomes);
    for (const { outcome } of outcomes) report[outcome === "accepted" ? outcome : "unknown"]++;
  }
  return report;
}

async function settle(
  deps: LookUpDeps,
  credentials: CredentialStore,
  claimed: ClaimedLookUp[],
  endsAtMs: number,
): Promise<Outcome[]> {
  try {
    const [first] = claimed;
    const connectionIds = claimed.map((attempt) => attempt.connection_id);
    await credentials.load(connectionIds, "reconcile", first!.lease_token);
  } catch (error) {
    logDefect("Reading credentials", error);
    return claimed.map(stillUnknown);
  }
  return await mapConcurrently(
    claimed,
    CONCURRENT_LOOK_UPS,
    async (attempt) =>
      Date.now() < endsAtMs ? await lookUp(deps, credentials, attempt) : stillUnknown(attempt),
  );
}
