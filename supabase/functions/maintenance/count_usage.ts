import { dataOf } from "../_shared/database/answer.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";

/** Counts the usage of yesterday and today, about once an hour. */
export async function countUsage(
  { service }: { service: DatabaseClient },
): Promise<{ days: number }> {
  return { days: dataOf(await service.rpc("count_recent_usage")) };
}
