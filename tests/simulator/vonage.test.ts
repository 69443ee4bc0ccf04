import { assert, assertEquals } from "@std/assert";
import type { OutboundMessage } from "../../supabase/functions/_shared/providers/provider.ts";
import { vonage } from "../../supabase/functions/_shared/providers/vonage.ts";
import { type AdapterTest, isProven, readWebhooks, withAccount } from "./support/adapter.ts";

interface Account {
  api_key: string;
  api_secret: string;
  signature_secret: string;
  application_id: string;
  private_key: string | null;
}
type Given = AdapterTest<Account> & { credentials: Record<string, string> };

const SENDER = "+14155550145";
const RECIPIENT = "+14155559999";

async function withVonage(test: (given: Given) => Promise<void>, hasKey = false): Promise<void> {
  const fields = { numbers: [SENDER], has_key: hasKey };
  await withAccount<Account>("vonage", fields, async (given) => {
    const { api_key, api_secret, signature_secret, application_id, private_key } = given.account;
    const credentials = {
      api_key,
      api_secret,
      signature_secret,
      application_id,
      ...(private_key === null ? {} : { private_key }),
    };
    const { url } = given.receiver;
    const webhooks = { inboundUrl: `${url}/hook`, statusUrl: `${url}/status`, password: "" };
    const set = await given.transport
      .call(vonage, vonage.configureConnection, { webhooks, settings: {} }, credentials);
    assert(set.ok);
    await test({ ...given, credentials });
  });
}

function text({ receiver }: Given, change: Partial<OutboundMessage> = {}): OutboundMessage {
  return {
    from: SENDER,
    to: RECIPIENT,
    channel: "sms",
    text: "hello",
    mediaUrls: [],
    statusUrl: `${receiver.url}/status?attempt=1`,
    reference: "attempt-1",
    ...change,
  } as OutboundMessage;
}

Deno.test("vonage: a text is sent, reported, signed and found in the reports", async () => {
  await withVonage(async (given) => {
    const { simulator, receiver, transport, credentials } = given;
    const since = new Date(Date.now() - 1000).toISOString();
    const sent = await transport.sendMessage(vonage, text(given), credentials);
    assert(sent.ok);
    await simulator.idle();

    const { externalId } = sent.value;
    const events = await readWebhooks(vonage, credentials, receiver.webhooks);
    assertEquals(
      events.map((event) =>
        event.kind === "status" && [event.externalId, event.status, event.reference]
      ),
      [[externalId, "sent", "attempt-1"], [externalId, "delivered", "attempt-1"]],
    );
    const found = await transport.call(vonage, vonage.lookUpMessage, { externalId }, credentials);
    assert(found.ok);
    assertEquals(found.value.status, "delivered");
    const search = { from: SENDER, to: RECIPIENT, since };
    const list = await transport.listAll(vonage, vonage.searchMessages, search, credentials);
    assert(list.ok);
    assertEquals(list.value.items.map((item) => [item.text, item.reference]), [
      ["hello", "attempt-1"],
    ]);
  });
});

Deno.test("vonage: what somebody writes comes to the application's webhook, signed", async () => {
  await withVonage(async ({ simulator, receiver, credentials }) => {
    const write = (fields: Record<string, unknown>) =>
      simulator.control("POST", "/vonage/inbound", { from: RECIPIENT, to: SENDER, ...fields });
    await write({ body: "Hi ✓" });
    await write({ body: "Look", media: ["https://media.example/1.png"] });
    await write({ body: "Hello", channel: "whatsapp" });

    const events = await readWebhooks(vonage, credentials, receiver.webhooks);
    assertEquals(
      events.map((event) =>
        event.kind === "message" && [event.channel, event.from, event.text, event.media.length]
      ),
      [
        ["sms", RECIPIENT, "Hi ✓", 0],
        ["sms", RECIPIENT, "Look", 1],
        ["whatsapp", RECIPIENT, "Hello", 0],
      ],
    );
    await write({ body: "Hi", signature: "forged" });
    await write({ body: "Hi", signature: "missing" });
    for (const webhook of receiver.webhooks.slice(3)) {
      assertEquals(await isProven(vonage, credentials, webhook), false);
    }
  });
});

Deno.test("vonage: a stop and a closed window are known by webhook only", async () => {
  await withVonage(async (given) => {
    const { simulator, receiver, transport, credentials } = given;
    await simulator.control("POST", "/vonage/inbound", {
      from: RECIPIENT,
      to: SENDER,
      body: "STOP",
    });
    receiver.webhooks.length = 0;
    const to = "+14155559998";
    assert((await transport.sendMessage(vonage, text(given), credentials)).ok);
    assert(
      (await transport.sendMessage(vonage, text(given, { to, channel: "whatsapp" }), credentials))
        .ok,
    );
    await simulator.idle();
    const events = await readWebhooks(vonage, credentials, receiver.webhooks);
    const codes = events.map((event) => event.kind === "status" ? event.errorCode ?? "" : "");
    assertEquals(codes.toSorted(), ["1240", "1340"]);
    assertEquals(vonage.explainErrorCode("1240").code, "recipient_opted_out");
  });
});

Deno.test("vonage: wrong credentials are refused on both hosts", async () => {
  await withVonage(async (given) => {
    const { transport, credentials } = given;
    const wrong = { ...credentials, api_secret: "pigeonsWithoutAnyNest" };
    const refused = await transport.sendMessage(vonage, text(given), wrong);
    assert(!refused.ok);
    assertEquals([refused.error.code, refused.error.httpStatus], ["authentication_failed", 401]);
    const numbers = await transport.call(vonage, vonage.listNumbers, {}, wrong);
    assert(!numbers.ok);
    assertEquals(numbers.error.code, "authentication_failed");
    assert((await transport.call(vonage, vonage.validateCredentials, undefined, credentials)).ok);
  });
});

Deno.test("vonage: faults spoil calls and receipts", async () => {
  await withVonage(async (given) => {
    const { simulator, receiver, transport, credentials } = given;
    await simulator.addFault({
      provider: "vonage",
      operation: "messages.create",
      number: RECIPIENT,
      kind: "server_error",
      stage: "after",
      times: 1,
    });
    const failed = await transport.sendMessage(vonage, text(given), credentials);
    assert(!failed.ok);
    assertEquals([failed.error.code, failed.error.isAmbiguous], ["provider_unavailable", true]);
    await simulator.idle();
    assertEquals(receiver.webhooks.length, 2, "what was accepted goes on");

    receiver.webhooks.length = 0;
    await simulator.addFault({
      provider: "vonage",
      kind: "receipt_duplicate",
      copies: 3,
      times: 1,
    });
    assert((await transport.sendMessage(vonage, text(given), credentials)).ok);
    await simulator.idle();
    assertEquals(receiver.webhooks.length, 6);
  });
});

Deno.test("vonage: a number is bought, linked and cancelled", async () => {
  await withVonage(async ({ receiver, transport, credentials }) => {
    const search = { country: "US", kind: "local" as const, areaCode: "212", limit: 5 };
    const offers = await transport.call(vonage, vonage.searchNumbers, search, credentials);
    assert(offers.ok);
    const phoneNumber = offers.value[1]!.phoneNumber;
    const purchase = { phoneNumber, country: "US", reference: "order-1" };
    const order = await transport.call(vonage, vonage.purchaseNumber, purchase, credentials);
    assert(order.ok && order.value.state === "pending");
    const again = await transport.call(vonage, vonage.purchaseNumber, purchase, credentials);
    assert(!again.ok);
    assertEquals(again.error.code, "number_unavailable");

    const { orderId } = order.value;
    const done = await transport.call(vonage, vonage.readNumberOrder, { orderId }, credentials);
    assert(done.ok && done.value.state === "completed");
    const number = { externalId: done.value.number.externalId, phoneNumber };
    const webhooks = { inboundUrl: receiver.url, fallbackUrl: receiver.url };
    const linked = await transport
      .call(vonage, vonage.configureNumber, { ...number, webhooks, settings: {} }, credentials);
    assert(linked.ok);
    assert((await transport.call(vonage, vonage.releaseNumber, number, credentials)).ok);
    const left = await transport.listAll(vonage, vonage.listNumbers, {}, credentials);
    assert(left.ok);
    assertEquals(left.value.items.map((item) => item.phoneNumber), [SENDER]);
    const balance = await transport.call(vonage, vonage.readBalance, undefined, credentials);
    assert(balance.ok);
    assertEquals(balance.value, { amount: "100", currency: "EUR" });
  });
});

Deno.test("vonage: a call takes the application's own token, and is reported", async () => {
  await withVonage(async ({ simulator, receiver, transport, credentials }) => {
    const call = {
      from: SENDER,
      to: RECIPIENT,
      text: "Your code is 1",
      language: "en-US",
      statusUrl: `${receiver.url}/status?attempt=2`,
      reference: "attempt-2",
    };
    const started = await transport.call(vonage, vonage.startCall, call, credentials);
    assert(started.ok);
    await simulator.idle();
    const events = await readWebhooks(vonage, credentials, receiver.webhooks);
    assertEquals(
      events.map((event) => event.kind === "call" && event.status),
      ["queued", "ringing", "in_progress", "completed"],
    );
    const other = { ...credentials, application_id: crypto.randomUUID() };
    const refused = await transport.call(vonage, vonage.startCall, call, other);
    assert(!refused.ok);
    assertEquals(refused.error.code, "authentication_failed");
  }, true);
});
