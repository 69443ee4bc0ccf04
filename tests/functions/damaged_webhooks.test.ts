/** Authentic webhooks that are not as documented: each is acknowledged, and none is lost. */
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { createServiceClient } from "../../supabase/functions/_shared/database/client.ts";
import type {
  Provider,
  WebhookEvent,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { createApp } from "../../supabase/functions/webhooks/app.ts";
import { createRandom, mutate } from "../providers/support/random.ts";
import { loadSamples, type WebhookSample } from "../providers/support/samples.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";
import { createConnectedWorkspace } from "../support/workspace.ts";

const ROUNDS = 600;
const AT_ONCE = 20;
const WEBHOOKS_URL = "https://project.example.com/functions/v1/webhooks";
const TOKEN = "t".repeat(43);

/** What text may turn out to be, by mistake or on purpose. */
const HOSTILE = [
  "",
  "\0",
  "a\0b",
  "\ud800",
  "\u202e",
  // Too long for an index to hold, and with nothing to compress.
  Array.from({ length: 300 }, () => crypto.randomUUID()).join(""),
  "-1",
  "1e400",
  "NaN",
  "0x10",
  "9".repeat(400),
  "null",
  "{}",
  "[]",
  "+1",
  "a@b",
  "2026-13-45T99:99:99Z",
  "infinity",
];

for (const provider of providers.values()) {
  Deno.test(`${provider.displayName}'s webhooks are acknowledged, however damaged`, async () => {
    const random = createRandom(20_261_121);
    const { webhooks, webhookKey, sign } = await loadSamples(provider);
    const { id: workspaceId, connectionId, phoneNumberId } = await createConnectedWorkspace();
    const sql = connectToDatabase();
    await own(sql, connectionId, phoneNumberId, webhooks);
    const app = createDamageApp(connectionId, webhookKey.secret);

    const answers: number[] = [];
    const stored: postgres.Row[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      answers.push(
        ...await Promise.all(Array.from({ length: AT_ONCE }, async (_, index) => {
          const { request } = webhooks[(round + index) % webhooks.length]!;
          const { search } = new URL(request.url);
          const url = `${WEBHOOKS_URL}/${provider.id}/${TOKEN}${search}`;
          const body = random() < 0.5
            ? mutate(request.body, random)
            : poison(request.body, request.headers, random);
          const key = { ...webhookKey, nowMs: Date.now() };
          const { headers, method } = await sign({ ...request, url, body }, key);
          const sent = method === "GET" ? { headers } : { method, headers, body };
          const response = await app.request(
            `/webhooks/${provider.id}/${TOKEN}${search}`,
            sent as RequestInit,
          );
          await response.body?.cancel();
          return response.status;
        })),
      );
      // Else every later copy would be a duplicate of the first that came through.
      stored.push(
        ...await sql`
          delete from public.webhook_events where connection_id = ${connectionId}
          returning state, reason, event`,
      );
      await sql`delete from public.conversations where workspace_id = ${workspaceId}`;
    }

    const accepted = provider.webhookAnswer().status;
    const unexpected = answers.filter((status) =>
      status !== accepted && !isRefusal(provider, status)
    );
    assertEquals(unexpected, []);
    assert(answers.filter((status) => status === accepted).length > ROUNDS / 2);
    await sql`update public.phone_numbers set status = 'inactive', is_default = false where id = ${phoneNumberId}`;
    await sql.end();
    // What a constraint refuses, such as a sender of 400 digits, is kept with that reason.
    const failed = stored.filter(({ state, reason }) =>
      state === "failed" && !reason.startsWith("23514:")
    );
    assertEquals(failed, []);
    // Else nothing has got as far as a conversation.
    assert(
      !webhooks.some(({ events }) => events.some(isMessage)) ||
        stored.some(({ state }) => state === "processed"),
    );
  });
}

const isMessage = ({ kind }: WebhookEvent) => kind === "message";

/** Makes the recipient of the first inbound message in the samples one of the connection's. */
async function own(
  sql: postgres.Sql,
  connectionId: string,
  phoneNumberId: string,
  webhooks: WebhookSample[],
): Promise<void> {
  const message = webhooks.flatMap(({ events }) => events).find(isMessage);
  if (message?.kind !== "message") return;
  if (message.channel === "email") {
    await sql`
      insert into public.email_senders (connection_id, email_address, status, last_verified_at)
      values (${connectionId}, ${message.to.toLowerCase()}, 'active', now())`;
  } else {
    await sql`update public.phone_numbers set phone_number = ${message.to} where id = ${phoneNumberId}`;
  }
}

/** The real functions over the real database; signed with `secret`, which only a sample has. */
function createDamageApp(connectionId: string, secret: string) {
  const { url, publishable_key, secret_key } = readTestStack();
  const found = { connectionId, keys: [secret] };
  const gone = { ok: false, error: { isRetryable: false, message: "gone" } };
  return createApp({
    service: createServiceClient({
      supabaseUrl: url,
      publishableKey: publishable_key,
      secretKey: secret_key,
      secretKeys: [secret_key],
      webhooksUrl: WEBHOOKS_URL,
      simulatorUrl: undefined,
    }),
    transport: { call: () => Promise.resolve(gone) } as unknown as Transport,
    secrets: { find: () => Promise.resolve(found), findAgain: () => Promise.resolve(null) },
    kickOffers: () => {},
    webhooksUrl: WEBHOOKS_URL,
  });
}

/** A request that nobody can sign, or in a form that the scheme does not cover, is refused instead. */
function isRefusal({ retryStatus = 401 }: Provider, status: number): boolean {
  return status === retryStatus;
}

/** One value of a JSON or form body replaced by hostile text, the rest left as it is. */
function poison(body: Uint8Array, headers: Headers, random: () => number): Uint8Array<ArrayBuffer> {
  const hostile = HOSTILE[Math.floor(random() * HOSTILE.length)]!;
  const text = new TextDecoder().decode(body);
  const type = headers.get("content-type") ?? "";
  if (type.includes("json")) {
    const places: number[] = [];
    let seen = 0;
    JSON.parse(
      text,
      (_, value) => (typeof value === "string" && places.push(places.length), value),
    );
    const chosen = Math.floor(random() * places.length);
    const poisoned = JSON.parse(
      text,
      (_, value) => typeof value === "string" && seen++ === chosen ? hostile : value,
    );
    return new TextEncoder().encode(JSON.stringify(poisoned));
  }
  if (type.includes("urlencoded")) {
    const parameters = [...new URLSearchParams(text)];
    const chosen = Math.floor(random() * parameters.length);
    const poisoned = parameters.map(([name, value], index) => [
      name,
      index === chosen ? hostile : value,
    ]);
    return new TextEncoder().encode(new URLSearchParams(poisoned).toString());
  }
  return mutate(body, random) as Uint8Array<ArrayBuffer>;
}
