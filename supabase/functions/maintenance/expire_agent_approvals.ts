import { dataOf } from "../_shared/database/answer.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";

/** Ends what agents asked and nobody decided in time. */
export async function expireAgentApprovals(
  { service }: { service: DatabaseClient },
): Promise<{ expired: number }> {
  return { expired: dataOf(await service.rpc("expire_agent_approvals")) };
}
