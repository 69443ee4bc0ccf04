import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { canReach } from "./account.ts";
import { ensureFallback, removeOrphanedFallbacks } from "./fallback.ts";
import type { Account } from "./processes.ts";

/** This repository. */
export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** Where a stack keeps what it must find again. */
export interface Directories {
  /** Keys and the lock. */
  data: string;
  logs: string;
  /** Cluster and vault key: somewhere the database's account can reach. */
  database: string;
}

/** Creates a stack's data folder; returns its path without symbolic links. */
export async function prepareDataDirectory(
  path: string,
  account: Account | undefined,
): Promise<string> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  // Another account may pass through, yet lists nothing, and the files are the owner's alone.
  await Deno.chmod(path, account === undefined ? 0o700 : 0o711);
  return await Deno.realPath(path);
}

/** Decides where a stack's parts go and creates those folders. */
export async function prepareDirectories(
  data: string,
  account: Account | undefined,
): Promise<Directories> {
  if (account !== undefined) await removeOrphanedFallbacks();
  const parent = await canReach(account, data) ? data : await ensureFallback(data);
  const database = join(parent, "database");
  await Deno.mkdir(database, { recursive: true });
  await Deno.chmod(database, 0o700);
  if (account !== undefined) await Deno.chown(database, account.uid, account.gid);
  const logs = join(data, "logs");
  await Deno.mkdir(logs, { recursive: true, mode: 0o700 });
  return { data, logs, database };
}
