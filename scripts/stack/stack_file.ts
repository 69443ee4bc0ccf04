import { join } from "node:path";
import type { Stack } from "./types.ts";

/** Writes how to reach a running stack to where scripts and tests look for it. */
export async function writeStackFile(
  dataDirectory: string,
  stack: Omit<Stack, "stop">,
): Promise<void> {
  const text = JSON.stringify(
    {
      url: stack.url,
      publishable_key: stack.publishableKey,
      secret_key: stack.secretKey,
      database_url: stack.databaseUrl,
      simulator_url: stack.simulatorUrl ?? null,
      users: stack.users,
    },
    null,
    2,
  );
  const path = stackFileIn(dataDirectory);
  // Made anew: an existing file would keep its own, perhaps wider, permissions.
  await removeStackFile(dataDirectory);
  await Deno.writeTextFile(path, text + "\n", { mode: 0o600 });
}

/** Removes it, so that nobody talks to a stack that is gone. */
export async function removeStackFile(dataDirectory: string): Promise<void> {
  await Deno.remove(stackFileIn(dataDirectory)).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

function stackFileIn(dataDirectory: string): string {
  return join(dataDirectory, "stack.json");
}
