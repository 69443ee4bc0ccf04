import { join } from "node:path";
import { StackError } from "./errors.ts";
import { guardAgainstOurDeath } from "./guard.ts";
import type { PostgresPrograms } from "./postgres_programs.ts";
import { type Account, Child, runCommand, settlesWithin } from "./processes.ts";
import { stopAbandonedServer } from "./postgres_recovery.ts";
import type { Log } from "./types.ts";

/** The superuser of the cluster, named as on the hosted platform. */
export const SUPERUSER = "supabase_admin";

const STOP_PATIENCE_MS = 10_000;
const START_PATIENCE_MS = 30_000;
/** What to do about a cluster that cannot be used any more. */
export const RESET_REMEDY = "`npx -y deno@2.9.6 task reset` starts over with an empty database";

/** What a server needs to start. */
export interface PostgresSettings {
  programs: PostgresPrograms;
  account: Account | undefined;
  /** Holds the cluster; belongs to the account. */
  directory: string;
  port: number;
  superuserPassword: string;
  /** Receives what the server writes. */
  onLine: Log;
  onUnexpectedEnd(): void;
  signal: AbortSignal;
}

/** A running server. */
export interface PostgresServer {
  stop(): Promise<void>;
}

/** Creates the cluster when there is none. True when it did. */
export async function ensureCluster(settings: PostgresSettings): Promise<boolean> {
  const cluster = clusterIn(settings.directory);
  if (await isFile(join(cluster, "PG_VERSION"))) return false;
  // Built beside and renamed when complete, so that an interrupted start leaves no half cluster.
  const unfinished = `${cluster}.new`;
  await Deno.remove(unfinished, { recursive: true }).catch(() => {});
  const passwordFile = join(settings.directory, "superuser-password");
  await writePrivate(passwordFile, settings.superuserPassword + "\n", settings.account);
  try {
    const { code, stderr } = await runCommand(settings.programs.initdb, [
      `--pgdata=${unfinished}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      // The same order of text on every operating system.
      "--locale-provider=icu",
      "--icu-locale=en-US",
      "--locale=C",
      "--no-sync",
      "--no-instructions",
    ], { cwd: settings.directory, account: settings.account, signal: settings.signal });
    if (code !== 0) throw new StackError(`Cannot create the database cluster: ${lastLine(stderr)}`);
  } finally {
    await Deno.remove(passwordFile).catch(() => {});
  }
  await Deno.rename(unfinished, cluster);
  return true;
}

/** Starts the server on a cluster and waits until it accepts connections. */
export async function startPostgres(settings: PostgresSettings): Promise<PostgresServer> {
  const cluster = clusterIn(settings.directory);
  await stopAbandonedServer(cluster);
  const complaints: string[] = [];
  let report: (isReady: boolean) => void = () => {};
  const isReady = new Promise<boolean>((resolve) => report = resolve);
  const server = new Child({
    command: settings.programs.postgres,
    args: ["-D", cluster, ...parametersFor(settings.port)],
    cwd: settings.directory,
    env: { LC_ALL: "C", TZ: "UTC" },
    account: settings.account,
    onLine(line) {
      settings.onLine(line);
      if (/\b(FATAL|PANIC|ERROR):/.test(line)) complaints.push(line.replace(/^.*?: {1,2}/, ""));
      if (line.includes("database system is ready to accept connections")) report(true);
    },
  });
  const guard = guardAgainstOurDeath(server.pid, "INT");
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    await server.stop("SIGINT", STOP_PATIENCE_MS);
    await guard.stop("SIGKILL", STOP_PATIENCE_MS);
  };
  const onAbort = () => report(false);
  settings.signal.addEventListener("abort", onAbort);
  server.ended.then(() => report(false));
  const ready = await settlesWithin(isReady, START_PATIENCE_MS) && await isReady;
  settings.signal.removeEventListener("abort", onAbort);
  if (ready) {
    server.ended.then(() => isStopping || settings.onUnexpectedEnd());
    return { stop };
  }
  await stop();
  settings.signal.throwIfAborted();
  throw new StackError(
    `Cannot start Postgres: ${complaints.at(-1) ?? "it ended without a reason"}; ${RESET_REMEDY}`,
  );
}

function parametersFor(port: number): string[] {
  const parameters = {
    port,
    listen_addresses: "127.0.0.1",
    // Loopback with a password is the only way in.
    unix_socket_directories: "",
    shared_buffers: "256MB",
    // As on the platform, where publications feed Realtime.
    wal_level: "logical",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "",
  };
  return Object.entries(parameters).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Writes a file that only the database's account can read. */
export async function writePrivate(
  path: string,
  text: string,
  account: Account | undefined,
): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  await Deno.chmod(path, 0o600);
  if (account !== undefined) await Deno.chown(path, account.uid, account.gid);
}

function clusterIn(directory: string): string {
  return join(directory, "cluster");
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "no reason given";
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
