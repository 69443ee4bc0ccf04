import { join } from "node:path";
import { StackError } from "./errors.ts";
import { guardAgainstOurDeath } from "./guard.ts";
import { claimPort } from "./ports.ts";
import { Child, delay } from "./processes.ts";
import type { Log } from "./types.ts";

const START_PATIENCE_MS = 20_000;
const STOP_PATIENCE_MS = 3_000;

/** The process that stands in for the providers. */
export interface Simulator {
  url: string;
  stop(): Promise<void>;
}

/** Starts the project's provider simulator; undefined where it has none. */
export async function startSimulator(options: {
  projectDirectory: string;
  port: number;
  log: Log;
  signal: AbortSignal;
}): Promise<Simulator | undefined> {
  const entry = join(options.projectDirectory, "scripts", "simulator", "main.ts");
  if (!await isFile(entry)) return undefined;
  const port = claimPort(
    options.port,
    "the provider simulator",
    "give another one with --simulator-port",
  );
  const child = new Child({
    command: Deno.execPath(),
    args: ["run", "-A", "--quiet", entry, "--port", String(port)],
    cwd: options.projectDirectory,
    onLine: (line) => options.log(`[simulator] ${line}`),
  });
  const guard = guardAgainstOurDeath(child.pid, "TERM");
  let isStopping = false;
  child.ended.then(() => {
    if (!isStopping) options.log("[simulator] ended by itself; start the stack again");
  });
  const simulator: Simulator = {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      isStopping = true;
      await child.stop("SIGTERM", STOP_PATIENCE_MS);
      await guard.stop("SIGKILL", STOP_PATIENCE_MS);
    },
  };
  if (await answers(`${simulator.url}/_control/health`, child, options.signal)) return simulator;
  await simulator.stop();
  options.signal.throwIfAborted();
  throw new StackError(
    "Cannot start the provider simulator: it does not answer; see the lines marked [simulator]",
  );
}

async function answers(url: string, child: Child, signal: AbortSignal): Promise<boolean> {
  const giveUpAt = Date.now() + START_PATIENCE_MS;
  while (child.isRunning && !signal.aborted && Date.now() < giveUpAt) {
    try {
      const response = await fetch(url);
      await response.body?.cancel();
      if (response.ok) return true;
    } catch {
      // It does not listen yet.
    }
    await delay(25);
  }
  return false;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
