import { join } from "node:path";
import { StackError } from "./errors.ts";
import { REPOSITORY } from "./directories.ts";
import { type Finished, runCommand } from "./processes.ts";
import type { Log } from "./types.ts";

const VERSION = "3.1.0";

/** Where and on what a command of the Supabase CLI works. */
export interface SupabaseCommand {
  /** The database it works on, as its option --remote. */
  databaseUrl?: string;
  /** The folder that holds `supabase/`; by default this repository. */
  projectDirectory?: string;
  signal?: AbortSignal;
}

/** Runs the pinned Supabase CLI, which is installed at its first use. */
export async function runSupabase(
  args: string[],
  command: SupabaseCommand = {},
): Promise<Finished> {
  const directory = command.projectDirectory ?? REPOSITORY;
  const program = await ensureSupabaseCli(command);
  const target = command.databaseUrl === undefined ? [] : [`--remote=${command.databaseUrl}`];
  return await runCommand(program, [...args, ...target, "--workdir", directory, "--agent", "no"], {
    cwd: directory,
    env: {
      // Its settings and its login stay out of this, and this out of them.
      SUPABASE_HOME: join(toolsDirectory(), "home"),
      SUPABASE_NO_KEYRING: "1",
      SUPABASE_TELEMETRY_DISABLED: "1",
      SUPABASE_NO_UPDATE_NOTIFIER: "1",
      DO_NOT_TRACK: "1",
      ...encryptionFor(command.databaseUrl),
    },
    signal: command.signal,
  });
}

// A server on this machine offers no TLS. Told so, the CLI keeps a warning out of its output, which
// may be a generated file.
function encryptionFor(databaseUrl: string | undefined): Record<string, string> {
  if (databaseUrl === undefined) return {};
  const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(new URL(databaseUrl).hostname);
  return isLoopback ? { PGSSLMODE: "disable" } : {};
}

/** The path of the CLI's program. Deno cannot install its package, so npm does. */
export async function ensureSupabaseCli(
  { log, signal }: { log?: Log; signal?: AbortSignal } = {},
): Promise<string> {
  const prefix = join(toolsDirectory(), `supabase-${VERSION}`);
  const installed = await findProgram(prefix);
  if (installed !== undefined) return installed;
  log?.(`Installing the Supabase CLI ${VERSION}`);
  // Complete or absent, and safe when two stacks start together: the rename comes last.
  await Deno.mkdir(toolsDirectory(), { recursive: true });
  const unfinished = await Deno.makeTempDir({ dir: toolsDirectory(), prefix: "install-" });
  try {
    await install(unfinished, signal);
    await Deno.rename(unfinished, prefix).catch(async (error: unknown) => {
      if (await findProgram(prefix) === undefined) throw error;
    });
  } finally {
    await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  }
  const program = await findProgram(prefix);
  if (program === undefined) {
    throw new StackError(
      `Cannot install the Supabase CLI: supabase@${VERSION} has no program for this machine; ` +
        "see its supported platforms at https://github.com/supabase/cli",
    );
  }
  return program;
}

async function install(prefix: string, signal: AbortSignal | undefined): Promise<void> {
  const args = ["install", "--prefix", prefix, "--no-save", "--no-audit", "--no-fund"];
  let finished: Finished;
  try {
    finished = await runCommand("npm", [...args, `supabase@${VERSION}`], { signal });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StackError("Cannot install the Supabase CLI: npm is missing; install Node.js");
  }
  if (finished.code === 0) return;
  const reason = finished.stderr.split("\n").find((line) => line.startsWith("npm error"));
  throw new StackError(
    `Cannot install the Supabase CLI: ${reason ?? "npm failed"}; check the network and try again`,
  );
}

async function findProgram(prefix: string): Promise<string | undefined> {
  const scope = join(prefix, "node_modules", "@supabase");
  try {
    for await (const { name } of Deno.readDir(scope)) {
      if (name.startsWith("cli-")) return join(scope, name, "bin", "supabase");
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

function toolsDirectory(): string {
  return join(REPOSITORY, ".stack", "tools");
}
