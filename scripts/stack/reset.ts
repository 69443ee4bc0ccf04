import { join } from "node:path";
import { fallbackFor } from "./fallback.ts";
import { StackLock } from "./lock.ts";
import { stopAbandonedServer } from "./postgres_recovery.ts";

/** Deletes a stack's database and logs. Its keys stay, so that clients keep working. */
export async function deleteStackData(dataDirectory: string): Promise<void> {
  let data: string;
  try {
    data = await Deno.realPath(dataDirectory);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const lock = await StackLock.take(data, "delete the data");
  try {
    const fallback = fallbackFor(data);
    for (const parent of [data, fallback]) {
      await stopAbandonedServer(join(parent, "database", "cluster"));
    }
    const entries = ["database", "logs", "stack.json"].map((name) => join(data, name));
    for (const path of [...entries, fallback]) await removeIfThere(path);
  } finally {
    lock.release();
  }
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
