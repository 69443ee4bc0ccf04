import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { generateApiKey } from "@supabase/lite";

/** What a stack makes up once and keeps, so that clients stay signed in over a restart. */
export interface Keys {
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  superuserPassword: string;
  postgresPassword: string;
}

/** Reads a stack's keys, or makes them up and stores them for its owner's eyes only. */
export async function loadKeys(dataDirectory: string): Promise<Keys> {
  const path = join(dataDirectory, "keys.json");
  try {
    return JSON.parse(await Deno.readTextFile(path)) as Keys;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const keys: Keys = {
    publishableKey: (await generateApiKey("publishable")).key,
    secretKey: (await generateApiKey("secret")).key,
    jwtSecret: randomBytes(32).toString("hex"),
    superuserPassword: randomBytes(16).toString("hex"),
    postgresPassword: randomBytes(16).toString("hex"),
  };
  const unfinished = `${path}.new`;
  await Deno.writeTextFile(unfinished, JSON.stringify(keys, null, 2) + "\n", { mode: 0o600 });
  await Deno.rename(unfinished, path);
  return keys;
}
