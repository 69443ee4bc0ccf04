import { assertEquals, assertThrows } from "@std/assert";
import {
  UnreadableWebhookError,
  type WebhookEvent,
  type WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { signalwire } from "../../supabase/functions/_shared/providers/signalwire.ts";
import { message } from "./fixtures/signalwire/answers.ts";
import vectors from "./fixtures/signalwire/signatures.json" with { type: "json" };
import { hmac, post, sign, toHex, webhooks } from "./fixtures/signalwire/webhooks.ts";
import { NOW_MS } from "./support/samples.ts";

const encoder = new TextEncoder();
const verify = (request: WebhookRequest, secret: string) =>
  signalwire.verifyWebhook(request, { secret, nowMs: NOW_MS });

for (const [index, vector] of vectors.entries()) {
  const { description, secret, expected } = vector;
  const headers = Object.entries(vector.headers).filter(([, value]) => value !== undefined);
  const request = {
    method: vector.method,
    url: vector.url,
    headers: new Headers(headers),
    body: encoder.encode(vector.body),
  };

  Deno.test(`signalwire vector ${index}, ${description}: ${expected}`, async () => {
    assertEquals(await verify(request, secret), expected === "valid");
  });

  if (expected !== "valid") continue;

  Deno.test(`signalwire vector ${index}, ${description}: no part may change`, async () => {
    for (let at = 0; at < request.body.length; at++) {
      const body = request.body.slice();
      body[at] = (body[at] ?? 0) ^ 1;
      assertEquals(await verify({ ...request, body }, secret), false, `byte ${at} of the body`);
      const cut = request.body.slice(0, at);
      assertEquals(await verify({ ...request, body: cut }, secret), false, `cut at ${at}`);
    }
    for (let at = "https://".length; at < request.url.length; at++) {
      const changed = request.url[at] === "x" ? "y" : "x";
      const url = request.url.slice(0, at) + changed + request.url.slice(at + 1);
      assertEquals(await verify({ ...request, url }, secret), false, url);
    }
    for (const [name, signature] of headers.filter(([name]) => name.startsWith("X-"))) {
      for (const wrong of ["", "=", signature.slice(1), signature.toUpperCase(), `${signature}=`]) {
        const changed = new Headers(request.headers);
        changed.set(name, wrong);
        assertEquals(await verify({ ...request, headers: changed }, secret), false, wrong);
      }
    }
    for (const key of ["", "1234", `${secret}6`]) assertEquals(await verify(request, key), false);
  });
}

Deno.test("signalwire's stronger signature decides where it is there", async () => {
  const secret = "PSKtest1234567890abcdef";
  for (const { request } of webhooks) {
    const weak = await sign(request, { secret });
    const text = new TextDecoder().decode(request.body);
    const strong = toHex(await hmac("SHA-256", secret, request.url + text));
    const withStrong = (signature: string) => {
      const headers = new Headers(weak.headers);
      headers.set("x-signalwire-sha256-signature", signature);
      return { ...weak, headers };
    };

    assertEquals(await verify(withStrong(strong), secret), true);
    assertEquals(await verify(withStrong(strong.replace(/^./, "g")), secret), false);
    const alone = withStrong(strong);
    alone.headers.delete("x-signalwire-signature");
    assertEquals(await verify(alone, secret), true);
    assertEquals(await verify({ ...alone, url: `${alone.url}x` }, secret), false);
  }
});

Deno.test("signalwire signs a form in hexadecimal, too, byte by byte", async () => {
  const secret = "PSKtest1234567890abcdef";
  const request = post({ MessageSid: "1", Body: "a b" });
  const text = new TextDecoder().decode(request.body);
  request.headers.set(
    "x-signalwire-signature",
    toHex(await hmac("SHA-1", secret, request.url + text)),
  );

  assertEquals(await verify(request, secret), true);
  const alike = encoder.encode(text.replace("+", "%20"));
  assertEquals(await verify({ ...request, body: alike }, secret), false);
});

Deno.test("signalwire signs each parameter as often as it comes, in that order", async () => {
  const secret = "12345";
  const body = "B=2&A=2&A=1&A=1&C=&__proto__=p";
  const request = await sign({ ...post({}), body: encoder.encode(body) }, { secret });
  const verifyBody = (text: string) => verify({ ...request, body: encoder.encode(text) }, secret);

  assertEquals(await verifyBody(body), true);
  assertEquals(await verifyBody("C=&A=2&B=2&A=1&__proto__=p&A=1"), true, "by name");
  for (
    const changed of [
      "B=2&A=1&A=2&A=1&C=&__proto__=p",
      "B=2&A=2&A=1&C=&__proto__=p",
      "B=2&A=2&A=1&A=1&__proto__=p",
      "B=2&A=2&A=1&A=1&C=",
    ]
  ) assertEquals(await verifyBody(changed), false, changed);
});

Deno.test("signalwire's signature counts with the port that goes without saying, and no other", async () => {
  const secret = "12345";
  const signedAt = (url: string) => sign({ ...post({ A: "1" }), url }, { secret });
  for (
    const [signedUrl, seenUrl, isSame] of [
      ["https://project.example:443/hook?a=b", "https://project.example/hook?a=b", true],
      ["https://project.example/hook?a=b", "https://project.example:443/hook?a=b", true],
      ["http://project.example:80/hook", "http://project.example/hook", true],
      ["https://project.example/hook", "https://project.example/hook#rc=5", true],
      ["https://project.example:8443/hook", "https://project.example/hook", false],
      ["https://project.example:80/hook", "https://project.example/hook", false],
      ["https://project.example/hook", "https://project.example:8443/hook", false],
    ] as const
  ) {
    const request = { ...await signedAt(signedUrl), url: seenUrl };
    assertEquals(await verify(request, secret), isSame, `${signedUrl} seen as ${seenUrl}`);
  }
});

Deno.test("signalwire signs nothing by its URL alone when there is a body", async () => {
  const secret = "12345";
  const url = "https://project.example/hook";
  const bytes = await hmac("SHA-1", secret, url);
  const headers = new Headers({
    "content-type": "application/json",
    "x-signalwire-signature": btoa(String.fromCharCode(...bytes)),
  });
  const request = { method: "POST", url, headers, body: encoder.encode("{}") };

  assertEquals(await verify(request, secret), false);
  assertEquals(await verify({ ...request, body: new Uint8Array() }, secret), true);
  const hashed = { ...request, url: `${url}?bodySHA256=zz` };
  assertEquals(await verify({ ...hashed, body: new Uint8Array() }, secret), false);
});

Deno.test("signalwire reads every call status that its documents list", () => {
  const CallSid = "b3877c40-da60-4998-90ad-b792e98472ca";
  const listed = {
    initiated: "queued",
    queued: "queued",
    ringing: "ringing",
    "in-progress": "in_progress",
    completed: "completed",
    busy: "busy",
    "no-answer": "no_answer",
    failed: "failed",
    canceled: "canceled",
    teleported: "unknown",
  };
  for (const [CallStatus, status] of Object.entries(listed)) {
    assertEquals(signalwire.readWebhook(post({ CallSid, CallStatus })), [
      { kind: "call", externalId: CallSid, status, providerStatus: CallStatus } as WebhookEvent,
    ]);
  }
  assertThrows(() => signalwire.readWebhook(post({ CallSid })), UnreadableWebhookError);
  assertThrows(
    () => signalwire.readWebhook(post({ CallSid: "CA1", CallStatus: "ringing" })),
    UnreadableWebhookError,
  );
});

Deno.test("signalwire's webhooks that are not as documented are refused by their own error", () => {
  const good = { MessageSid: message.sid, From: "+15551234567", To: "+15559876543" };
  for (
    const parameters of [
      {},
      { ...good, MessageSid: `SM${"1".repeat(32)}` },
      { ...good, From: "" },
      { ...good, From: "sip:ada@example.com" },
      { ...good, NumMedia: "1" },
      { ...good, NumMedia: "1", MediaUrl0: "http://media.example/1" },
    ]
  ) assertThrows(() => signalwire.readWebhook(post(parameters)), UnreadableWebhookError);
  for (const json of [{}, [], null, { id: message.sid }, { id: "1", status: "sent" }]) {
    const headers = new Headers({ "content-type": "application/json" });
    const body = encoder.encode(JSON.stringify(json));
    const request = { method: "POST", url: "https://project.example/", headers, body };
    assertThrows(() => signalwire.readWebhook(request), UnreadableWebhookError);
  }
});

Deno.test("signalwire's WhatsApp message is read behind its prefix", () => {
  const [event] = signalwire.readWebhook(post({
    MessageSid: message.sid,
    From: "whatsapp:+15551234567",
    To: "whatsapp:+15557654321",
    Body: "hi",
    NumMedia: "0",
  })) as unknown[];
  assertEquals(event, {
    kind: "message",
    externalId: message.sid,
    channel: "whatsapp",
    from: "+15551234567",
    to: "+15557654321",
    text: "hi",
    media: [],
  });
});
