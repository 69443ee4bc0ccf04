import { assert, assertEquals, assertThrows } from "@std/assert";
import { messagebird } from "../../supabase/functions/_shared/providers/messagebird.ts";
import {
  type NumberSearch,
  UnreadableWebhookError,
  type WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { calls } from "./fixtures/messagebird/calls.ts";
import {
  CHANNEL_ID,
  credentials,
  givenWebhook,
  sentMessage,
  webhooks,
  whatsApp,
} from "./fixtures/messagebird/common.ts";
import vectors from "./fixtures/messagebird/signatures.json" with { type: "json" };
import {
  conversation,
  getReport,
  inboundSms,
  postForm,
  postJson,
  report,
  sign,
} from "./fixtures/messagebird/webhooks.ts";
import { replyWith } from "./support/replies.ts";
import { NONCE, NOW_MS } from "./support/samples.ts";

const context = { nowMs: NOW_MS, nonce: NONCE };
const encoder = new TextEncoder();
const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport({ ...replyWith(...answers), now: () => NOW_MS });

for (const [index, vector] of vectors.entries()) {
  const { scheme, description, method, url, body, secret, expected } = vector;
  const headers = Object.entries(vector.headers).filter((one) => one[1] !== undefined);
  const request: WebhookRequest = {
    method,
    url,
    headers: new Headers(headers),
    body: encoder.encode(body),
  };
  const nowMs = vector.now * 1000;
  const verify = (change: Partial<WebhookRequest>, key = { secret, nowMs }) =>
    messagebird.verifyWebhook({ ...request, ...change }, key);

  Deno.test(`vector ${index} (${scheme}), ${description}: ${expected}`, async () => {
    assertEquals(await verify({}), expected === "valid");
  });

  if (expected !== "valid") continue;

  Deno.test(`vector ${index} (${scheme}), ${description}: no part may change`, async () => {
    for (let at = 0; at < request.body.length; at++) {
      const changed = request.body.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assertEquals(await verify({ body: changed }), false, `byte ${at} of the body`);
      assertEquals(await verify({ body: request.body.slice(0, at) }), false, `cut at ${at}`);
    }
    assertEquals(await verify({ body: encoder.encode(`${body} `) }), false, "appended");
    // The older scheme signs the query, and nothing of the URL before it.
    const from = scheme === "messagebird-signature-jwt" ? 0 : `${url}?`.indexOf("?") + 1;
    for (let at = from; at < url.length; at++) {
      const changed = url[at] === "x" ? "y" : "x";
      assertEquals(await verify({ url: url.slice(0, at) + changed + url.slice(at + 1) }), false);
    }
    for (const [name, value] of headers) {
      for (
        const wrong of ["", "=", value.slice(1), value.toLowerCase(), `${value}=`, `1${value}`]
      ) {
        const changed = new Headers(request.headers);
        changed.set(name, wrong);
        if (wrong !== value) assertEquals(await verify({ headers: changed }), false, wrong);
      }
    }
    for (const wrong of ["", "1234", `${secret}0`, secret.slice(1)]) {
      assertEquals(await verify({}, { secret: wrong, nowMs }), false);
    }
    for (const away of [-3_600_000, 3_600_000, Number.NaN]) {
      assertEquals(await verify({}, { secret, nowMs: nowMs + away }), false, `${away} ms`);
    }
  });
}

Deno.test("messagebird takes no other issuer, no endless token and no other algorithm", async () => {
  const request = getReport(report);
  const key = { secret: credentials.signing_key, nowMs: NOW_MS };
  const signed = await sign(request, key);
  const [header = "", claims = ""] = (signed.headers.get("messagebird-signature-jwt") ?? "")
    .split(".");
  const decode = (part: string) => JSON.parse(atob(part.replaceAll("-", "+").replaceAll("_", "/")));
  const encode = (json: unknown) =>
    btoa(JSON.stringify(json)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const verify = async (changedHeader: unknown, changedClaims: unknown) => {
    const text = `${encode(changedHeader)}.${encode(changedClaims)}`;
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const cryptoKey = await crypto.subtle
      .importKey("raw", encoder.encode(key.secret), hmac, false, ["sign"]);
    const bytes = await crypto.subtle.sign("HMAC", cryptoKey, encoder.encode(text));
    const signature = btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const headers = new Headers({ "MessageBird-Signature-JWT": `${text}.${signature}` });
    return await messagebird.verifyWebhook({ ...request, headers }, key);
  };
  const [givenHeader, given] = [decode(header), decode(claims)];
  assertEquals(await verify(givenHeader, given), true);
  for (
    const change of [
      { iss: "Pigeon" },
      { exp: undefined },
      { nbf: undefined },
      { exp: "never" },
      { url_hash: undefined },
      { url_hash: given.url_hash.toUpperCase() },
      { payload_hash: given.url_hash },
      { nbf: given.nbf + 6 },
      { exp: given.nbf - 6 },
    ]
  ) assertEquals(await verify(givenHeader, { ...given, ...change }), false, JSON.stringify(change));
  for (const alg of ["none", "HS1", "RS256", "", 7, "constructor"]) {
    assertEquals(await verify({ alg }, given), false, String(alg));
  }
});

Deno.test("messagebird falls back to the older signature only where there is no token", async () => {
  const vector = vectors.find(({ scheme, expected }) =>
    scheme === "messagebird-legacy-hmac-sha256" && expected === "valid"
  );
  assert(vector);
  const request = {
    method: vector.method,
    url: vector.url,
    headers: new Headers(Object.entries(vector.headers).filter((one) => one[1] !== undefined)),
    body: encoder.encode(vector.body),
  };
  const key = { secret: vector.secret, nowMs: vector.now * 1000 };
  assertEquals(await messagebird.verifyWebhook(request, key), true);
  request.headers.set("messagebird-signature-jwt", "a.b.c");
  assertEquals(await messagebird.verifyWebhook(request, key), false);
});

Deno.test("messagebird reads every status of its documents", async () => {
  for (
    const [word, status] of [
      ["scheduled", "queued"],
      ["buffered", "sending"],
      ["sent", "sent"],
      ["delivered", "delivered"],
      ["expired", "undelivered"],
      ["delivery_failed", "undelivered"],
    ] as const
  ) {
    const result = await transport(sentMessage({ status: word, statusReason: "why" }))
      .sendMessage(messagebird, { ...whatsApp, channel: "sms" }, credentials);
    assert(result.ok);
    assertEquals(result.value.status, status);
    assertEquals(result.value.errorMessage, status === "undelivered" ? "why" : undefined);
  }
  for (
    const [word, status] of [
      ["accepted", "queued"],
      ["pending", "queued"],
      ["sent", "sent"],
      ["delivered", "delivered"],
      ["read", "read"],
      ["rejected", "failed"],
      ["failed", "failed"],
      ["received", "received"],
      ["deleted", "unknown"],
    ] as const
  ) {
    const result = await transport({ status: 202, json: { id: "1", status: word } })
      .sendMessage(messagebird, whatsApp, credentials);
    assert(result.ok);
    assertEquals(result.value.status, status);
  }
});

Deno.test("messagebird reads balances in credits and in currencies, and no others", async () => {
  for (
    const [type, currency] of [
      ["credits", "credits"],
      ["euros", "EUR"],
      ["pounds", "GBP"],
      ["dollars", "USD"],
      ["aud", "AUD"],
      ["feathers", undefined],
      ["", undefined],
    ] as const
  ) {
    const result = await transport({ status: 200, json: { payment: "prepaid", type, amount: 1.5 } })
      .call(messagebird, messagebird.readBalance, undefined, credentials);
    if (currency === undefined) {
      assert(!result.ok && result.error.code === "unreadable", type);
    } else {
      assert(result.ok);
      assertEquals(result.value, { amount: "1.5", currency });
    }
  }
});

Deno.test("messagebird names an account by nothing that gives its key away", async () => {
  const [call] = calls;
  const [answer] = call?.answers ?? [];
  assert(answer);
  const validate = async (access_key: string) => {
    const result = await transport(answer)
      .call(messagebird, messagebird.validateCredentials, undefined, {
        ...credentials,
        access_key,
      });
    assert(result.ok);
    return result.value.externalAccountId;
  };
  const one = await validate(credentials.access_key);
  assertEquals(await validate(credentials.access_key), one);
  assert(await validate("another-key-of-pigeons") !== one);
  assert(!one.includes(credentials.access_key.slice(0, 6)));
});

Deno.test("messagebird sends by WhatsApp from a channel only", async () => {
  const { whatsapp_channel_id: _, ...withoutChannel } = credentials;
  const { fetch, requests } = replyWith();

  const refused = await createTransport({ fetch })
    .sendMessage(messagebird, whatsApp, withoutChannel);

  assert(!refused.ok);
  assertEquals(refused.error.code, "invalid_request");
  assertEquals(requests.length, 0);
});

Deno.test("messagebird sends each file as what its name says", () => {
  for (
    const [name, type] of [
      ["a.png", "image"],
      ["a.MP4", "video"],
      ["a.ogg", "audio"],
      ["a.pdf", "file"],
      ["a", "file"],
    ] as const
  ) {
    const url = `https://media.example/${name}`;
    const message = { ...whatsApp, text: "", mediaUrls: [url] };
    const request = messagebird.sendMessage.toRequest(message, credentials, context);
    assert(!("then" in request));
    const { type: sentType, content } = request.json as { type: string; content: unknown };
    assertEquals([sentType, content], [type, { [type]: { url } }]);
  }
});

Deno.test("messagebird searches for what its one pattern can say", () => {
  const search = (change: Partial<NumberSearch>) => {
    const input: NumberSearch = { country: "NL", kind: "local", limit: 50, ...change };
    const request = messagebird.searchNumbers?.toRequest(input, credentials, context);
    assert(request && !("then" in request));
    return Object.fromEntries(request.query ?? []);
  };
  assertEquals(search({}).type, "landline");
  assertEquals(search({ kind: "toll_free" }).type, "toll_free");
  assertEquals(search({ areaCode: "970" }).search_pattern, "anywhere");
  assertEquals(search({ contains: "**88" }).number, "88");
  for (
    const change of [
      { locality: "Texel" },
      { region: "NH" },
      { areaCode: "970", contains: "88" },
      { contains: "8*8" },
      { country: "nl" },
      { country: "../" },
    ]
  ) assertThrows(() => search(change));
});

Deno.test("messagebird builds no address from anything but its own identifiers", () => {
  for (const externalId of ["", "..", "a/b", "conversation-", "conversation-../x"]) {
    assertThrows(() => messagebird.lookUpMessage?.toRequest({ externalId }, credentials, context));
  }
  const release = messagebird.releaseNumber;
  assert(release && "toRequest" in release);
  for (const externalId of ["", "..", "+31612345678", "1/2"]) {
    const input = { externalId, phoneNumber: "" };
    assertThrows(() => release.toRequest(input, credentials, context));
  }
  const search = messagebird.searchMessages;
  assertThrows(() => search?.toRequest({ to: "+1", since: "soon" }, credentials, context));
  assertThrows(() => search?.toRequest({ since: "2026-11-20" }, credentials, context));
});

Deno.test("messagebird takes no answer for a message that was not asked for", async () => {
  const result = await transport({ status: 200, json: sentMessage().json })
    .call(messagebird, messagebird.lookUpMessage, { externalId: "another" }, credentials);
  assert(!result.ok);
  assertEquals(result.error.code, "unreadable");
});

/** The webhooks of an account, as the simulated half of the conversation with it. */
function configure(kept: Map<string, typeof givenWebhook>, given: Record<string, string>) {
  const procedure = messagebird.configureConnection;
  assert(procedure && "steps" in procedure);
  const lines: string[] = [];
  const steps = procedure.steps({ webhooks, settings: {} }, given, context);
  let step = steps.next();
  while (!step.done) {
    const { method, url, json, query } = step.value;
    const id = method === "POST" ? `webhook-${kept.size + 1}` : url.split("/").at(-1) ?? "";
    lines.push(method);
    const offset = Number(new Map(query ?? []).get("offset") ?? 0);
    if (method !== "GET") kept.set(id, { ...givenWebhook, ...json as object, id });
    const items = [...kept.values()].slice(offset, offset + 20);
    const answer = method === "GET" ? { items, totalCount: kept.size } : kept.get(id);
    step = steps.next({ status: 200, headers: new Headers(), text: "", json: answer });
  }
  return { lines, settings: step.value.settings };
}

Deno.test("messagebird makes no second webhook, however many there are", () => {
  const other = { ...givenWebhook, channelId: "another", url: "https://other.example/" };
  const kept = new Map(
    Array.from(
      { length: 25 },
      (_, index) => [`other-${index}`, { ...other, id: `other-${index}` }],
    ),
  );
  assertEquals(configure(kept, credentials).lines, ["GET", "GET", "POST"]);
  assertEquals(configure(kept, credentials), {
    lines: ["GET", "GET", "PATCH"],
    settings: { whatsapp_webhook_id: "webhook-26" },
  });
  assertEquals(kept.size, 26);
  assertEquals(kept.get("webhook-26")?.channelId, CHANNEL_ID);
});

Deno.test("messagebird has nothing to set where there is no channel", () => {
  const { whatsapp_channel_id: _, ...withoutChannel } = credentials;
  assertEquals(configure(new Map(), withoutChannel), { lines: [], settings: undefined });
});

Deno.test("messagebird webhooks that are not as documented are refused by their own error", () => {
  const { message } = conversation;
  for (
    const request of [
      getReport({}),
      getReport({ ...report, id: "" }),
      getReport({ ...report, id: "a b" }),
      getReport({ ...report, status: "" }),
      postForm({ ...inboundSms, id: "" }),
      postForm({ ...inboundSms, originator: "\n" }),
      postForm({ ...inboundSms, recipient: "" }),
      postForm({ id: "1", originator: "31612345678", recipient: "31612345670" }),
      postJson({ type: "message.updated", message: { ...message, direction: "sent", status: "" } }),
      postJson({ ...conversation, contact: null, message: { ...message, from: "" } }),
      postJson({
        ...conversation,
        message: { ...message, content: { image: { url: "http://media.example/1" } } },
      }),
      postJson([]),
      { ...postForm({}), body: new Uint8Array([0x61, 0x3d, 0xff]) },
    ]
  ) assertThrows(() => messagebird.readWebhook(request), UnreadableWebhookError);
});

Deno.test("messagebird webhooks of other channels, and of what we sent ourselves, are nothing", () => {
  const { message } = conversation;
  for (
    const json of [
      { ...conversation, message: { ...message, platform: "telegram" } },
      { ...conversation, type: "message.updated" },
      { ...conversation, message: { ...message, direction: "sent", status: "pending" } },
      { type: "conversation.updated", conversation: conversation.conversation },
    ]
  ) assertEquals(messagebird.readWebhook(postJson(json)), []);
});

Deno.test("messagebird reads who wrote from the contact where the message does not say", () => {
  const { message } = conversation;
  const json = { ...conversation, message: { ...message, from: undefined, to: undefined } };
  const [event] = messagebird.readWebhook(postJson(json)) as { from: string; to: string }[];
  assertEquals([event?.from, event?.to], ["+31612345678", CHANNEL_ID]);
});

Deno.test("messagebird keeps short codes and names as they are", () => {
  const read = (originator: string) =>
    (messagebird.readWebhook(postForm({ ...inboundSms, originator })) as { from: string }[])[0]
      ?.from;
  assertEquals(read("8080"), "8080");
  assertEquals(read("Pigeons"), "Pigeons");
  assertEquals(read("+31612345678"), "+31612345678");
});

Deno.test("messagebird tells codes of networks from its own", () => {
  assertEquals(messagebird.explainErrorCode("EC1").code, "invalid_recipient");
  assertEquals(messagebird.explainErrorCode("EC9").code, "unreachable_recipient");
  assertEquals(messagebird.explainErrorCode("9").code, "invalid_request");
  assertEquals(messagebird.explainErrorCode("470").code, "outside_window");
  const events = messagebird.readWebhook(getReport({ ...report, statusErrorCode: "0" }));
  assert(!JSON.stringify(events).includes("errorCode"));
});
