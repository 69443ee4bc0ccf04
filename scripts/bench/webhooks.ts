import { createHmac } from "node:crypto";
import { Hono } from "hono";
import type postgres from "postgres";
import { createServiceClient } from "../../supabase/functions/_shared/database/client.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { createWebhookSecrets } from "../../supabase/functions/_shared/webhooks/secrets.ts";
import { createApp } from "../../supabase/functions/webhooks/app.ts";
import type { Stack } from "../stack/types.ts";
import { type Comparison, rateOf } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const REQUESTS = 1_000;
const WARM_UP_REQUESTS = 500;
const CONCURRENCY = 20;

/**
 * Intake of inbound messages (signature, event stored, contact and conversation found, message
 * written, TwiML) against a bare hono handler that inserts the body. Both are called in this
 * process and reach Postgres through the Data API of the local stack, as they do when deployed.
 */
export async function compareWebhooks(
  sql: postgres.Sql,
  stack: Stack,
  workspace: BenchWorkspace,
): Promise<Comparison> {
  await sql`
    create table if not exists public.bench_bodies (id uuid primary key default gen_random_uuid(), body text not null)`;
  await sql`alter table public.bench_bodies enable row level security`;
  await sql`grant select, insert on public.bench_bodies to service_role`;
  const environment = {
    supabaseUrl: stack.url,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    secretKeys: [stack.secretKey],
    webhooksUrl: `${stack.url}/functions/v1/webhooks`,
    simulatorUrl: undefined,
  };
  const service = createServiceClient(environment);
  const ours = createApp({
    service,
    transport: createTransport(),
    secrets: createWebhookSecrets(service),
    webhooksUrl: environment.webhooksUrl,
    kickOffers: () => {},
  });
  const bare = new Hono().post("/bare", async (c) => {
    const { error } = await service.from("bench_bodies" as never)
      .insert({ body: await c.req.text() } as never);
    return c.text(error ? "no" : "ok", error ? 500 : 200);
  });
  const inbound = () => signedInbound(environment.webhooksUrl, workspace);
  const receive = (count: number) => load(ours, inbound, count);
  const insert = (count: number) =>
    load(
      bare,
      () => new Request("http://function/bare", { method: "POST", body: inbound().body }),
      count,
    );
  await receive(WARM_UP_REQUESTS);
  await insert(WARM_UP_REQUESTS);
  // Autovacuum does this within a minute; plans made for empty tables read whole indexes.
  await sql`analyze`;
  return {
    name: `Webhooks: ${REQUESTS.toLocaleString("en")} inbound messages, through the Data API`,
    unit: "webhooks",
    floor: 0.7,
    subject: { name: "Switchboard", run: () => receive(REQUESTS) },
    reference: { name: "bare insert", run: () => insert(REQUESTS) },
  };
}

async function load(
  app: { fetch(request: Request): Response | Promise<Response> },
  next: () => Request,
  count: number,
) {
  return await rateOf(count, async () => {
    let started = 0;
    await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
      while (started++ < count) {
        const response = await app.fetch(next());
        if (response.status !== 200) throw new Error(`Cannot measure: status ${response.status}`);
        await response.body?.cancel();
      }
    }));
  });
}

function signedInbound(webhooksUrl: string, workspace: BenchWorkspace): Request {
  const parameters: Record<string, string> = {
    AccountSid: "AC" + "0".repeat(32),
    Body: "Yes, 3 is fine",
    From: "+1646" + String(2_000_000 + Math.floor(Math.random() * 10_000)),
    MessageSid: "SM" + crypto.randomUUID().replaceAll("-", ""),
    NumMedia: "0",
    NumSegments: "1",
    To: workspace.phoneNumber,
  };
  const url = `${webhooksUrl}/twilio/${workspace.webhookToken}`;
  const data = Object.entries(parameters).reduce((text, [name, value]) => text + name + value, url);
  const signature = createHmac("sha1", workspace.authToken).update(data).digest("base64");
  return new Request(`http://function/webhooks/twilio/${workspace.webhookToken}`, {
    method: "POST",
    headers: { "x-twilio-signature": signature },
    body: new URLSearchParams(parameters),
  });
}
