import { createHash } from "node:crypto";
import { join } from "node:path";
import { StackError } from "./errors.ts";

const PARENT = "/var/tmp";
const PREFIX = "switchboard-";
const ORIGIN = "origin";

/** The folder that stands in for one which the database's account cannot reach. */
export function fallbackFor(origin: string): string {
  const key = createHash("sha256").update(origin).digest("hex").slice(0, 12);
  return join(PARENT, `${PREFIX}${key}`);
}

/** Creates that folder in a place that everybody can write to, and makes sure that it is ours. */
export async function ensureFallback(origin: string): Promise<string> {
  const path = fallbackFor(origin);
  await Deno.mkdir(path, { mode: 0o711 }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  if (!await isOurs(path)) {
    throw new StackError(
      `Cannot use ${path}: it belongs to somebody else; remove it and try again`,
    );
  }
  await Deno.chmod(path, 0o711);
  // By rename, so that nobody reads half of it and takes the folder for an orphan.
  const unfinished = await Deno.makeTempFile({ dir: path });
  await Deno.writeTextFile(unfinished, origin);
  await Deno.rename(unfinished, join(path, ORIGIN));
  return path;
}

/** Removes the folders whose origin is gone: nobody will ask for them again. */
export async function removeOrphanedFallbacks(): Promise<void> {
  for await (const { name } of Deno.readDir(PARENT)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(PARENT, name);
    if (!await isOurs(path) || !await hasLostOrigin(path)) continue;
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

async function hasLostOrigin(path: string): Promise<boolean> {
  let origin: string;
  try {
    origin = await Deno.readTextFile(join(path, ORIGIN));
  } catch {
    // Somebody is just creating it.
    return false;
  }
  return await Deno.lstat(origin).then(
    () => false,
    (error: unknown) => error instanceof Deno.errors.NotFound,
  );
}

async function isOurs(path: string): Promise<boolean> {
  const found = await Deno.lstat(path);
  return found.isDirectory && found.uid === Deno.uid();
}
