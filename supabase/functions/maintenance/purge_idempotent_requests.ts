import { dataOf } from "../_shared/database/answer.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";

/** Removes requests whose idempotency keys are free again. */
export async function purgeIdempotentRequests(
  { service }: { service: DatabaseClient },
): Promise<{ removed: number }> {
  return { removed: dataOf(await service.rpc("purge_idempotent_requests")) };
}
