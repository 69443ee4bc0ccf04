import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../supabase/functions/_shared/database/types.ts";
import { readTestStack } from "./stack.ts";

export type Client = SupabaseClient<Database>;

/** A signed-in person with a client of their own. */
export interface Person {
  id: string;
  email: string;
  token: string;
  client: Client;
}

const WITHOUT_SESSION = {
  auth: { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false },
};

/** Signs a new person up. */
export async function signUp(name: string): Promise<Person> {
  const { url, publishable_key } = readTestStack();
  const client: Client = createClient<Database>(url, publishable_key, WITHOUT_SESSION);
  const email = `${name}-${crypto.randomUUID()}@example.com`;
  const { data, error } = await client.auth.signUp({ email, password: crypto.randomUUID() });
  if (error || !data.session || !data.user) throw new Error(`Cannot sign up ${name}: ${error}`);
  return { id: data.user.id, email, token: data.session.access_token, client };
}

/** A client without a person. */
export function anonymousClient(): Client {
  const { url, publishable_key } = readTestStack();
  return createClient<Database>(url, publishable_key, WITHOUT_SESSION);
}

/** The operator's client. */
export function serviceClient(): Client {
  const { url, secret_key } = readTestStack();
  return createClient<Database>(url, secret_key, WITHOUT_SESSION);
}
