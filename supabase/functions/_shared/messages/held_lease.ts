import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { logDefect } from "../log_defect.ts";

/** As `claim_outbound_jobs` and `extend_lease` give it. */
const LEASE_MS = 60_000;

export interface HeldLease {
  token: string;
  /** False once it is lost, or may be: what it held may be in another's hands by now. */
  isHeld(): boolean;
  /** Extends it no further. */
  release(): Promise<void>;
}

/** Extends a lease at every interval, for as long as its batch is under way. */
export function holdLease(
  service: DatabaseClient,
  { token, claimedAtMs, intervalMs }: { token: string; claimedAtMs: number; intervalMs: number },
): HeldLease {
  let endsAtMs = claimedAtMs + LEASE_MS;
  let isOver = false;
  let extending = Promise.resolve();
  let timer = waitForTurn();

  function waitForTurn() {
    return setTimeout(() => extending = extend(), intervalMs);
  }

  async function extend(): Promise<void> {
    const askedAtMs = Date.now();
    try {
      const isHeld = dataOf(await service.rpc("extend_lease", { lease_token: token }));
      endsAtMs = isHeld ? askedAtMs + LEASE_MS : 0;
    } catch (error) {
      // The next turn may do it: the lease has time left.
      logDefect("Extending a lease", error);
    }
    if (!isOver && endsAtMs > 0) timer = waitForTurn();
  }

  return {
    token,
    isHeld: () => Date.now() < endsAtMs,
    async release() {
      isOver = true;
      clearTimeout(timer);
      await extending;
    },
  };
}
