/** Drives the adapters for e-mail against the simulator: one account, its webhooks set up by the adapter. */
import { assert, assertEquals } from "@std/assert";
import type {
  Credentials,
  OutboundEmail,
  Provider,
  WebhookEvent,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import type { Delivery } from "../../../scripts/simulator/webhooks.ts";
import { createTransport } from "../../../supabase/functions/_shared/providers/transport.ts";
import type { AdapterTest } from "./adapter.ts";
import { type ReceivedWebhook, withReceiver } from "./receiver.ts";
import { withSimulator } from "./simulator.ts";

export const SENDER = "support@shop.example";
export const CONTACT = "ada@example.com";
export const PASSWORD = "tide table/of the:quiet harbour";

interface MailTest extends AdapterTest<Record<string, string>> {
  credentials: Credentials;
  /** What webhooks are verified with. */
  secret: string;
  settings: Record<string, string>;
}

/** An account that may send as `SENDER` and every other address of its domain. */
export async function withMailAccount(
  provider: Provider,
  test: (given: MailTest) => Promise<void>,
  settings: Record<string, string> = {},
): Promise<void> {
  // Connections that the control API left open would break instead of those of the transport, and
  // Deno's fetch repeats a request whose connection was not new.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const { status, body: account } = await simulator.control<Record<string, string>>(
        "POST",
        `/${provider.id}/accounts`,
        { senders: [SENDER, "*@shop.example"] },
      );
      assertEquals(status, 201);
      const transport = createTransport({
        simulatorUrl: simulator.url,
        fetch: (request) => fetch(request, { client }),
      });
      const names = provider.credentialFields.map(({ name }) => name);
      const credentials = Object.fromEntries(
        Object.entries({ ...account, from_address: SENDER })
          .filter(([name]) => names.includes(name)),
      );
      const given = { simulator, receiver, transport, account };
      const setup = await configure(provider, given, credentials, settings);
      await test({
        ...given,
        credentials,
        secret: setup.secret ?? PASSWORD,
        settings: setup.settings ?? {},
      });
      await simulator.idle();
    });
  }, () => new Response("OK"));
}

export async function configure(
  provider: Provider,
  { transport, receiver }: Pick<MailTest, "transport" | "receiver">,
  credentials: Credentials,
  settings: Record<string, string>,
) {
  const url = `${receiver.url}/webhooks/${provider.id}/token`;
  const webhooks = { inboundUrl: url, statusUrl: url, password: PASSWORD };
  const result = await transport.call(
    provider,
    provider.configureConnection,
    { webhooks, settings },
    credentials,
  );
  assert(result.ok, JSON.stringify(result));
  return result.value;
}

export function mail(change: Partial<OutboundEmail> = {}): OutboundEmail {
  return {
    channel: "email",
    from: SENDER,
    to: CONTACT,
    cc: [],
    bcc: [],
    subject: "Your order",
    text: "It is on its way",
    html: "",
    attachments: [],
    headers: {},
    statusUrl: "https://project.example/",
    reference: "attempt.1",
    ...change,
  };
}

/** The events of what was posted; each webhook has to prove that it comes from the provider. */
export async function readProven(
  provider: Provider,
  { secret }: Pick<MailTest, "secret">,
  webhooks: readonly ReceivedWebhook[],
): Promise<WebhookEvent[]> {
  const events = [];
  for (const webhook of webhooks) {
    assert(await isProvenBy(provider, secret, webhook), "not proven");
    events.push(...await provider.readWebhook(toRequest(webhook)));
  }
  return events;
}

export async function isProvenBy(
  provider: Provider,
  secret: string,
  webhook: ReceivedWebhook,
): Promise<boolean> {
  return await provider.verifyWebhook(toRequest(webhook), { secret, nowMs: Date.now() });
}

function toRequest({ method, url, headers, text }: ReceivedWebhook) {
  return { method, url, headers, body: new TextEncoder().encode(text) };
}

/** Statuses and opt-outs of what was posted since the last call, in order. */
export async function takeWords(provider: Provider, given: MailTest): Promise<string[]> {
  await given.simulator.idle();
  const events = await readProven(provider, given, given.receiver.webhooks.splice(0));
  return events.map((event) => {
    if (event.kind !== "status" && event.kind !== "opt_out") return event.kind;
    assertEquals(event.reference, "attempt.1");
    return event.kind === "status" ? event.status : `${event.kind} ${event.address}`;
  });
}

/** A contact writes. */
export async function write(
  provider: Provider,
  { simulator, account }: MailTest,
  fields: Record<string, unknown> = {},
): Promise<{ message_sid: string; delivery: Delivery | null }> {
  const answer = await simulator.control<{ message_sid: string; delivery: Delivery | null }>(
    "POST",
    `/${provider.id}/inbound`,
    {
      account_sid: account.account_sid,
      from: `"L., Ada" <${CONTACT}>`,
      to: SENDER,
      subject: "Re: Your order 👍",
      text: "Grüße",
      headers: { "In-Reply-To": "<m1@shop.example>" },
      ...fields,
    },
  );
  assertEquals(answer.status, 200);
  return answer.body;
}
/** Every reading operation is answered in a way that the adapter can read. */
export async function checkReading(provider: Provider, given: MailTest): Promise<void> {
  const { transport, credentials } = given;
  const sent = await transport.sendMessage(provider, mail(), credentials);
  assert(sent.ok);
  await given.simulator.idle();

  const account = await transport.call(
    provider,
    provider.validateCredentials,
    undefined,
    credentials,
  );
  assert(account.ok && account.value.isActive);
  const senders = await transport.listAll(provider, provider.listEmailSenders!, {}, credentials);
  assert(senders.ok);
  assert(
    senders.value.items.some(({ emailAddress, status }) =>
      ["*@shop.example", SENDER].includes(emailAddress) && status === "active"
    ),
  );
  const { externalId } = sent.value;
  const found = await transport.call(
    provider,
    provider.lookUpMessage,
    { externalId },
    credentials,
  );
  assert(found.ok, JSON.stringify(found));
  assertEquals([found.value.externalId, found.value.status], [externalId, "delivered"]);
  const since = new Date(Date.now() - 60_000).toISOString();
  const search = (from: string, to: string) =>
    transport.listAll(provider, provider.searchMessages!, { from, to, since }, credentials);
  const listed = await search(SENDER, CONTACT);
  assert(listed.ok);
  assertEquals(listed.value.items.map((item) => item.externalId), [externalId]);
  const others = await search(SENDER, "bob@example.com");
  assert(others.ok);
  assertEquals(others.value.items, []);
  const usage = await transport.call(
    provider,
    provider.readUsage,
    { startDate: "2026-11-01", endDate: "2026-11-30" },
    credentials,
  );
  assert(usage.ok);
  assert(usage.value.items.some(({ count }) => count === 1));
}
