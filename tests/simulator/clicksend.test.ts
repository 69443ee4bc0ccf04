import { assert, assertEquals } from "@std/assert";
import { clicksend } from "../../supabase/functions/_shared/providers/clicksend.ts";
import type {
  MessageReceipt,
  OutboundText,
  WebhookEvent,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { type ReceivedWebhook, withReceiver } from "./support/receiver.ts";
import { type TestSimulator, withSimulator } from "./support/simulator.ts";

const NUMBER = "+61491570016";
const CONTACT = "+61491571234";

interface Account {
  account_sid: string;
  username: string;
  api_key: string;
  rules: unknown[];
}

async function addAccount(simulator: TestSimulator, fields: Record<string, unknown> = {}) {
  const { body } = await simulator.control<Account>("POST", "/clicksend_sms/accounts", {
    numbers: [NUMBER],
    ...fields,
  });
  const { username, api_key } = body;
  return { sid: body.account_sid, credentials: { username, api_key } };
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

/** What the adapter makes of a webhook, which it has to let through. */
async function read(webhook: ReceivedWebhook | undefined): Promise<WebhookEvent[]> {
  assert(webhook);
  const { method, url, headers, text } = webhook;
  const request = { method, url, headers, body: new TextEncoder().encode(text) };
  assert(await clicksend.verifyWebhook(request, { secret: "", nowMs: Date.now() }));
  return await clicksend.readWebhook(request);
}

Deno.test("clicksend: what is sent is received, and what becomes of it is told", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const { sid, credentials } = await addAccount(simulator);
      const transport = createTransport({ simulatorUrl: simulator.url });
      const webhooks = {
        inboundUrl: `${receiver.url}/token`,
        statusUrl: `${receiver.url}/token?kind=status`,
        password: "",
      };
      const configure = (settings: Record<string, string>) =>
        transport.call(
          clicksend,
          clicksend.configureConnection,
          { webhooks, settings },
          credentials,
        );
      const first = await configure({});
      assert(first.ok);
      const again = await configure(first.value.settings ?? {});
      assertEquals(again, first);
      const { body } = await simulator.control<Account>("GET", `/clicksend_sms/accounts/${sid}`);
      assertEquals(body.rules.length, 2);

      const sent = await transport.sendMessage(clicksend, message(), credentials);
      await simulator.idle();
      assert(sent.ok);
      assertEquals(sent.value.status, "queued");
      const statuses = [];
      for (const webhook of receiver.webhooks) {
        const [event] = await read(webhook);
        assert(event?.kind === "status");
        assertEquals(event.externalId, sent.value.externalId);
        assertEquals(event.reference, "attempt-1");
        statuses.push(event.status);
      }
      assertEquals(statuses, ["sent", "delivered"]);

      receiver.webhooks.length = 0;
      await simulator.control("POST", "/clicksend_sms/inbound", {
        from: CONTACT,
        to: NUMBER,
        body: "Grüße 👍",
      });
      const [webhook] = receiver.webhooks;
      assertEquals(webhook?.headers.get("content-type"), "application/json");
      const [event] = await read(webhook);
      assert(event?.kind === "message");
      assertEquals([event.from, event.to, event.text], [CONTACT, NUMBER, "Grüße 👍"]);
    });
  });
});

Deno.test("clicksend: every call of the adapter is answered", async () => {
  await withSimulator(async (simulator) => {
    const { sid, credentials } = await addAccount(simulator);
    const transport = createTransport({ simulatorUrl: simulator.url });
    const unwrap = <Value>(result: { ok: true; value: Value } | { ok: false; error: unknown }) => {
      assert(result.ok, JSON.stringify(result));
      return result.value;
    };
    const account = await transport
      .call(clicksend, clicksend.validateCredentials, undefined, credentials);
    assertEquals(unwrap(account).externalAccountId, sid);
    const balance = await transport.call(clicksend, clicksend.readBalance, undefined, credentials);
    assertEquals(unwrap(balance).currency, "AUD");

    const offers = unwrap(
      await transport.call(clicksend, clicksend.searchNumbers, {
        country: "AU",
        kind: "mobile",
        contains: "*1577*",
        limit: 3,
      }, credentials),
    );
    const [offer] = offers;
    assert(offer);
    const bought = await transport.call(clicksend, clicksend.purchaseNumber, {
      phoneNumber: offer.phoneNumber,
      country: "AU",
      reference: "order-1",
    }, credentials);
    assertEquals(unwrap(bought).state, "completed");
    const numbers = unwrap(
      await transport.listAll(clicksend, clicksend.listNumbers, {}, credentials),
    );
    assertEquals(numbers.items.map((one) => one.phoneNumber), [NUMBER, offer.phoneNumber]);

    const media = ["https://media.example/pigeon.gif"];
    unwrap(await transport.sendMessage(clicksend, message({ mediaUrls: media }), credentials));
    const { externalId } = unwrap(
      await transport.sendMessage(clicksend, message(), credentials),
    );
    await simulator.idle();
    const known: MessageReceipt = unwrap(
      await transport.call(clicksend, clicksend.lookUpMessage, { externalId }, credentials),
    );
    assertEquals(known.status, "delivered");
    const found = unwrap(
      await transport.call(clicksend, clicksend.searchMessages, {
        to: CONTACT,
        since: new Date(Date.now() - 60_000).toISOString(),
      }, credentials),
    );
    assertEquals(found.items.map((one) => [one.externalId, one.reference]), [
      [externalId, "attempt-1"],
    ]);
    const today = new Date().toISOString().slice(0, 10);
    const usage = unwrap(
      await transport.call(
        clicksend,
        clicksend.readUsage,
        { startDate: today, endDate: today },
        credentials,
      ),
    );
    assertEquals(usage.items[0]?.count, 2);
  });
});

Deno.test("clicksend: refusals hide in answers of success, wrong keys do not", async () => {
  await withSimulator(async (simulator) => {
    const { credentials } = await addAccount(simulator, { balance: 1 });
    const transport = createTransport({ simulatorUrl: simulator.url });
    const codeOf = async (change: Partial<OutboundText>, given = credentials) => {
      const result = await transport.sendMessage(clicksend, message(change), given);
      return result.ok ? "sent" : `${result.error.httpStatus} ${result.error.code}`;
    };
    assertEquals(await codeOf({ to: "+61491500001" }), "200 invalid_recipient");
    assertEquals(await codeOf({ to: "+61491500402" }), "200 insufficient_funds");
    assertEquals(await codeOf({ to: "+61491500429" }), "200 rate_limited");
    assertEquals(
      await codeOf({}, { ...credentials, api_key: "0".repeat(36) }),
      "401 authentication_failed",
    );
    assertEquals(await codeOf({}), "sent");
  });
});

Deno.test("clicksend: faults spoil calls and receipts as they do for all providers", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const { sid, credentials } = await addAccount(simulator);
      const transport = createTransport({ simulatorUrl: simulator.url });
      const webhooks = { inboundUrl: receiver.url, statusUrl: receiver.url, password: "" };
      const configured = await transport.call(
        clicksend,
        clicksend.configureConnection,
        { webhooks, settings: {} },
        credentials,
      );
      assert(configured.ok);
      const provider = "clicksend_sms";
      await simulator.addFault({
        provider,
        kind: "rate_limited",
        operation: "sms.send",
        retry_after_seconds: 7,
        times: 1,
      });
      const limited = await transport.sendMessage(clicksend, message(), credentials);
      assert(!limited.ok);
      assertEquals([limited.error.code, limited.error.retryAfterMs], ["rate_limited", 7000]);

      await simulator.addFault({
        provider,
        kind: "server_error",
        stage: "after",
        number: CONTACT,
        times: 1,
      });
      const lost = await transport.sendMessage(clicksend, message(), credentials);
      assert(!lost.ok && lost.error.isAmbiguous, JSON.stringify(lost));

      await simulator.addFault({ provider, kind: "receipt_duplicate", account_sid: sid, times: 1 });
      await simulator.idle();
      receiver.webhooks.length = 0;
      await transport.sendMessage(clicksend, message({ to: "+61491500301" }), credentials);
      await simulator.idle();
      const events = await Promise.all(receiver.webhooks.map(read));
      assertEquals(
        events.flat().map((event) => event.kind === "status" && event.status),
        ["sent", "sent", "undelivered", "undelivered"],
      );
    });
  });
});
