import { assert, assertEquals, assertThrows } from "@std/assert";
import type {
  ErrorOwner,
  NumberSearch,
  ProviderErrorCode,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { signalwire } from "../../supabase/functions/_shared/providers/signalwire.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { available, availableNumber, message, ownedNumber } from "./fixtures/signalwire/answers.ts";
import samples from "./fixtures/signalwire/samples.ts";
import { replyWith } from "./support/replies.ts";
import { NONCE, NOW_MS } from "./support/samples.ts";

const context = { nowMs: NOW_MS, nonce: NONCE };
const { credentials } = samples;
const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport(replyWith(...answers));

Deno.test("signalwire takes the name of a space or its whole host", () => {
  for (const space of ["example", "example.signalwire.com"]) {
    assertEquals(signalwire.hosts({ ...credentials, space }), ["example.signalwire.com"]);
  }
});

Deno.test("signalwire reads every status that its documents list", async () => {
  const listed = {
    queued: "queued",
    initiated: "sending",
    sending: "sending",
    sent: "sent",
    delivered: "delivered",
    undelivered: "undelivered",
    failed: "failed",
    receiving: "received",
    received: "received",
    read: "read",
  };
  for (const [word, status] of Object.entries(listed)) {
    const result = await transport({ status: 200, json: { ...message, status: word } })
      .call(signalwire, signalwire.lookUpMessage, { externalId: message.sid }, credentials);
    assert(result.ok);
    assertEquals([result.value.status, result.value.providerStatus], [status, word]);
  }
});

Deno.test("signalwire's prices are numbers, of which nothing is one, too", async () => {
  for (
    const [given, price] of [[0.005, "0.005"], [0, "0"], [1e-7, "0.000000100000"], [
      null,
      undefined,
    ]]
  ) {
    const result = await transport({ status: 200, json: { ...message, price: given } })
      .call(signalwire, signalwire.lookUpMessage, { externalId: message.sid }, credentials);
    assert(result.ok);
    assertEquals(result.value.price, price);
  }
});

Deno.test("signalwire builds no path from anything but its own identifiers", async () => {
  for (const externalId of ["", "..", `SM${"a".repeat(32)}`, `${message.sid}/../x`]) {
    const input = { externalId, phoneNumber: "+13103386745" };
    for (
      const result of [
        await transport().call(signalwire, signalwire.lookUpMessage, input, credentials),
        await transport().call(signalwire, signalwire.releaseNumber, input, credentials),
      ]
    ) assertEquals(!result.ok && result.error.code, "invalid_request");
  }
  const search = (change: Partial<NumberSearch>) =>
    signalwire.searchNumbers?.toRequest(
      { country: "US", kind: "local", limit: 1, ...change },
      credentials,
      context,
    );
  for (const country of ["", "us", "USA", "../"]) assertThrows(() => search({ country }));
  assertThrows(() => search({ kind: "mobile" }));
  assertThrows(() => search({ locality: "Auburn" }));
  for (const find of [{ to: "+1", since: "soon" }, { since: "2026-11-20" }]) {
    assertThrows(() => signalwire.searchMessages?.toRequest(find, credentials, context));
  }
  const whatsapp = { channel: "whatsapp", to: "+1", since: "2026-11-20" } as const;
  assertThrows(() => signalwire.searchMessages?.toRequest(whatsapp, credentials, context));
});

Deno.test("signalwire calls only whom it can, and speaks only what is something", () => {
  const call = {
    from: "+13103384645",
    to: "+13105678901",
    text: "Hello",
    language: "en",
    statusUrl: "https://project.example/hook",
    reference: "attempt-1",
  };
  const start = (change: Partial<typeof call>) =>
    signalwire.startCall?.toRequest({ ...call, ...change }, credentials, context);
  assert(start({}));
  for (
    const change of [
      { to: "sip:ada@example.com" },
      { from: "Pigeons" },
      { text: " " },
      { language: 'en" voice="x' },
    ]
  ) assertThrows(() => start(change));
});

Deno.test("signalwire's numbers are chosen by what was asked, which it ignores", async () => {
  const number = (phone_number: string, capabilities: Record<string, boolean>) => ({
    ...availableNumber,
    phone_number,
    capabilities,
  });
  const json = available("Local", [
    number("+12532186751", { voice: true, SMS: true, MMS: true }),
    number("+12532186752", { voice: true, SMS: true, MMS: false }),
    number("+12532186753", { voice: false, SMS: false, MMS: false }),
  ]);
  const search = async (change: Partial<NumberSearch>) => {
    const input = { country: "US", kind: "local" as const, limit: 20, ...change };
    const result = await transport({ status: 200, json })
      .call(signalwire, signalwire.searchNumbers, input, credentials);
    assert(result.ok);
    return result.value.map(({ phoneNumber }) => phoneNumber.slice(-1)).join("");
  };

  assertEquals(await search({}), "123");
  assertEquals(await search({ needs: ["sms"] }), "12");
  assertEquals(await search({ needs: ["sms", "mms", "voice"] }), "1");
  assertEquals(await search({ limit: 2 }), "12");
  assertEquals(await search({ contains: "218*75*" }), "123");
  assertEquals(await search({ contains: "218*752" }), "2");
  assertEquals(await search({ contains: "752*" }), "");
});

Deno.test("signalwire's number that an application handles cannot be pointed at us", async () => {
  const sms_application_sid = "b3877c40-da60-4998-90ad-b792e98472aa";
  const json = { ...ownedNumber, sms_url: "https://project.example/hook", sms_application_sid };
  const webhooks = signalwire.webhookUrls("https://project.example/hook");
  const input = { externalId: ownedNumber.sid, phoneNumber: "+1", webhooks, settings: {} };
  const result = await transport({ status: 200, json })
    .call(signalwire, signalwire.configureNumber, input, credentials);

  assert(!result.ok);
  assertEquals([result.error.code, result.error.isAmbiguous], ["rejected", false]);
  const listed = await transport({ status: 200, json: { incoming_phone_numbers: [json] } })
    .call(signalwire, signalwire.listNumbers, {}, credentials);
  assert(listed.ok);
  assertEquals(listed.value.items[0]?.webhookUrl, "");
});

Deno.test("signalwire takes a next page from its own host only", async () => {
  for (
    const next_page_uri of [
      "https://evil.example/",
      "//other.signalwire.com/x",
      "http://example.signalwire.com/",
    ]
  ) {
    const result = await transport({ status: 200, json: { messages: [], next_page_uri } })
      .call(signalwire, signalwire.searchMessages, { to: "+1", since: "2026-11-20" }, credentials);
    assertEquals(!result.ok && result.error.code, "unreadable");
  }
});

Deno.test("signalwire knows a project that is not the one", async () => {
  const json = { sid: message.sid, friendly_name: "", status: "active" };
  const result = await transport({ status: 200, json })
    .call(signalwire, signalwire.validateCredentials, undefined, credentials);
  assertEquals(!result.ok && result.error.code, "unreadable");
});

Deno.test("signalwire's errors mean what its list says", () => {
  const known: [number, ProviderErrorCode, ErrorOwner, boolean][] = [
    [4001, "insufficient_funds", "account", false],
    [10002, "permission_missing", "account", false],
    [11751, "content_refused", "caller", false],
    [20003, "authentication_failed", "account", false],
    [21217, "invalid_recipient", "recipient", false],
    [21219, "permission_missing", "account", false],
    [21601, "invalid_sender", "account", false],
    [21610, "recipient_opted_out", "recipient", false],
    [21611, "rate_limited", "provider", true],
    [21617, "invalid_request", "caller", false],
    [21717, "registration_required", "account", false],
    [30002, "account_suspended", "account", false],
    [30003, "unreachable_recipient", "recipient", true],
    [30006, "unreachable_recipient", "recipient", false],
    [30007, "content_refused", "caller", false],
    [30008, "rejected", "provider", true],
    [30022, "rate_limited", "provider", true],
    [53603, "provider_unavailable", "provider", true],
    [63016, "outside_window", "caller", false],
    [131047, "outside_window", "caller", false],
  ];
  for (const [number, code, owner, isRetryable] of known) {
    const meaning = { code, owner, isRetryable };
    assertEquals(signalwire.explainErrorCode(String(number)), meaning, String(number));
  }
});
