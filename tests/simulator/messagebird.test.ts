import { assert, assertEquals } from "@std/assert";
import { messagebird } from "../../supabase/functions/_shared/providers/messagebird.ts";
import type {
  OutboundText,
  OutboundWhatsApp,
  WebhookEvent,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { type ReceivedWebhook, withReceiver } from "./support/receiver.ts";
import { type TestSimulator, withSimulator } from "./support/simulator.ts";

const NUMBER = "+3197010260199";
const CONTACT = "+31612345678";

interface Account {
  account_sid: string;
  access_key: string;
  signing_key: string;
  whatsapp_channel_id: string;
  rules: unknown[];
}

async function addAccount(simulator: TestSimulator, fields: Record<string, unknown> = {}) {
  const { body } = await simulator.control<Account>("POST", "/messagebird/accounts", {
    numbers: [NUMBER],
    ...fields,
  });
  const { access_key, signing_key, whatsapp_channel_id } = body;
  return { sid: body.account_sid, credentials: { access_key, signing_key, whatsapp_channel_id } };
}

const message = (change: Partial<OutboundText> = {}): OutboundText => ({
  channel: "sms",
  from: NUMBER,
  to: CONTACT,
  text: "Coo",
  mediaUrls: [],
  statusUrl: "https://project.example/",
  reference: "attempt-1",
  ...change,
});
const whatsApp = (change: Partial<OutboundWhatsApp> = {}): OutboundWhatsApp => ({
  ...message(),
  channel: "whatsapp",
  ...change,
});

function toRequest({ method, url, headers, text }: ReceivedWebhook) {
  return { method, url, headers, body: new TextEncoder().encode(text) };
}

/** What the adapter makes of a webhook, whose signature it has to accept. */
async function read(webhook: ReceivedWebhook | undefined, secret: string): Promise<WebhookEvent[]> {
  assert(webhook);
  const request = toRequest(webhook);
  const nowMs = Date.now();
  assert(await messagebird.verifyWebhook(request, { secret, nowMs }), "verified");
  assert(!await messagebird.verifyWebhook(request, { secret: `${secret}0`, nowMs }), "by its key");
  return await messagebird.readWebhook(request);
}

Deno.test("messagebird: reports and inbound texts are signed and read", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const { credentials } = await addAccount(simulator, { flow_url: `${receiver.url}/flow` });
      const transport = createTransport({ simulatorUrl: simulator.url });
      const statusUrl = `${receiver.url}/token?attempt=1`;

      const sent = await transport.sendMessage(messagebird, message({ statusUrl }), credentials);
      await simulator.idle();
      assert(sent.ok);
      const statuses = [];
      for (const webhook of receiver.webhooks) {
        assertEquals(webhook.method, "GET");
        const [event] = await read(webhook, credentials.signing_key);
        assert(event?.kind === "status");
        assertEquals(event.externalId, sent.value.externalId);
        assertEquals(event.reference, "attempt-1");
        statuses.push(event.status);
      }
      assertEquals(statuses, ["sent", "delivered"]);

      receiver.webhooks.length = 0;
      const inbound = { from: CONTACT, to: NUMBER, body: "Grüße 👍" };
      await simulator.control("POST", "/messagebird/inbound", inbound);
      const [event] = await read(receiver.webhooks[0], credentials.signing_key);
      assert(event?.kind === "message");
      assertEquals([event.from, event.to, event.text], [CONTACT, NUMBER, "Grüße 👍"]);

      await simulator.control("POST", "/messagebird/inbound", { ...inbound, signature: "forged" });
      await simulator.control("POST", "/messagebird/inbound", { ...inbound, signature: "missing" });
      for (const webhook of receiver.webhooks.slice(1)) {
        const key = { secret: credentials.signing_key, nowMs: Date.now() };
        assertEquals(await messagebird.verifyWebhook(toRequest(webhook), key), false);
      }
      assertEquals(receiver.webhooks.length, 3);
    });
  });
});

Deno.test("messagebird: WhatsApp goes by the channel, and by templates out of hours", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const { sid, credentials } = await addAccount(simulator);
      const transport = createTransport({ simulatorUrl: simulator.url });
      const webhooks = { inboundUrl: `${receiver.url}/token`, statusUrl: "", password: "" };
      const configure = (settings: Record<string, string>) =>
        transport.call(
          messagebird,
          messagebird.configureConnection,
          { webhooks, settings },
          credentials,
        );
      const first = await configure({});
      assert(first.ok);
      assertEquals(await configure(first.value.settings ?? {}), first);
      const { body } = await simulator.control<Account>("GET", `/messagebird/accounts/${sid}`);
      assertEquals(body.rules.length, 1);

      const statusUrl = `${receiver.url}/token?attempt=1`;
      const statusesOf = async (given: OutboundWhatsApp) => {
        receiver.webhooks.length = 0;
        const sent = await transport.sendMessage(messagebird, given, credentials);
        await simulator.idle();
        assert(sent.ok, JSON.stringify(sent));
        const events = await Promise.all(
          receiver.webhooks.map((webhook) => read(webhook, credentials.signing_key)),
        );
        return events.flat().map((event) => {
          assert(event.kind === "status");
          assertEquals(event.externalId, sent.value.externalId);
          const code = event.errorCode && messagebird.explainErrorCode(event.errorCode).code;
          return code ? `${event.status} ${code}` : event.status;
        });
      };
      const template = { externalId: "space/order_sent", language: "en", variables: {} };
      assertEquals(await statusesOf(whatsApp({ statusUrl })), ["failed outside_window"]);
      assertEquals(await statusesOf(whatsApp({ statusUrl, template })), ["sent", "delivered"]);

      receiver.webhooks.length = 0;
      await simulator.control("POST", "/messagebird/inbound", {
        from: CONTACT,
        to: NUMBER,
        body: "hi",
        channel: "whatsapp",
      });
      const [event] = await read(receiver.webhooks[0], credentials.signing_key);
      assert(event?.kind === "message" && event.channel === "whatsapp");
      assertEquals([event.from, event.to, event.text], [CONTACT, NUMBER, "hi"]);
      assertEquals(await statusesOf(whatsApp({ statusUrl })), ["sent", "delivered"]);
    });
  });
});

Deno.test("messagebird: every call of the adapter is answered", async () => {
  await withSimulator(async (simulator) => {
    const { credentials } = await addAccount(simulator);
    const transport = createTransport({ simulatorUrl: simulator.url });
    const unwrap = <Value>(result: { ok: true; value: Value } | { ok: false; error: unknown }) => {
      assert(result.ok, JSON.stringify(result));
      return result.value;
    };
    const account = await transport
      .call(messagebird, messagebird.validateCredentials, undefined, credentials);
    assertEquals(unwrap(account).providerStatus, "prepaid");
    const balance = await transport
      .call(messagebird, messagebird.readBalance, undefined, credentials);
    assertEquals(unwrap(balance), { amount: "100", currency: "EUR" });

    const [offer] = unwrap(
      await transport.call(messagebird, messagebird.searchNumbers, {
        country: "NL",
        kind: "mobile",
        limit: 3,
      }, credentials),
    );
    assert(offer);
    const order = unwrap(
      await transport.call(messagebird, messagebird.purchaseNumber, {
        phoneNumber: offer.phoneNumber,
        country: "NL",
        reference: "order-1",
      }, credentials),
    );
    assert(order.state === "completed");
    const list = async () =>
      unwrap(await transport.listAll(messagebird, messagebird.listNumbers, {}, credentials))
        .items.map((one) => one.phoneNumber);
    assertEquals(await list(), [NUMBER, offer.phoneNumber]);
    unwrap(
      await transport.call(messagebird, messagebird.releaseNumber, order.number, credentials),
    );
    assertEquals(await list(), [NUMBER]);

    const media = ["https://media.example/pigeon.gif"];
    unwrap(await transport.sendMessage(messagebird, message({ mediaUrls: media }), credentials));
    for (const given of [message(), whatsApp()]) {
      const { externalId } = unwrap(await transport.sendMessage(messagebird, given, credentials));
      await simulator.idle();
      const known = unwrap(
        await transport.call(messagebird, messagebird.lookUpMessage, { externalId }, credentials),
      );
      assertEquals(known.status, given.channel === "sms" ? "delivered" : "failed");
    }
    const found = unwrap(
      await transport.call(messagebird, messagebird.searchMessages, {
        from: NUMBER,
        to: CONTACT,
        since: new Date(Date.now() - 60_000).toISOString(),
      }, credentials),
    );
    assertEquals(found.items.map((one) => [one.reference, one.from]), [["attempt-1", NUMBER]]);
  });
});

Deno.test("messagebird: wrong keys, empty accounts and faults are refused as it does", async () => {
  await withSimulator(async (simulator) => {
    const { credentials } = await addAccount(simulator, { balance: 0 });
    const transport = createTransport({ simulatorUrl: simulator.url });
    const codeOf = async (given = credentials) => {
      const result = await transport.sendMessage(messagebird, message(), given);
      return result.ok ? "sent" : `${result.error.httpStatus} ${result.error.code}`;
    };
    assertEquals(await codeOf(), "422 insufficient_funds");
    assertEquals(
      await codeOf({ ...credentials, access_key: "0".repeat(25) }),
      "401 authentication_failed",
    );
    await simulator.addFault({
      provider: "messagebird",
      kind: "server_error",
      status: 503,
      operation: "messages.create",
      number: CONTACT,
      times: 1,
    });
    assertEquals(await codeOf(), "503 provider_unavailable");
  });
});
