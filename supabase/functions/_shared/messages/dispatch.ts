import { mapConcurrently } from "../concurrency.ts";
import { createCredentialStore, type CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { StorageAccess } from "../environment.ts";
import { logDefect } from "../log_defect.ts";
import type { Transport } from "../providers/transport.ts";
import { handOver, hasAttachments } from "./hand_over.ts";
import { type HeldLease, holdLease } from "./held_lease.ts";
import type { ClaimedJob, Job, Outcome } from "./job.ts";
import { addDetails } from "./job_details.ts";
import { putBack } from "./outcome.ts";
import { recordOutcomes } from "./record_outcomes.ts";
import { signMedia } from "./sign_media.ts";

export interface DispatchDeps {
  service: DatabaseClient;
  transport: Transport;
  webhooksUrl: string;
  /** How often a lease of 60 s is extended while its batch is under way; 20 s where it is not given. */
  heartbeatMs?: number;
}

export interface DispatcherDeps extends DispatchDeps {
  storage: StorageAccess;
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
/** What has not been begun by then is left for the next batch. */
const FILES_MS = 30_000;
/** Far below the platform's 150 s, with the batch that is under way by then. */
const RUN_MS = 25_000;
const HEARTBEAT_MS = 20_000;

/** Takes due jobs batch by batch, hands them over in parallel and records each batch in one call. */
export async function dispatch(deps: DispatcherDeps): Promise<DispatchReport> {
  const report: DispatchReport = { accepted: 0, rejected: 0, unknown: 0 };
  const credentials = createCredentialStore(deps.service);
  const endsAt = Date.now() + RUN_MS;
  await dripCampaigns(deps.service);
  while (Date.now() < endsAt) {
    const claimedAtMs = Date.now();
    const jobs = dataOf(
      await deps.service.rpc("claim_outbound_jobs", { claim_limit: BATCH_SIZE }),
    ) as ClaimedJob[];
    const [first] = jobs;
    if (!first) {
      // What its senders carried meanwhile leaves room for more of a campaign.
      if (await dripCampaigns(deps.service) === 0) break;
      continue;
    }
    const lease = holdLease(deps.service, {
      token: first.lease_token,
      claimedAtMs,
      intervalMs: deps.heartbeatMs ?? HEARTBEAT_MS,
    });
    try {
      for await (const outcomes of work(deps, credentials, jobs, lease)) {
        await recordOutcomes(deps.service, lease.token, outcomes);
        for (const { outcome } of outcomes) report[outcome]++;
      }
    } finally {
      await lease.release();
    }
  }
  return report;
}

/** How many messages of campaigns were queued. Campaigns that cannot go on hold nothing else up. */
async function dripCampaigns(service: DatabaseClient): Promise<number> {
  try {
    return dataOf(await service.rpc("drip_campaigns"));
  } catch (error) {
    logDefect("Dripping campaigns", error);
    return 0;
  }
}

/** Texts before files, so that slow hand-overs never hold back the record of quick ones. */
async function* work(
  deps: DispatcherDeps,
  credentials: CredentialStore,
  claimed: ClaimedJob[],
  lease: HeldLease,
): AsyncGenerator<Outcome[]> {
  let jobs: Job[];
  try {
    await credentials.load(claimed.map((job) => job.connection_id), "dispatch", lease.token);
    jobs = await addDetails(deps.service, claimed);
  } catch (error) {
    logDefect("Reading credentials", error);
    if (lease.isHeld()) yield claimed.map((job) => putBack(job));
    return;
  }
  const media = await signMedia(deps.storage, jobs);
  if (media.outcomes.length > 0) yield media.outcomes;
  const light = media.jobs.filter((job) => !hasAttachments(job));
  yield* handOverAll(
    light,
    CONCURRENT_HAND_OVERS,
    lease,
    (job) => handOver(deps, credentials, job),
  );
  const heavy = media.jobs.filter(hasAttachments);
  const endsAt = Date.now() + FILES_MS;
  yield* handOverAll(
    heavy,
    CONCURRENT_HAND_OVERS_WITH_FILES,
    lease,
    (job) =>
      Date.now() < endsAt
        ? handOver(deps, credentials, job)
        : Promise.resolve(putBack(job, "Other files took too long")),
  );
}

/** Leaves alone what was not begun when the lease was lost: it is somebody else's by then. */
async function* handOverAll(
  jobs: Job[],
  limit: number,
  lease: HeldLease,
  act: (job: Job) => Promise<Outcome>,
): AsyncGenerator<Outcome[]> {
  const outcomes = await mapConcurrently(
    jobs,
    limit,
    async (job) => lease.isHeld() ? await act(job) : null,
  );
  const known = outcomes.filter((outcome) => outcome !== null);
  if (known.length > 0) yield known;
}
