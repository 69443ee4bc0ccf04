import { runCommand } from "./processes.ts";

const INTERVAL_MS = 1_000;

/**
 * Calls back once when what launched us is gone without telling us. npx does not pass a signal on:
 * killed, it leaves `deno task` and us behind. A script started by itself has no launcher.
 */
export async function watchLauncher(onGone: () => void): Promise<void> {
  // Set by `deno task`, our parent then.
  if (Deno.env.get("INIT_CWD") === undefined) return;
  // Above it, npx has put a shell. Without npx there may be one that is free to go.
  const depth = Deno.env.get("npm_command") === "exec" ? 3 : 1;
  const launchers = await ancestors(depth);
  const timer = setInterval(async () => {
    const current = await ancestors(depth);
    if (current.join() === launchers.join()) return;
    clearInterval(timer);
    onGone();
  }, INTERVAL_MS);
  Deno.unrefTimer(timer);
}

async function ancestors(depth: number): Promise<number[]> {
  const pids = [Deno.ppid];
  while (pids.length < depth) pids.push(await parentOf(pids.at(-1) ?? 0));
  return pids;
}

async function parentOf(pid: number): Promise<number> {
  try {
    if (Deno.build.os === "linux") {
      // The name before the parent's number may hold spaces; it ends at the last parenthesis.
      const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ").at(-1)?.split(" ");
      return Number(fields?.[1]);
    }
    return Number((await runCommand("ps", ["-o", "ppid=", "-p", String(pid)])).stdout);
  } catch {
    return 0;
  }
}
