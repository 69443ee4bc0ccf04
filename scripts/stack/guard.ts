import { Child } from "./processes.ts";

/**
 * Signals a process when ours is gone, however it went: the guard's input ends then. For children
 * that do not read their own input. Stop it once its ward has ended.
 */
export function guardAgainstOurDeath(pid: number, signal: "INT" | "TERM"): Child {
  return new Child({
    command: "/bin/sh",
    args: ["-c", 'while read -r line; do :; done; kill -"$1" "$0"', String(pid), signal],
    heldInput: true,
  });
}
