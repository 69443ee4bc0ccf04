import { assert, assertEquals, assertThrows } from "@std/assert";
import type {
  CallStatus,
  ErrorOwner,
  OutboundCall,
  ProviderErrorCode,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { twilio } from "../../supabase/functions/_shared/providers/twilio.ts";
import samples from "./fixtures/twilio/samples.ts";
import { GARBAGE } from "./support/garbage.ts";
import { replyWith } from "./support/replies.ts";
import { contextOf } from "./support/samples.ts";

/** `message_enum_status` of Twilio's document. */
const STATUSES = [
  "queued",
  "sending",
  "sent",
  "failed",
  "delivered",
  "undelivered",
  "receiving",
  "received",
  "accepted",
  "scheduled",
  "read",
  "partially_delivered",
  "canceled",
];

const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport(replyWith(...answers));

Deno.test("twilio builds no path from anything but its own identifiers", async () => {
  const { credentials } = samples;
  const { releaseNumber, lookUpMessage, searchNumbers, searchMessages } = twilio;
  const refuses = async <Input>(
    operation: Parameters<ReturnType<typeof transport>["call"]>[1] | undefined,
    input: Input,
  ) => {
    const result = await transport().call(twilio, operation, input, credentials);
    assert(!result.ok);
    assertEquals(result.error.code, "invalid_request");
  };
  for (const externalId of ["", "..", "PN1", `PN${"a".repeat(32)}/../x`, `SM${"g".repeat(32)}`]) {
    await refuses(releaseNumber, { externalId, phoneNumber: "+15550100001" });
    await refuses(lookUpMessage, { externalId });
  }
  for (const country of ["", "us", "USA", "../"]) {
    await refuses(searchNumbers, { country, kind: "local", limit: 1 });
  }
  await refuses(searchMessages, { to: "+1", since: "soon" });
  await refuses(searchMessages, { since: "2026-11-20" });
  await refuses(searchMessages, { channel: "email", to: "+1", since: "2026-11-20" });
});

Deno.test("twilio speaks what can be spoken, and nothing as markup", () => {
  const { startCall } = twilio;
  assert(startCall);
  const call: OutboundCall = {
    from: "+14155552345",
    to: "+14155550101",
    text: "Hello",
    language: "en",
    statusUrl: "https://project.example/hook",
    reference: "attempt-1",
  };
  const describe = (change: Partial<OutboundCall>) =>
    startCall.toRequest({ ...call, ...change }, samples.credentials, contextOf(samples));
  const say = (text: string) => {
    const request = describe({ text });
    assert(!(request instanceof Promise));
    const [, twiml = ""] = request.form?.find(([name]) => name === "Twiml") ?? [];
    return /<Say language="en">(.*)<\/Say>/.exec(twiml)?.[1];
  };

  assertEquals(say("Grüße 👍"), "Grüße 👍");
  assertEquals(say('</Say><Hangup/> "&" \u0001'), "&lt;/Say&gt;&lt;Hangup/&gt; &quot;&amp;&quot; ");
  for (
    const change of [
      { to: "14155550101" },
      { to: "sip:ada@example.com" },
      { from: "Pigeon" },
      { from: "whatsapp:+14155552345" },
      { text: " \n" },
      { text: "long ".repeat(800) },
      { language: '"/><Hangup' },
      { language: "" },
    ]
  ) assertThrows(() => describe(change), Error);
});

Deno.test("twilio reads every status of calls that its document lists", async () => {
  const words: Record<string, CallStatus> = {
    queued: "queued",
    ringing: "ringing",
    "in-progress": "in_progress",
    completed: "completed",
    busy: "busy",
    failed: "failed",
    "no-answer": "no_answer",
    canceled: "canceled",
    teleported: "unknown",
  };
  const sample = samples.calls.find(({ operation }) => operation === "startCall");
  assert(sample);
  for (const [status, expected] of Object.entries(words)) {
    const json = { sid: `CA${"a".repeat(32)}`, status, duration: null, price: null };
    const result = await transport({ status: 201, json })
      .call(twilio, twilio.startCall, sample.input as OutboundCall, samples.credentials);
    assertEquals(result, {
      ok: true,
      value: { externalId: json.sid, status: expected, providerStatus: status },
    });
  }
});

Deno.test("twilio lets the account's auth token through to nobody", async () => {
  const { answers: [answer], input } = samples.calls[0] ?? { answers: [] };
  assert(answer);
  const { account_sid = "", auth_token = "" } = samples.credentials;
  const json = { ...answer.json as Record<string, unknown>, auth_token };

  const result = await transport({ status: 200, json })
    .call(twilio, twilio.validateCredentials, input as undefined, { account_sid, auth_token });

  assert(result.ok);
  assert(!JSON.stringify(result).includes(auth_token));
});

Deno.test("twilio knows an account that may not send, and one that is not the one", async () => {
  const { account_sid = "", auth_token = "" } = samples.credentials;
  const validate = (change: Record<string, unknown>) => {
    const json = { sid: account_sid, friendly_name: "", status: "active", ...change };
    return transport({ status: 200, json })
      .call(twilio, twilio.validateCredentials, undefined, { account_sid, auth_token });
  };
  for (const status of ["suspended", "closed", "teleported", null]) {
    const result = await validate({ status });
    assert(result.ok);
    assertEquals(result.value.isActive, false);
    assertEquals(result.value.displayName, account_sid);
  }
  const other = await validate({ sid: `AC${"b".repeat(32)}` });
  assert(!other.ok);
  assertEquals(other.error.code, "unreadable");
});

Deno.test("twilio reads what a number can do whatever the case, and where it is handled", async () => {
  const number = { sid: `PN${"a".repeat(32)}`, phone_number: "+15550100001" };
  const read = async (change: Record<string, unknown>) => {
    const json = { incoming_phone_numbers: [{ ...number, ...change }] };
    const result = await transport({ status: 200, json })
      .call(twilio, twilio.listNumbers, {}, samples.credentials);
    assert(result.ok);
    return result.value.items[0];
  };

  assertEquals(
    (await read({ capabilities: { SMS: true, MMS: true, voice: "yes" } }))?.capabilities,
    {
      sms: true,
      mms: true,
      voice: false,
      whatsapp: false,
    },
  );
  for (const capabilities of [null, [], "sms", 7]) {
    assertEquals((await read({ capabilities }))?.capabilities.sms, false);
  }
  const sms_url = "https://project.example/hook#rc=5";
  assertEquals((await read({ sms_url }))?.webhookUrl, sms_url);
  assertEquals((await read({ sms_url, sms_application_sid: "AP1" }))?.webhookUrl, "");
  assertEquals((await read({ status: "in-use" }))?.status, "active");
  assertEquals((await read({ status: "teleporting" }))?.status, "pending");
});

Deno.test("twilio reads every status that its document lists", async () => {
  for (const word of STATUSES) {
    const result = await transport(samples.answerWithStatus?.(word) ?? { status: 0 })
      .sendMessage(twilio, samples.message, samples.credentials);
    assert(result.ok && result.value.status !== "unknown", word);
  }
});

Deno.test("twilio releases a number only by the answer that says so", async () => {
  const input = { externalId: `PN${"a".repeat(32)}`, phoneNumber: "+15550100001" };
  for (const text of GARBAGE) {
    const result = await transport({ status: 200, text })
      .call(twilio, twilio.releaseNumber, input, samples.credentials);
    assert(!result.ok);
    assertEquals([result.error.code, result.error.isAmbiguous], ["unreadable", true]);
  }
});

Deno.test("twilio receipts hold a detail only when it can be read", async () => {
  const sid = `SM${"a".repeat(32)}`;
  for (
    const [given, read] of [
      [{}, {}],
      [{ price: "-0.00750", price_unit: "usd" }, { price: "0.00750", priceCurrency: "USD" }],
      [{ price: -0.0000001, price_unit: "USD" }, { price: "0.000000100000", priceCurrency: "USD" }],
      [{ price: "0", price_unit: "USD" }, { price: "0", priceCurrency: "USD" }],
      [{ price: "-0.0075", price_unit: null }, {}],
      [{ price: "free", price_unit: "USD" }, {}],
      [{ num_segments: "3" }, { segmentCount: 3 }],
      [{ num_segments: "0" }, {}],
      [{ num_segments: {} }, {}],
      [{ error_code: 30007, error_message: "no" }, { errorCode: "30007", errorMessage: "no" }],
      [{ error_code: null, error_message: 7 }, {}],
    ] as const
  ) {
    const result = await transport({ status: 200, json: { sid, status: "sent", ...given } })
      .call(twilio, twilio.lookUpMessage, { externalId: sid }, samples.credentials);
    assert(result.ok);
    assertEquals(result.value, {
      externalId: sid,
      status: "sent",
      providerStatus: "sent",
      ...read,
    });
  }
});

Deno.test("twilio follows a search no further back than asked", async () => {
  const found = (date_created: string | null) => ({
    sid: `SM${"a".repeat(32)}`,
    status: "queued",
    date_created,
  });
  const search = async (dates: (string | null)[]) => {
    const json = { messages: dates.map(found), next_page_uri: "/2010-04-01/next.json" };
    const input = { from: "+1", to: "+2", since: "2026-11-20T09:00:00.500Z" };
    const result = await transport({ status: 200, json })
      .call(twilio, twilio.searchMessages, input, samples.credentials);
    assert(result.ok);
    return [result.value.items.length, result.value.nextPageUrl !== undefined];
  };

  const before = "Fri, 20 Nov 2026 08:59:59 +0000";
  assertEquals(await search(["Fri, 20 Nov 2026 09:00:00 +0000", before]), [1, true]);
  assertEquals(await search([before, before]), [0, false]);
  assertEquals(await search([null, before]), [1, true]);
  assertEquals(await search(["Fri, 20 Nov 2026 10:00:00 +0100"]), [1, true]);
});

Deno.test("twilio takes a next page from its own host only", async () => {
  for (
    const next_page_uri of ["https://evil.example/", "//evil.example/x", "http://api.twilio.com/"]
  ) {
    const result = await transport({ status: 200, json: { messages: [], next_page_uri } })
      .call(twilio, twilio.searchMessages, { to: "+1", since: "2026-11-20" }, samples.credentials);
    assert(!result.ok);
    assertEquals(result.error.code, "unreadable");
  }
});

Deno.test("twilio errors mean what Twilio's dictionary says", () => {
  const read = (status: number, json: unknown) =>
    twilio.readError({ status, headers: new Headers(), text: "", json });
  const known: [number, number, ProviderErrorCode, ErrorOwner, boolean][] = [
    [401, 20003, "authentication_failed", "account", false],
    [403, 20005, "account_suspended", "account", false],
    [404, 20404, "not_found", "caller", false],
    [429, 20429, "rate_limited", "provider", true],
    [400, 21211, "invalid_recipient", "recipient", false],
    [400, 21408, "permission_missing", "account", false],
    [400, 21606, "invalid_sender", "account", false],
    [400, 21610, "recipient_opted_out", "recipient", false],
    [400, 21611, "rate_limited", "provider", true],
    [400, 21422, "number_unavailable", "caller", false],
    [400, 21649, "registration_required", "account", false],
    [400, 30003, "unreachable_recipient", "recipient", true],
    [400, 63016, "outside_window", "caller", false],
    [400, 21210, "invalid_sender", "account", false],
    [400, 21215, "permission_missing", "account", false],
    [400, 30007, "content_refused", "caller", false],
    [400, 30008, "rejected", "provider", true],
    [400, 30034, "registration_required", "account", false],
    [400, 30450, "rate_limited", "provider", true],
    [500, 20500, "provider_unavailable", "provider", true],
    [400, 99999, "invalid_request", "caller", false],
    [402, 99999, "insufficient_funds", "account", false],
  ];
  for (const [status, number, code, owner, isRetryable] of known) {
    const meaning = { code, owner, isRetryable };
    assertEquals(read(status, { code: number, message: "why", status }), {
      ...meaning,
      providerCode: String(number),
      message: "why",
    });
    if (number !== 99999) assertEquals(twilio.explainErrorCode(String(number)), meaning);
  }
});

Deno.test("twilio errors are read without a body, too", () => {
  for (const json of [undefined, null, "no", [], { code: {}, message: [] }, { code: 0 }]) {
    const error = twilio.readError({ status: 503, headers: new Headers(), text: "", json });
    assertEquals(error, {
      code: "provider_unavailable",
      owner: "provider",
      isRetryable: true,
      message: "Cannot call Twilio: status 503",
    });
  }
});
