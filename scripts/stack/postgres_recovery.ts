import { join } from "node:path";
import { delay, runCommand } from "./processes.ts";

const PATIENCE_MS = 10_000;

/**
 * Clears what a killed run left in a cluster: a server still running, or a lock file whose process
 * number now belongs to somebody else. The caller holds the stack's lock, so nobody else uses it.
 */
export async function stopAbandonedServer(cluster: string): Promise<void> {
  const lockFile = join(cluster, "postmaster.pid");
  const pid = await readPid(lockFile);
  if (pid === undefined) return;
  if (!await isPostgres(pid, cluster)) {
    await Deno.remove(lockFile);
    return;
  }
  Deno.kill(pid, "SIGINT");
  const giveUpAt = Date.now() + PATIENCE_MS;
  while (await isPostgres(pid, cluster)) {
    if (Date.now() > giveUpAt) Deno.kill(pid, "SIGQUIT");
    await delay(50);
  }
}

async function readPid(lockFile: string): Promise<number | undefined> {
  try {
    const pid = Number((await Deno.readTextFile(lockFile)).split("\n")[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function isPostgres(pid: number, cluster: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command.includes("postgres") && command.includes(cluster);
}

async function commandOf(pid: number): Promise<string> {
  // Small container images come without ps.
  if (Deno.build.os === "linux") {
    return await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  }
  return (await runCommand("ps", ["-ww", "-o", "command=", "-p", String(pid)])).stdout;
}
