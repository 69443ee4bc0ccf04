import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  UnreadableWebhookError,
  type WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { twilio } from "../../supabase/functions/_shared/providers/twilio.ts";
import vectors from "./fixtures/twilio/signatures.json" with { type: "json" };
import { sign, webhooks } from "./fixtures/twilio/webhooks.ts";
import { sameParameters } from "./support/forms.ts";
import { NOW_MS } from "./support/samples.ts";

const encoder = new TextEncoder();
const keyOf = (secret: string) => ({ secret, nowMs: NOW_MS });

function toRequest(vector: typeof vectors[number]): WebhookRequest {
  const headers = Object.entries(vector.headers).filter(([, value]) => value !== undefined);
  return {
    method: vector.method,
    url: vector.url,
    headers: new Headers(headers),
    body: encoder.encode(vector.body),
  };
}

for (const [index, vector] of vectors.entries()) {
  const { scheme, description, secret, expected } = vector;
  const request = toRequest(vector);
  const verify = (change: Partial<WebhookRequest>, key = secret) =>
    twilio.verifyWebhook({ ...request, ...change }, keyOf(key));

  Deno.test(`vector ${index} (${scheme}), ${description}: ${expected}`, async () => {
    assertEquals(await verify({}), expected === "valid");
  });

  if (expected !== "valid") continue;
  const isForm = scheme === "twilio-hmac-sha1";

  Deno.test(`vector ${index} (${scheme}), ${description}: no part may change`, async () => {
    for (let at = 0; at < request.body.length; at++) {
      const body = request.body.slice();
      body[at] = (body[at] ?? 0) ^ 1;
      assertEquals(await verify({ body }), false, `byte ${at} of the body`);
      const cut = request.body.slice(0, at);
      const isSame = isForm && sameParameters(cut, request.body);
      assertEquals(await verify({ body: cut }), isSame, `cut at ${at}`);
    }
    for (const extra of ["&a=b", " ", "&"]) {
      const body = encoder.encode(vector.body + extra);
      const isSame = isForm && extra === "&";
      assertEquals(await verify({ body }), isSame, `appended ${JSON.stringify(extra)}`);
    }
    // From the host on, but for the port, which the vectors themselves vary.
    for (let at = request.url.indexOf("mycompany"); at < request.url.length; at++) {
      const character = request.url[at] ?? "";
      if (/:\d*$/.test(request.url.slice(0, at + 1))) continue;
      const changed = character === "x" ? "y" : "x";
      const url = request.url.slice(0, at) + changed + request.url.slice(at + 1);
      assertEquals(await verify({ url }), false, url);
    }
    const signature = request.headers.get("x-twilio-signature") ?? "";
    for (const wrong of ["", "=", signature.slice(1), signature.toLowerCase(), `${signature}=`]) {
      const headers = new Headers(request.headers);
      headers.set("x-twilio-signature", wrong);
      assertEquals(await verify({ headers }), false, wrong);
    }
    for (const key of ["", "1234", "123456", "54321"]) assertEquals(await verify({}, key), false);
  });
}

Deno.test("each name, value and repetition of a form is signed", async () => {
  const key = keyOf("12345");
  const body = "A=1&A=2&B=&C=x%20y&__proto__=p&constructor=c";
  const request = await sign({
    method: "POST",
    url: "https://project.example/hook",
    headers: new Headers({ "content-type": "application/x-www-form-urlencoded" }),
    body: encoder.encode(body),
  }, key);
  const verify = (text: string) =>
    twilio.verifyWebhook({ ...request, body: encoder.encode(text) }, key);

  assertEquals(await verify(body), true);
  assertEquals(await verify("C=x+y&B=&A=2&A=1&constructor=c&__proto__=p"), true, "in any order");
  for (
    const changed of [
      "A=1&B=&C=x%20y&__proto__=p&constructor=c",
      "A=1&A=2&C=x%20y&__proto__=p&constructor=c",
      "A=1&A=2&B=&C=x%20y&constructor=c",
      "A=1&A=2&B=&C=x%20y&__proto__=p",
      "A=1&A=2&B=&C=x%20y&__proto__=p&constructor=c&__proto__=q",
      "A=1&A=2&B=1&C=x%20y&__proto__=p&constructor=c",
      "A=1&A=2&b=&C=x%20y&__proto__=p&constructor=c",
    ]
  ) assertEquals(await verify(changed), false, changed);
});

Deno.test("a signature counts at the registered URL, whose fragment Twilio keeps to itself", async () => {
  const { inboundUrl, fallbackUrl } = twilio.webhookUrls("https://project.example/hooks/twilio/t");
  const { request } = webhooks[0] ?? {};
  assert(request);
  for (const url of [inboundUrl, fallbackUrl]) {
    const signed = await sign({ ...request, url: url.replace(/#.*/, "") }, keyOf("12345"));
    assertEquals(await twilio.verifyWebhook(signed, keyOf("12345")), true);
    assertEquals(await twilio.verifyWebhook({ ...signed, url }, keyOf("12345")), true);
  }
});

Deno.test("the message behind the fallback URL is the same message", () => {
  const [first, again] = webhooks;
  assert(first && again);
  assertEquals(twilio.readWebhook(first.request), twilio.readWebhook(again.request));
});

Deno.test("a webhook in GET is signed and read by its URL", async () => {
  const sid = `SM${"1".repeat(32)}`;
  const url = `https://project.example/hook?MessageSid=${sid}&MessageStatus=sent`;
  const request = { method: "GET", url, headers: new Headers(), body: new Uint8Array() };
  const signed = await sign(request, keyOf("12345"));

  assertEquals(await twilio.verifyWebhook(signed, keyOf("12345")), true);
  const other = { ...signed, url: url.replace("=sent", "=failed") };
  assertEquals(await twilio.verifyWebhook(other, keyOf("12345")), false);
  assertEquals(twilio.readWebhook(signed), [
    { kind: "status", externalId: sid, status: "sent", providerStatus: "sent" },
  ]);
});

Deno.test("nothing malformed verifies, and nothing throws", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const good = { method: "POST", url: "https://project.example/", body: encoder.encode("A=1") };
  for (
    const change of [
      { url: "nonsense" },
      { url: "" },
      { body: new Uint8Array([0x41, 0x3d, 0xff]) },
      { headers: new Headers({ "x-twilio-signature": "é=" }) },
      { headers: new Headers({ "x-twilio-signature": "A".repeat(100_000) }) },
      { url: "https://project.example/?bodySHA256=zz", headers: new Headers() },
    ]
  ) {
    const headers = new Headers({ ...form, "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=" });
    assertEquals(
      await twilio.verifyWebhook({ headers, ...good, ...change }, keyOf("12345")),
      false,
    );
  }
});

Deno.test("a webhook that is not as documented is refused by its own error", () => {
  const sid = `SM${"1".repeat(32)}`;
  const message = { MessageSid: sid, From: "+15550100001", To: "+15550100002" };
  for (
    const [name, parameters] of Object.entries({
      "nothing": {},
      "a call without a status": { CallSid: `CA${"1".repeat(32)}` },
      "a call that is none": { CallSid: sid, CallStatus: "ringing" },
      "an endless call": {
        CallSid: `CA${"1".repeat(32)}`,
        CallStatus: "completed",
        CallDuration: "1e99",
      },
      "no sender": { ...message, From: "" },
      "another channel": { ...message, From: "messenger:123" },
      "a channel twice": { ...message, To: "whatsapp:whatsapp:+1" },
      "an identifier that is none": { ...message, MessageSid: "SM1" },
      "media that is missing": { ...message, NumMedia: "1" },
      "media without TLS": { ...message, NumMedia: "1", MediaUrl0: "http://media.example/1" },
      "a script for media": { ...message, NumMedia: "1", MediaUrl0: "javascript:alert(1)" },
      "countless media": { ...message, NumMedia: "1e9" },
      "negative media": { ...message, NumMedia: "-1" },
      "countless segments": { ...message, NumSegments: "Infinity" },
    })
  ) {
    const request = {
      method: "POST",
      url: "https://project.example/",
      headers: new Headers({ "content-type": "application/x-www-form-urlencoded" }),
      body: encoder.encode(new URLSearchParams(parameters).toString()),
    };
    assertThrows(() => twilio.readWebhook(request), UnreadableWebhookError, undefined);
    assert(name);
    const headers = new Headers({ "content-type": "application/json" });
    assertThrows(() => twilio.readWebhook({ ...request, headers }), UnreadableWebhookError);
  }
});

Deno.test("a status callback with `SmsStatus` alone is still a status", async () => {
  const sid = `SM${"1".repeat(32)}`;
  const read = async (parameters: Record<string, string>) =>
    await twilio.readWebhook({
      method: "POST",
      url: "https://project.example/",
      headers: new Headers({ "Content-Type": "application/x-www-form-urlencoded" }),
      body: encoder.encode(new URLSearchParams({ MessageSid: sid, ...parameters }).toString()),
    });
  assertEquals((await read({ SmsStatus: "sent", From: "+1", To: "+2" }))[0]?.kind, "status");
  assertEquals(await read({ MessageStatus: "failed", ErrorCode: "0" }), [
    { kind: "status", externalId: sid, status: "failed", providerStatus: "failed" },
  ]);
  assertEquals((await read({ SmsStatus: "receiving", From: "+1", To: "+2" }))[0]?.kind, "message");
  assertEquals((await read({ From: "+1", To: "+2" }))[0]?.kind, "message");
});

Deno.test("a webhook is answered with TwiML that does nothing", () => {
  assertEquals(twilio.webhookAnswer(), {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
  });
});
