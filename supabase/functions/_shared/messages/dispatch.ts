import { mapConcurrently } from "../concurrency.ts";
import { createCredentialStore, type CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { logDefect } from "../log_defect.ts";
import type { Transport } from "../providers/transport.ts";
import { handOver, hasAttachments } from "./hand_over.ts";
import type { ClaimedJob, Job, Outcome } from "./job.ts";
import { addDetails } from "./job_details.ts";
import { putBack } from "./outcome.ts";
import { recordOutcomes } from "./record_outcomes.ts";

export interface DispatchDeps {
  service: DatabaseClient;
  transport: Transport;
  webhooksUrl: string;
}

export interface DispatchReport {
  accepted: number;
  rejected: number;
  unknown: number;
}

/** Few at once, so that a crash leaves few messages to be looked up. */
const BATCH_SIZE = 50;
const CONCURRENT_HAND_OVERS = 25;
/** Files of 7 MB are in memory several times over, of which a function has 256 MB. */
const CONCURRENT_HAND_OVERS_WITH_FILES = 2;
/** Well within a lease: what has not been begun by then is left for the next batch. */
const FILES_MS = 30_000;
/** Below the 60 s of a lease, and far below the platform's 150 s. */
const RUN_MS = 25_000;

/** Takes due jobs batch by batch, hands them over in parallel and records each batch in one call. */
export async function dispatch(deps: DispatchDeps): Promise<DispatchReport> {
  const report: DispatchReport = { accepted: 0, rejected: 0, unknown: 0 };
  const credentials = createCredentialStore(deps.service);
  const endsAt = Date.now() + RUN_MS;
  while (Date.now() < endsAt) {
    const jobs = dataOf(
      await deps.service.rpc("claim_outbound_jobs", { claim_limit: BATCH_SIZE }),
    ) as ClaimedJob[];
    const [first] = jobs;
    if (!first) break;
    for await (const outcomes of work(deps, credentials, jobs, first.lease_token)) {
      await recordOutcomes(deps.service, first.lease_token, outcomes);
      for (const { outcome } of outcomes) report[outcome]++;
    }
  }
  return report;
}

/** Texts before files, so that slow hand-overs never hold back the record of quick ones. */
async function* work(
  deps: DispatchDeps,
  credentials: CredentialStore,
  claimed: ClaimedJob[],
  leaseToken: string,
): AsyncGenerator<Outcome[]> {
  let jobs: Job[];
  try {
    await credentials.load(claimed.map((job) => job.connection_id), "dispatch", leaseToken);
    jobs = await addDetails(deps.service, claimed);
  } catch (error) {
    logDefect("Reading credentials", error);
    yield claimed.map((job) => putBack(job));
    return;
  }
  const light = jobs.filter((job) => !hasAttachments(job));
  const act = (job: Job) => handOver(deps, credentials, job);
  if (light.length > 0) yield await mapConcurrently(light, CONCURRENT_HAND_OVERS, act);
  const heavy = jobs.filter(hasAttachments);
  const endsAt = Date.now() + FILES_MS;
  if (heavy.length > 0) {
    yield await mapConcurrently(
      heavy,
      CONCURRENT_HAND_OVERS_WITH_FILES,
      async (job) =>
        Date.now() < endsAt ? await act(job) : putBack(job, "Other files took too long"),
    );
  }
}
