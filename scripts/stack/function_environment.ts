import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Keys } from "./keys.ts";

/** What every function finds in its environment: the project's own, then the platform's. */
export async function functionEnvironment(options: {
  projectDirectory: string;
  url: string;
  databaseUrl: string;
  keys: Keys;
  simulatorUrl: string | undefined;
  /** Over everything else. */
  overrides: Record<string, string>;
}): Promise<Record<string, string>> {
  const { keys } = options;
  return {
    // As providers would ask for it: they are handed https only. Nothing here speaks TLS, so whoever
    // stands in for one asks over http.
    STORAGE_PUBLIC_URL: `${options.url.replace("http:", "https:")}/storage/v1`,
    ...(options.simulatorUrl === undefined ? {} : { PROVIDER_SIMULATOR_URL: options.simulatorUrl }),
    ...await readEnvFile(join(options.projectDirectory, ".env")),
    ...await readEnvFile(join(options.projectDirectory, "supabase", "functions", ".env")),
    SUPABASE_URL: options.url,
    SUPABASE_ANON_KEY: keys.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.secretKey,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_DB_URL: options.databaseUrl,
    ...options.overrides,
  };
}

/** The variables of a file in the form of `.env`; none where it is missing. */
export async function readEnvFile(path: string): Promise<Record<string, string>> {
  try {
    return parseEnv(await Deno.readTextFile(path)) as Record<string, string>;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
