import { PostgrestClient } from "@supabase/postgrest-js";
import type { Environment } from "../environment.ts";
import { keyHeaders } from "../http/key_headers.ts";
import type { Database } from "./types.ts";

export type DatabaseClient = PostgrestClient<Database>;

/** Acts as `service_role`: for functions that have checked the caller's right themselves. */
export function createServiceClient({ supabaseUrl, secretKey }: Environment): DatabaseClient {
  return new PostgrestClient<Database>(`${supabaseUrl}/rest/v1`, {
    headers: keyHeaders(secretKey),
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
