import { mapConcurrently } from "../concurrency.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { logDefect } from "../log_defect.ts";
import { persist } from "../persist.ts";
import { type ClaimedOffer, type OfferOutcome, type PostDeps, postOneOffer } from "./post_offer.ts";

export interface OfferDeps extends PostDeps {
  service: DatabaseClient;
}

/** How many offers their agents have got, and how many are to be tried again. */
export interface OfferReport {
  delivered: number;
  failed: number;
}

const BATCH_SIZE = 50;
const CONCURRENT_POSTS = 25;
/** What is begun by then has ended, 10 s each, within the 60 s of a lease. */
const RUN_MS = 20_000;

/** Posts what is due at the agents' webhooks, batch by batch. */
export async function deliverOffers(deps: OfferDeps): Promise<OfferReport> {
  const report: OfferReport = { delivered: 0, failed: 0 };
  const endsAtMs = Date.now() + RUN_MS;
  while (Date.now() < endsAtMs) {
    const claimed = dataOf(
      await deps.service.rpc("claim_agent_offers", { claim_limit: BATCH_SIZE }),
    ) as ClaimedOffer[];
    if (claimed.length === 0) break;
    const secrets = await readSecrets(deps.service, claimed);
    const outcomes = await mapConcurrently(
      claimed,
      CONCURRENT_POSTS,
      (offer) => postSafely(deps, offer, secrets.get(offer.agent_id) ?? []),
    );
    const recorded = await persist(
      "Recording offers",
      async () =>
        dataOf(await deps.service.rpc("record_agent_offers", { outcomes: outcomes as never })),
    );
    // They are due again when their lease ends, under the same identifier.
    if (recorded === undefined) break;
    for (const { is_delivered } of outcomes) report[is_delivered ? "delivered" : "failed"]++;
  }
  return report;
}

async function readSecrets(
  service: DatabaseClient,
  claimed: ClaimedOffer[],
): Promise<Map<string, string[]>> {
  const rows = dataOf(
    await service.rpc("read_agent_webhook_secrets", {
      agent_ids: [...new Set(claimed.map((offer) => offer.agent_id))],
      reason: "agent_webhook",
    }),
  );
  return new Map(rows.map(({ agent_id, secrets }) => [agent_id, secrets]));
}

/** One that cannot even be tried stands in no other's way. */
async function postSafely(
  deps: PostDeps,
  offer: ClaimedOffer,
  secrets: string[],
): Promise<OfferOutcome> {
  try {
    return await postOneOffer(deps, offer, secrets);
  } catch (error) {
    logDefect("Posting an offer", error);
    const { offer_id, attempt_number } = offer;
    return { offer_id, attempt_number, is_delivered: false, error: "Cannot post the offer" };
  }
}
