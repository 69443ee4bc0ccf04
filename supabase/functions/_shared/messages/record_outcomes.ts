import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Outcome } from "./job.ts";

const TRIES = 3;

/** What was handed over must not be forgotten for a hiccup; after that the lease's end settles it. */
export async function recordOutcomes(
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
      if (attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
}
