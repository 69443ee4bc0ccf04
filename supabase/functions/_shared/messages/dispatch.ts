import { mapConcurrently } from "../concurrency.ts";
import { createCredentialStore, type CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Transport } from "../providers/transport.ts";
import { handOver, type Job, logDefect, lookUp, type Outcome, putBack } from "./hand_over.ts";

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
/** Below the 60 s of a lease, and far below the platform's 150 s. */
const RUN_MS = 25_000;
const RECORD_TRIES = 3;

/** Takes due jobs batch by batch, hands them over in parallel and records each batch in one call. */
export async function dispatch(deps: DispatchDeps): Promise<DispatchReport> {
  const report: DispatchReport = { accepted: 0, rejected: 0, unknown: 0 };
  const credentials = createCredentialStore(deps.service);
  const endsAt = Date.now() + RUN_MS;
  while (Date.now() < endsAt) {
    const jobs = dataOf(
      await deps.service.rpc("claim_outbound_jobs", { claim_limit: BATCH_SIZE }),
    ) as Job[];
    const [first] = jobs;
    if (!first) break;
    for await (const outcomes of work(deps, credentials, jobs, first.lease_token)) {
      await record(deps.service, first.lease_token, outcomes);
      for (const { outcome } of outcomes) report[outcome]++;
    }
  }
  return report;
}

/** Sends before it looks up, so that slow look-ups never hold back what was handed over. */
async function* work(
  deps: DispatchDeps,
  credentials: CredentialStore,
  jobs: Job[],
  leaseToken: string,
): AsyncGenerator<Outcome[]> {
  try {
    await credentials.load(jobs.map((job) => job.connection_id), "dispatch", leaseToken);
  } catch (error) {
    logDefect("Reading credentials", error);
    yield jobs.map(putBack);
    return;
  }
  for (const [step, act] of [["send", handOver], ["look_up", lookUp]] as const) {
    const due = jobs.filter((job) => job.step === step);
    if (due.length === 0) continue;
    yield await mapConcurrently(due, CONCURRENT_HAND_OVERS, (job) => act(deps, credentials, job));
  }
}

/** What was handed over must not be forgotten for a hiccup; after that the lease's end settles it. */
async function record(
  service: DatabaseClient,
  leaseToken: string,
  outcomes: Outcome[],
): Promise<void> {
  const results = outcomes.map((outcome) => ({ ...outcome }));
  for (let attempt = 1;; attempt++) {
    try {
      dataOf(await service.rpc("record_attempts", { lease_token: leaseToken, results }));
      return;
    } catch (error) {
      if (attempt === RECORD_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
}
