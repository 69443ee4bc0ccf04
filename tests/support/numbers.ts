/** What tests of buying, verifying and releasing numbers arrange and look at. */
import type postgres from "postgres";
import { createConnectionDeps } from "../../supabase/functions/_shared/connections/deps.ts";
import type { NumberOrder, Provider } from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { twilio } from "../../supabase/functions/_shared/providers/twilio.ts";
import { createApp as createMaintenanceApp } from "../../supabase/functions/maintenance/app.ts";
import { createApp as createNumbersApp } from "../../supabase/functions/phone-numbers/app.ts";
import { callFunction, runWorker } from "./functions.ts";
import { type Person, serviceClient } from "./people.ts";
import { control } from "./simulator.ts";
import { readTestStack } from "./stack.ts";
import type { Workspace } from "./workspace.ts";

/** Runs the maintenance once, as the schedule would. */
export const runMaintenance = () => runWorker("maintenance");

/** A number that the workspace's account can buy. */
export async function findNumber(workspace: Workspace): Promise<string> {
  const { body } = await callFunction("phone-numbers/twilio/available", {
    token: workspace.owner.token,
    json: {
      connection_id: workspace.connectionId,
      search: { country: "US", area_code: "415", needs: ["sms"], limit: 1 },
    },
  });
  return body.phone_numbers[0].phone_number;
}

export async function purchase(
  workspace: Workspace,
  request: Record<string, unknown>,
  person: Person = workspace.owner,
) {
  return await callFunction("phone-numbers/purchase", {
    token: person.token,
    json: { connection_id: workspace.connectionId, country: "US", ...request },
  });
}

/** How often the provider was asked to sell a number, however it answered. */
export async function countPurchases(workspace: Workspace): Promise<number> {
  const { account_sid } = workspace.account;
  const log = await control(`/requests?operation=numbers.create&account_sid=${account_sid}`);
  return log.total;
}

export async function ordersOf(workspace: Workspace) {
  const { data, error } = await serviceClient().from("number_orders").select("*")
    .eq("workspace_id", workspace.id).order("created_at");
  if (error) throw new Error(`Cannot read orders: ${error.message}`);
  return data;
}

export async function readNumber(id: string) {
  const { data, error } = await serviceClient().from("phone_numbers").select("*").eq("id", id)
    .single();
  if (error) throw new Error(`Cannot read the number: ${error.message}`);
  return data;
}

/** Makes the open orders of a workspace due, as if so much time had passed. */
export async function waitWithOrders(sql: postgres.Sql, workspace: Workspace, age: string) {
  await sql`
    update public.number_orders
    set due_at = now(), created_at = now() - ${age}::interval
    where workspace_id = ${workspace.id} and finished_at is null`;
}

/** As if so much time had passed since the numbers were verified. */
export async function waitWithNumbers(sql: postgres.Sql, workspace: Workspace, age: string) {
  await sql`
    update public.phone_numbers set last_verified_at = now() - ${age}::interval
    where workspace_id = ${workspace.id}`;
  await sql`
    update private.number_verifications set asked_at = now() - ${age}::interval
    where connection_id = ${workspace.connectionId}`;
}

type Script = (input: Record<string, unknown>) => unknown;

/** The functions with a provider that answers as scripted, by the name of the operation. */
export function withProvider(changes: Partial<Provider>, script: Record<string, Script>) {
  const provider: Provider = { ...twilio, ...changes };
  const { url, publishable_key, secret_key } = readTestStack();
  const deps = createConnectionDeps({
    supabaseUrl: url,
    publishableKey: publishable_key,
    secretKey: secret_key,
    secretKeys: [secret_key],
    webhooksUrl: `${url}/functions/v1/webhooks`,
    simulatorUrl: undefined,
  });
  const asked: string[] = [];
  const call = (_provider: Provider, operation: unknown, input: Record<string, unknown>) => {
    const [name] = Object.entries(provider).find(([, value]) => value === operation) ?? ["?"];
    asked.push(name);
    return Promise.resolve(script[name]?.(input) ?? { ok: true, value: undefined });
  };
  const transport = { call, listAll: call } as unknown as Transport;
  const numbers = createNumbersApp({ ...deps, transport });
  const maintenance = createMaintenanceApp({
    ...deps,
    transport,
    offers: { transport, resolve: () => Promise.resolve([]) },
    secretKeys: [secret_key],
  });

  async function run(app: { request: typeof numbers.request }, path: string, init: RequestInit) {
    const registry = providers as Map<string, Provider>;
    const registered = registry.get("twilio")!;
    registry.set("twilio", provider);
    try {
      const answer = await app.request(path, { method: "POST", ...init });
      return { status: answer.status, body: await answer.json() };
    } finally {
      registry.set("twilio", registered);
    }
  }
  return {
    asked,
    post: (workspace: Workspace, path: string, json: unknown = {}) =>
      run(numbers, `/phone-numbers/${path}`, {
        headers: { authorization: `Bearer ${workspace.owner.token}` },
        body: JSON.stringify(json),
      }),
    runMaintenance: () =>
      run(maintenance as never, "/maintenance", { headers: { apikey: secret_key } }),
  };
}

/** A provider whose orders take their time, and what it says of them. */
export function slowProvider(script: { order: () => NumberOrder; owned?: unknown[] }) {
  return withProvider({ readNumberOrder: { ...twilio.purchaseNumber! } as never }, {
    purchaseNumber: () => ({ ok: true, value: { state: "pending", orderId: "order-1" } }),
    readNumberOrder: () => ({ ok: true, value: script.order() }),
    listNumbers: () => ({ ok: true, value: { items: script.owned ?? [], isComplete: true } }),
  });
}

/** Gives the workspace's number back behind the product's back. */
export async function releaseAtProvider({ account }: Workspace): Promise<void> {
  const { account_sid, auth_token, numbers } = account;
  const base = `${readTestStack().simulator_url}/api.twilio.com/2010-04-01/Accounts/${account_sid}`;
  const answer = await fetch(`${base}/IncomingPhoneNumbers/${numbers[0]!.sid}.json`, {
    method: "DELETE",
    headers: { authorization: `Basic ${btoa(`${account_sid}:${auth_token}`)}` },
  });
  await answer.body?.cancel();
  if (answer.status !== 204) throw new Error(`Cannot release at the provider: ${answer.status}`);
}

/** Buys a number behind the product's back: this one, or any of an area. */
export async function buyAtProvider(
  { account }: Pick<Workspace, "account">,
  form: Record<string, string>,
): Promise<string> {
  const { account_sid, auth_token } = account;
  const base = `${readTestStack().simulator_url}/api.twilio.com/2010-04-01/Accounts/${account_sid}`;
  const answer = await fetch(`${base}/IncomingPhoneNumbers.json`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${account_sid}:${auth_token}`)}` },
    body: new URLSearchParams(form),
  });
  const { phone_number } = await answer.json();
  if (answer.status !== 201) throw new Error(`Cannot buy at the provider: ${answer.status}`);
  return phone_number;
}
