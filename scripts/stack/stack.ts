import { join, resolve } from "node:path";
import { findDatabaseAccount } from "./account.ts";
import { startAuthAndData } from "./auth_and_data.ts";
import { type Database, startEmbeddedDatabase, useExternalDatabase } from "./database.ts";
import { findDemoUsers } from "./demo_users.ts";
import {
  type Directories,
  prepareDataDirectory,
  prepareDirectories,
  REPOSITORY,
} from "./directories.ts";
import { functionEnvironment } from "./function_environment.ts";
import { FunctionHost } from "./function_host.ts";
import { startGateway } from "./gateway.ts";
import { type Keys, loadKeys } from "./keys.ts";
import { StackLock } from "./lock.ts";
import { LogFile } from "./log_file.ts";
import { pushMigrations } from "./migrations.ts";
import type { Account } from "./processes.ts";
import { SCHEDULES, startScheduler } from "./scheduler.ts";
import { startSimulator } from "./simulator.ts";
import { removeStackFile, writeStackFile } from "./stack_file.ts";
import { ensureSupabaseCli } from "./supabase_cli.ts";
import type { Log, Stack, StackOptions } from "./types.ts";

/** Where a stack listens unless told otherwise; the first two as with the Supabase CLI. */
export const DEFAULT_PORTS = { gateway: 54321, database: 54322, simulator: 54329 };

/** Starts a Supabase project on this machine. A start that fails leaves nothing running. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  // A proxy for the outside would be asked for what is on this machine, too.
  const direct = ["127.0.0.1,localhost,::1", Deno.env.get("NO_PROXY")].filter(Boolean).join();
  Deno.env.set("NO_PROXY", direct);
  const running = new AsyncDisposableStack();
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const stack = await start(options, running, signal);
    signal.throwIfAborted();
    let stopped: Promise<void> | undefined;
    return { ...stack, stop: () => stopped ??= running.disposeAsync() };
  } catch (error) {
    // What was started beside the failed step is given up instead of waited for.
    failure.abort();
    await running.disposeAsync();
    throw error;
  }
}

async function start(
  options: StackOptions,
  running: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Omit<Stack, "stop">> {
  const log = options.log ?? (() => {});
  const project = resolve(options.projectDirectory ?? REPOSITORY);
  const account = options.databaseUrl === undefined ? await findDatabaseAccount() : undefined;
  const data = await prepareDataDirectory(
    options.dataDirectory ?? join(project, ".stack"),
    account,
  );

  log("Starting Postgres, Auth and the Data API");
  const lock = await StackLock.take(data, "start");
  running.defer(() => lock.release());
  const directories = await prepareDirectories(data, account);
  // A killed run leaves its own.
  await removeStackFile(data);
  const gateway = startGateway(options.port ?? DEFAULT_PORTS.gateway, log);
  running.defer(() => gateway.stop());
  const url = `http://127.0.0.1:${gateway.port}`;
  const keys = await loadKeys(data);

  const simulatorStart = startSimulator({
    projectDirectory: project,
    port: options.simulatorPort ?? DEFAULT_PORTS.simulator,
    log,
    signal,
  });
  const cliInstall = ensureSupabaseCli({ log, signal });
  // Both are awaited further down, where a failure is reported; here it must not count as unhandled.
  const simulatorOrNone = simulatorStart.catch(() => undefined);
  const cliOrNone = cliInstall.catch(() => undefined);
  running.defer(async () => await (await simulatorOrNone)?.stop());
  running.defer(async () => void await cliOrNone);

  const database = await startDatabase(options, directories, account, keys, running, signal);
  signal.throwIfAborted();
  const authLog = new LogFile(directories.logs, "auth_and_data.log");
  running.defer(() => authLog.close());
  const authAndData = await startAuthAndData({
    adminDatabaseUrl: database.adminDatabaseUrl,
    keys,
    siteUrl: url,
    filesDirectory: join(data, "files"),
    log: (line) => authLog.write(line),
  });
  running.defer(() => authAndData.stop());

  await cliInstall;
  await pushMigrations({
    databaseUrl: database.databaseUrl,
    projectDirectory: project,
    log,
    signal,
  });
  const users = await findDemoUsers(database.adminDatabaseUrl);
  await authAndData.forgetSchema();
  const simulator = await simulatorStart;

  const functions = new FunctionHost({
    projectDirectory: project,
    environment: () =>
      functionEnvironment({
        projectDirectory: project,
        url,
        databaseUrl: database.databaseUrl,
        keys,
        simulatorUrl: simulator?.url,
        overrides: options.functionEnvironment ?? {},
      }),
    log,
  });
  running.defer(() => functions.stop());
  gateway.open({
    authAndData: authAndData.handle,
    functions: (request, path, origin) => functions.handle(request, path, origin),
  });
  running.defer(() => gateway.close());
  if (options.scheduler !== false) {
    const scheduler = startScheduler({
      schedules: options.scheduler ?? SCHEDULES,
      url,
      secretKey: keys.secretKey,
      hasFunction: (name) => functions.has(name),
      log,
    });
    running.defer(() => scheduler.stop());
  }
  const stack = {
    url,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    databaseUrl: database.databaseUrl,
    adminDatabaseUrl: database.adminDatabaseUrl,
    simulatorUrl: simulator?.url,
    users: users ?? [],
  };
  running.defer(() => removeStackFile(data));
  await writeStackFile(data, stack);
  return stack;
}

async function startDatabase(
  options: StackOptions,
  directories: Directories,
  account: Account | undefined,
  keys: Keys,
  running: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Database> {
  const log: Log = options.log ?? (() => {});
  if (options.databaseUrl !== undefined) {
    return await useExternalDatabase(options.databaseUrl, keys, log);
  }
  const serverLog = new LogFile(directories.logs, "postgres.log");
  running.defer(() => serverLog.close());
  const database = await startEmbeddedDatabase({
    directories,
    account,
    port: options.databasePort ?? DEFAULT_PORTS.database,
    keys,
    log,
    serverLog: (line) => serverLog.write(line),
    signal,
  });
  running.defer(() => database.stop());
  return database;
}
