import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { bootstrapDatabase } from "./bootstrap.ts";
import type { Directories } from "./directories.ts";
import type { Keys } from "./keys.ts";
import { StackError } from "./errors.ts";
import { claimPort } from "./ports.ts";
import { findPostgresPrograms } from "./postgres_programs.ts";
import {
  ensureCluster,
  RESET_REMEDY,
  startPostgres,
  SUPERUSER,
  writePrivate,
} from "./postgres_server.ts";
import type { Account } from "./processes.ts";
import type { Log } from "./types.ts";

/** A database that is like the platform's. */
export interface Database {
  /** As the superuser. */
  adminDatabaseUrl: string;
  /** As `postgres`, who owns the migrations. */
  databaseUrl: string;
  stop(): Promise<void>;
}

/** Starts the embedded Postgres and makes it like the platform's. */
export async function startEmbeddedDatabase(options: {
  directories: Directories;
  account: Account | undefined;
  port: number;
  keys: Keys;
  log: Log;
  serverLog: Log;
  signal: AbortSignal;
}): Promise<Database> {
  const { directories, account, keys } = options;
  // Before the cluster is created: a port in use is found at once.
  const port = claimPort(options.port, "Postgres", "give another one with --database-port");
  const settings = {
    programs: await findPostgresPrograms(account),
    account,
    directory: directories.database,
    port,
    superuserPassword: keys.superuserPassword,
    onLine: options.serverLog,
    onUnexpectedEnd: () =>
      options.log("Postgres ended by itself: logs/postgres.log says why; start the stack again"),
    signal: options.signal,
  };
  if (await ensureCluster(settings)) options.log("Created an empty database");
  const vaultKeyFile = await ensureVaultKey(directories.database, account);
  const server = await startPostgres(settings);
  const address = `127.0.0.1:${port}/postgres`;
  const adminDatabaseUrl = `postgresql://${SUPERUSER}:${keys.superuserPassword}@${address}`;
  try {
    await bootstrapDatabase({
      adminDatabaseUrl,
      postgresPassword: keys.postgresPassword,
      vaultKeyFile,
      remedy: RESET_REMEDY,
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    adminDatabaseUrl,
    databaseUrl: `postgresql://postgres:${keys.postgresPassword}@${address}`,
    stop: server.stop,
  };
}

/** Makes somebody else's server like the platform's, as far as that is ours to change. */
export async function useExternalDatabase(
  adminDatabaseUrl: string,
  keys: Keys,
  log: Log,
): Promise<Database> {
  if (!/^postgres(ql)?:$/.test(URL.parse(adminDatabaseUrl)?.protocol ?? "")) {
    throw new StackError(
      "Cannot read DATABASE_URL: give a connection string such as " +
        "postgresql://user:password@host:5432/postgres",
    );
  }
  const { isPostgresSuperuser } = await bootstrapDatabase({
    adminDatabaseUrl,
    postgresPassword: keys.postgresPassword,
    vaultKeyFile: undefined,
    remedy: "give a superuser's connection string in DATABASE_URL",
  });
  const asPostgres = new URL(adminDatabaseUrl);
  if (isPostgresSuperuser) {
    log("The role postgres is this server's superuser and stays one: migrations may do more here");
  } else {
    asPostgres.username = "postgres";
    asPostgres.password = keys.postgresPassword;
  }
  return { adminDatabaseUrl, databaseUrl: asPostgres.href, stop: () => Promise.resolve() };
}

async function ensureVaultKey(directory: string, account: Account | undefined): Promise<string> {
  const path = join(directory, "vault-key");
  try {
    await Deno.stat(path);
  } catch {
    await writePrivate(path, randomBytes(32).toString("hex"), account);
  }
  return path;
}
