import { PostgrestClient } from "@supabase/postgrest-js";
import type { Environment } from "../environment.ts";
import type { Database } from "./types.ts";

export type DatabaseClient = PostgrestClient<Database>;

/** Acts as `service_role`: for functions that have checked the caller's right themselves. */
export function createServiceClient({ supabaseUrl, secretKey }: Environment): DatabaseClient {
  // A legacy key is a JWT and has to say so; an opaque one must not stand where a JWT is expected.
  const bearer = secretKey.startsWith("eyJ") ? { authorization: `Bearer ${secretKey}` } : {};
  return new PostgrestClient<Database>(`${supabaseUrl}/rest/v1`, {
    headers: { apikey: secretKey, ...bearer },
  });
}

/** Acts as the person who holds the token, under row level security. */
export function createCallerClient(
  { supabaseUrl, publishableKey }: Environment,
  token: string,
): DatabaseClient {
  return new PostgrestClient<Database>(`${supabaseUrl}/rest/v1`, {
    headers: { apikey: publishableKey, authorization: `Bearer ${token}` },
  });
}
