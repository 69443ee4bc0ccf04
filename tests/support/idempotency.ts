/** What tests of idempotency keys arrange and look at. */
import type postgres from "postgres";
import { createConnectionDeps } from "../../supabase/functions/_shared/connections/deps.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { createApp as createConnectionsApp } from "../../supabase/functions/connections/app.ts";
import { type Answer, callFunction } from "./functions.ts";
import type { Person } from "./people.ts";
import { readTestStack } from "./stack.ts";
import type { SimulatedAccount } from "./workspace.ts";

/** What a repetition has to have in common with the first answer. */
export function essenceOf({ status, body }: Pick<Answer, "status" | "body">): string {
  return `${status} ${JSON.stringify(body)}`;
}

export function isReplay({ headers }: Pick<Answer, "headers">): boolean {
  return headers.get("idempotent-replayed") === "true";
}

export function connectRequest(
  workspaceId: string,
  { account_sid, auth_token }: Pick<SimulatedAccount, "account_sid" | "auth_token">,
) {
  return {
    workspace_id: workspaceId,
    provider: "twilio",
    credentials: { account_sid, auth_token },
  };
}

export async function connectOnce(person: Person, key: string, json: Record<string, unknown>) {
  return await callFunction("connections", {
    token: person.token,
    headers: { "idempotency-key": key },
    json,
  });
}

/** The connections function itself, with a provider that answers as given, and how often it was asked. */
export function connectionsWith(call: () => Promise<unknown>) {
  const { url, publishable_key, secret_key } = readTestStack();
  const deps = createConnectionDeps({
    supabaseUrl: url,
    publishableKey: publishable_key,
    secretKey: secret_key,
    secretKeys: [secret_key],
    webhooksUrl: `${url}/functions/v1/webhooks`,
    simulatorUrl: undefined,
  });
  let askedCount = 0;
  const ask = () => {
    askedCount++;
    return call();
  };
  const app = createConnectionsApp({
    ...deps,
    transport: { call: ask, listAll: ask } as unknown as Transport,
  });
  return {
    askedCount: () => askedCount,
    async connect(person: Person, key: string, json: Record<string, unknown>): Promise<Answer> {
      const answer = await app.request("/connections", {
        method: "POST",
        headers: { authorization: `Bearer ${person.token}`, "idempotency-key": key },
        body: JSON.stringify(json),
      });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
  };
}

/** The requests of a workspace that a key is remembered for. */
export async function requestsOf(sql: postgres.Sql, workspaceId: string) {
  return await sql`
    select * from private.idempotent_requests where workspace_id = ${workspaceId}
    order by created_at`;
}

/** As if whoever ran the requests of a workspace had died, long enough ago. */
export async function loseRunners(sql: postgres.Sql, workspaceId: string): Promise<void> {
  await sql`
    update private.idempotent_requests
    set status = null, body = null, lease_ends_at = now()
    where workspace_id = ${workspaceId}`;
}

/** As if a day had passed since the requests of a workspace. */
export async function expireRequests(sql: postgres.Sql, workspaceId: string): Promise<void> {
  await sql`
    update private.idempotent_requests
    set lease_ends_at = now() - interval '1 day', expires_at = now()
    where workspace_id = ${workspaceId}`;
}
