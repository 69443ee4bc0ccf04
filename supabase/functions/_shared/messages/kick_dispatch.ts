import type { Environment } from "../environment.ts";
import { kickFunction } from "../kick_function.ts";

/** Wakes the dispatcher without waiting for it. If this is lost, the schedule finds the job. */
export function kickDispatch(environment: Environment): void {
  kickFunction(environment, "dispatch");
}
