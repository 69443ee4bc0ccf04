import { assert, assertEquals, assertThrows } from "@std/assert";
import type {
  ErrorOwner,
  ProviderErrorCode,
  ProviderRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { twilio } from "../../supabase/functions/_shared/providers/twilio.ts";
import samples from "./fixtures/twilio/samples.ts";
import { replyWith } from "./support/replies.ts";
import { operationOf } from "./support/samples.ts";

const ACCOUNT = `/2010-04-01/Accounts/AC${"a".repeat(32)}`;
const RETRIES = "#rc=5&rp=5xx,ct,rt&rt=4000";
const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport(replyWith(...answers));

/** The request of a sample call, as one reads it. */
function describe(name: string): { line: string; query: string[]; form: string[]; user: string } {
  const call = samples.calls.find((one) => one.name === name);
  assert(call, name);
  const request = operationOf(twilio, call.operation)?.toRequest(call.input, call.credentials);
  assert(request);
  return {
    line: `${request.method} ${new URL(request.url).pathname.replace(ACCOUNT, "")}`,
    query: pairs(request.query),
    form: pairs(request.form),
    user: atob(request.headers.authorization?.replace("Basic ", "") ?? "").split(":")[0] ?? "",
  };
}

function pairs(fields: ProviderRequest["form"]): string[] {
  return (fields ?? []).map(([name, value]) => `${name}=${value}`);
}

const AUTH_TOKEN_USER = `AC${"a".repeat(32)}`;
const API_KEY_USER = `SK${"b0b".repeat(10)}b0`;
const NUMBER = `/IncomingPhoneNumbers/PN${"a".repeat(32)}.json`;
const WEBHOOKS = [
  "SmsUrl=https://project.example/functions/v1/webhooks/twilio/token#rc=5",
  "SmsMethod=POST",
  "SmsFallbackUrl=https://project.example/functions/v1/webhooks/twilio/token?fallback=1#rc=5",
  "SmsFallbackMethod=POST",
];
const STATUS_CALLBACK =
  `StatusCallback=https://project.example/functions/v1/webhooks/twilio/token?attempt=1${RETRIES}`;

const REQUESTS: Record<string, Partial<ReturnType<typeof describe>>> = {
  "validate with the auth token": { line: "GET .json", user: AUTH_TOKEN_USER },
  "validate with an API key": { line: "GET .json", user: AUTH_TOKEN_USER },
  "send text": {
    line: "POST /Messages.json",
    form: ["To=+14155550101", "From=+14155552345", "Body=Hello! 👍", STATUS_CALLBACK],
    user: AUTH_TOKEN_USER,
  },
  "send media": {
    line: "POST /Messages.json",
    form: [
      "To=+14155550101",
      "From=+14155552345",
      "MediaUrl=https://media.example/1.jpg",
      "MediaUrl=https://media.example/2.jpg",
      STATUS_CALLBACK,
    ],
    user: API_KEY_USER,
  },
  "look up a message": { line: `GET /Messages/SM${"a".repeat(32)}.json` },
  "search one pair": {
    line: "GET /Messages.json",
    query: ["To=+18182008801", "From=+12019235161", "PageSize=200"],
  },
  // 24 May in UTC, the day that `DateSent>` compares.
  "search one recipient": {
    line: "GET /Messages.json",
    query: ["To=+18182008801", "DateSent>=2019-05-24", "PageSize=200"],
  },
  "list numbers": { line: "GET /IncomingPhoneNumbers.json", query: ["PageSize=1000"] },
  "search local numbers": {
    line: "GET /AvailablePhoneNumbers/US/Local.json",
    query: [
      "PageSize=20",
      "AreaCode=808",
      "Contains=925****",
      "InLocality=Hilo",
      "InRegion=HI",
      "SmsEnabled=true",
      "MmsEnabled=true",
      "VoiceEnabled=true",
    ],
  },
  "search toll-free numbers": {
    line: "GET /AvailablePhoneNumbers/US/TollFree.json",
    query: ["PageSize=1"],
  },
  "search mobile numbers": {
    line: "GET /AvailablePhoneNumbers/NO/Mobile.json",
    query: ["PageSize=50"],
  },
  "buy a number": {
    line: "POST /IncomingPhoneNumbers.json",
    form: ["PhoneNumber=+18089255327", "FriendlyName=Support", ...WEBHOOKS],
  },
  "set a number's webhook": {
    line: `POST ${NUMBER}`,
    form: [...WEBHOOKS, "SmsApplicationSid="],
  },
  "release a number": { line: `DELETE ${NUMBER}` },
  "read usage": {
    line: "GET /Usage/Records.json",
    query: ["StartDate=2026-11-01", "EndDate=2026-11-20", "PageSize=1000"],
  },
  "read the balance": { line: "GET /Balance.json" },
};

for (const { name } of samples.calls) {
  Deno.test(`twilio ${name}: asks for exactly that`, () => {
    const asked = { line: "", query: [], form: [], user: AUTH_TOKEN_USER, ...REQUESTS[name] };
    assertEquals(describe(name), asked);
  });
}

Deno.test("twilio builds no path from anything but its own identifiers", () => {
  const { credentials } = samples;
  for (const externalId of ["", "..", "PN1", `PN${"a".repeat(32)}/../x`, `SM${"g".repeat(32)}`]) {
    assertThrows(() => twilio.releaseNumber?.toRequest({ externalId }, credentials));
    assertThrows(() => twilio.lookUpMessage?.toRequest({ externalId }, credentials));
  }
  for (const country of ["", "us", "USA", "../"]) {
    const search = { country, kind: "local" as const, limit: 1 };
    assertThrows(() => twilio.searchNumbers?.toRequest(search, credentials));
  }
  assertThrows(() => twilio.searchMessages?.toRequest({ to: "+1", since: "soon" }, credentials));
  assertThrows(() => twilio.searchMessages?.toRequest({ since: "2026-11-20" }, credentials));
});

Deno.test("twilio lets the account's auth token through to nobody", async () => {
  const { answer, input } = samples.calls[0] ?? {};
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
  const { extract } = samples.specification;
  const listed = extract.components.schemas.message_enum_status?.enum;
  assertEquals(listed?.length, 13);
  for (const word of listed ?? []) {
    const result = await transport(samples.answerWithStatus(String(word)))
      .sendMessage(twilio, samples.message, samples.credentials);
    assert(result.ok && result.value.status !== "unknown", String(word));
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
