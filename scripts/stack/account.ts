import { dirname } from "node:path";
import { StackError } from "./errors.ts";
import { type Account, runCommand } from "./processes.ts";

/** Postgres refuses to run as root. The account for it then, or undefined: our own. */
export async function findDatabaseAccount(): Promise<Account | undefined> {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const uid = await runCommand("id", ["-u", name]);
    const gid = await runCommand("id", ["-g", name]);
    if (uid.code === 0 && gid.code === 0) {
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    }
  }
  throw new StackError(
    "Cannot start Postgres: it refuses to run as root and there is neither a user postgres nor a " +
      "user nobody; create one, or run this as another user",
  );
}

/** Whether the account can enter a folder and every folder above it. */
export async function canReach(account: Account | undefined, directory: string): Promise<boolean> {
  if (account === undefined) return true;
  for (let path = await Deno.realPath(directory);; path = dirname(path)) {
    if (!canEnter(account, await Deno.stat(path))) return false;
    if (dirname(path) === path) return true;
  }
}

function canEnter(account: Account, folder: Deno.FileInfo): boolean {
  const mode = folder.mode ?? 0o777;
  if (folder.uid === account.uid) return (mode & 0o100) !== 0;
  if (folder.gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
