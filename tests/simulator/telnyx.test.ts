import { assert, assertEquals } from "@std/assert";
import type { OutboundMessage } from "../../supabase/functions/_shared/providers/provider.ts";
import { telnyx } from "../../supabase/functions/_shared/providers/telnyx.ts";
import { type AdapterTest, isProven, readWebhooks, withAccount } from "./support/adapter.ts";

interface Account {
  account_sid: string;
  api_key: string;
  public_key: string;
  messaging_profile_id: string;
  connection_id: string;
  numbers: { sid: string; phone_number: string }[];
}
type Given = AdapterTest<Account> & { credentials: Record<string, string> };

const SENDER = "+14155550135";
const RECIPIENT = "+14155559999";

async function withTelnyx(test: (given: Given) => Promise<void>): Promise<void> {
  await withAccount<Account>("telnyx", { numbers: [SENDER] }, async (given) => {
    const { api_key, public_key, messaging_profile_id, connection_id } = given.account;
    const credentials = { api_key, public_key, messaging_profile_id, connection_id };
    const inboundUrl = `${given.receiver.url}/hook`;
    const webhooks = { inboundUrl, statusUrl: inboundUrl, password: "" };
    const set = await given.transport
      .call(telnyx, telnyx.configureConnection, { webhooks, settings: {} }, credentials);
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
    statusUrl: `${receiver.url}/hook?attempt=1`,
    reference: "attempt-1",
    ...change,
  } as OutboundMessage;
}

Deno.test("telnyx: a text is sent, reported, signed and found again", async () => {
  await withTelnyx(async (given) => {
    const { simulator, receiver, transport, credentials } = given;
    const sent = await transport.sendMessage(telnyx, text(given), credentials);
    assert(sent.ok);
    assertEquals(sent.value.status, "queued");
    await simulator.idle();

    const events = await readWebhooks(telnyx, credentials, receiver.webhooks);
    assertEquals(
      events.map((event) => event.kind === "status" && [event.externalId, event.status]),
      [[sent.value.externalId, "sent"], [sent.value.externalId, "delivered"]],
    );
    assert(receiver.webhooks.every(({ url }) => url.endsWith("?attempt=1")));
    const { externalId } = sent.value;
    const found = await transport.call(telnyx, telnyx.lookUpMessage, { externalId }, credentials);
    assert(found.ok);
    assertEquals(found.value.status, "delivered");
  });
});

Deno.test("telnyx: what somebody writes comes to the profile's webhook, signed", async () => {
  await withTelnyx(async ({ simulator, receiver, credentials }) => {
    const write = (fields: Record<string, unknown>) =>
      simulator.control("POST", "/telnyx/inbound", { from: RECIPIENT, to: SENDER, ...fields });
    await write({ body: "Hi ✓" });
    await write({ body: "", media: ["https://media.example/1.png"] });
    await write({ body: "Hello", channel: "whatsapp" });

    const events = await readWebhooks(telnyx, credentials, receiver.webhooks);
    assertEquals(
      events.map((event) =>
        event.kind === "message" && [event.channel, event.from, event.text, event.media.length]
      ),
      [
        ["sms", RECIPIENT, "Hi ✓", 0],
        ["sms", RECIPIENT, "", 1],
        ["whatsapp", RECIPIENT, "Hello", 0],
      ],
    );
    await write({ body: "Hi", signature: "forged" });
    await write({ body: "Hi", signature: "missing" });
    for (const webhook of receiver.webhooks.slice(3)) {
      assertEquals(await isProven(telnyx, credentials, webhook), false);
    }
  });
});

Deno.test("telnyx: a stop is known at once, other errors by webhook", async () => {
  await withTelnyx(async (given) => {
    const { simulator, receiver, transport, credentials } = given;
    await simulator.control("POST", "/telnyx/inbound", {
      from: RECIPIENT,
      to: SENDER,
      body: "STOP",
    });
    const stopped = await transport.sendMessage(telnyx, text(given), credentials);
    assert(!stopped.ok);
    assertEquals(stopped.error.code, "recipient_opted_out");

    receiver.webhooks.length = 0;
    await transport.sendMessage(telnyx, text(given, { to: "+14155540008" }), credentials);
    await transport.sendMessage(telnyx, text(given, { channel: "whatsapp" }), credentials);
    await simulator.idle();
    const events = await readWebhooks(telnyx, credentials, receiver.webhooks);
    const ends = events.flatMap((event) =>
      event.kind === "status" && event.errorCode ? [[event.status, event.errorCode]] : []
    );
    assertEquals(ends.sort(), [["failed", "131047"], ["undelivered", "40008"]]);
  });
});

Deno.test("telnyx: wrong credentials are refused, and so is another's profile", async () => {
  await withTelnyx(async (given) => {
    const { transport, credentials } = given;
    const wrong = { ...credentials, api_key: "KEYpigeonsWithoutAnyNest" };
    const refused = await transport.sendMessage(telnyx, text(given), wrong);
    assert(!refused.ok);
    assertEquals([refused.error.code, refused.error.httpStatus], ["authentication_failed", 401]);
    const valid = await transport
      .call(telnyx, telnyx.validateCredentials, undefined, credentials);
    assert(valid.ok);
    const other = { ...credentials, messaging_profile_id: crypto.randomUUID() };
    const missing = await transport.call(telnyx, telnyx.validateCredentials, undefined, other);
    assert(!missing.ok);
    assertEquals(missing.error.code, "not_found");
  });
});

Deno.test("telnyx: faults spoil calls and receipts", async () => {
  await withTelnyx(async (given) => {
    const { simulator, receiver, transport, credentials } = given;
    const operation = "messages.create";
    await simulator.addFault({ provider: "telnyx", operation, kind: "rate_limited", times: 1 });
    const limited = await transport.sendMessage(telnyx, text(given), credentials);
    assert(!limited.ok);
    assertEquals([limited.error.code, limited.error.isRetryable], ["rate_limited", true]);

    await simulator.addFault({
      provider: "telnyx",
      number: RECIPIENT,
      kind: "receipt_forged",
      statuses: ["delivered"],
      times: 1,
    });
    assert((await transport.sendMessage(telnyx, text(given), credentials)).ok);
    await simulator.idle();
    const proofs = receiver.webhooks.map((webhook) => isProven(telnyx, credentials, webhook));
    assertEquals(await Promise.all(proofs), [true, false]);
  });
});

Deno.test("telnyx: a number is ordered, comes by itself, and is let go", async () => {
  await withTelnyx(async ({ simulator, receiver, transport, credentials }) => {
    const search = { country: "US", kind: "local" as const, areaCode: "212", limit: 5 };
    const offers = await transport.call(telnyx, telnyx.searchNumbers, search, credentials);
    assert(offers.ok);
    const phoneNumber = offers.value[1]!.phoneNumber;
    const purchase = { phoneNumber, country: "US", reference: "order-1" };
    const order = await transport.call(telnyx, telnyx.purchaseNumber, purchase, credentials);
    assert(order.ok && order.value.state === "pending");
    await simulator.idle();

    const { orderId } = order.value;
    const [event] = await readWebhooks(telnyx, credentials, receiver.webhooks);
    assert(event?.kind === "number_order");
    assertEquals(event.orderId, orderId);
    const done = await transport.call(telnyx, telnyx.readNumberOrder, { orderId }, credentials);
    assert(done.ok && done.value.state === "completed");
    const { externalId } = done.value.number;
    const number = { externalId, phoneNumber };
    const webhooks = { inboundUrl: receiver.url, fallbackUrl: receiver.url };
    const configured = await transport.call(
      telnyx,
      telnyx.configureNumber,
      { ...number, webhooks, settings: {} },
      credentials,
    );
    assert(configured.ok);
    assert((await transport.call(telnyx, telnyx.releaseNumber, number, credentials)).ok);
    const left = await transport.listAll(telnyx, telnyx.listNumbers, {}, credentials);
    assert(left.ok);
    assertEquals(left.value.items.map((item) => item.phoneNumber), [SENDER]);
  });
});

Deno.test("telnyx: a call is made and reported until it ends; money is counted", async () => {
  await withTelnyx(async ({ simulator, receiver, transport, credentials }) => {
    const started = await transport.call(telnyx, telnyx.startCall, {
      from: SENDER,
      to: RECIPIENT,
      text: "Your code is 1 & 2",
      language: "en-US",
      statusUrl: `${receiver.url}/hook?attempt=2`,
      reference: "attempt-2",
    }, credentials);
    assert(started.ok);
    await simulator.idle();
    const events = await readWebhooks(telnyx, credentials, receiver.webhooks);
    assertEquals(
      events.map((event) => event.kind === "call" && event.status),
      ["queued", "ringing", "in_progress", "completed"],
    );
    assert((await transport.call(telnyx, telnyx.readBalance, undefined, credentials)).ok);
    const days = { startDate: "2026-11-20", endDate: "2026-11-20" };
    assert((await transport.call(telnyx, telnyx.readUsage, days, credentials)).ok);
  });
});
