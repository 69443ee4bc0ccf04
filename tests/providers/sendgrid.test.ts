import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type ProviderErrorCode,
  UnreadableWebhookError,
  type WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { sendgrid } from "../../supabase/functions/_shared/providers/sendgrid.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import samples from "./fixtures/sendgrid/samples.ts";
import vectors from "./fixtures/sendgrid/signatures.json" with { type: "json" };
import { inboundFields, PUBLIC_KEY, sign, webhooks } from "./fixtures/sendgrid/webhooks.ts";
import { createSignatureChecks, toWebhookRequest } from "./support/signatures.ts";
import { replyWith } from "./support/replies.ts";
import { type Answer, NOW_MS } from "./support/samples.ts";

const { credentials, message } = samples;
const HEADER = "x-twilio-email-event-webhook-signature";

createSignatureChecks(sendgrid, vectors, {
  nowOf: ({ headers }) =>
    Number((headers as Record<string, string>)["X-Twilio-Email-Event-Webhook-Timestamp"]) * 1000,
  signatureHeader: HEADER,
});

Deno.test("sendgrid takes either of two keys, and neither of others", async () => {
  const [first] = webhooks;
  const other = vectors[0]?.secret ?? "";
  assert(first && other);
  const request = await sign(first.request, { secret: PUBLIC_KEY, nowMs: NOW_MS });
  const verify = (secret: string) => sendgrid.verifyWebhook(request, { secret, nowMs: NOW_MS });

  assertEquals(await verify(`${PUBLIC_KEY} ${other}`), true);
  assertEquals(await verify(`${other} ${PUBLIC_KEY}`), true);
  for (const secret of [other, `${other} ${other}`, " ", `${other},${PUBLIC_KEY}`, "AAAA"]) {
    assertEquals(await verify(secret), false, secret);
  }
});

Deno.test("sendgrid takes what is retried for days, and nothing older or from the future", async () => {
  const [first] = webhooks;
  assert(first);
  const request = await sign(first.request, { secret: PUBLIC_KEY, nowMs: NOW_MS });
  const verifyAfter = (seconds: number) =>
    sendgrid.verifyWebhook(request, { secret: PUBLIC_KEY, nowMs: NOW_MS + seconds * 1000 });

  for (const seconds of [0, -300, 72 * 3600]) assertEquals(await verifyAfter(seconds), true);
  for (const seconds of [-301, 74 * 3600]) assertEquals(await verifyAfter(seconds), false);
});

Deno.test("sendgrid refuses signatures that are no two numbers in DER", async () => {
  const [first] = webhooks;
  assert(first);
  const request = await sign(first.request, { secret: PUBLIC_KEY, nowMs: NOW_MS });
  const der = Uint8Array.from(atob(request.headers.get(HEADER) ?? ""), (one) => one.charCodeAt(0));
  const changes = [
    new Uint8Array(),
    der.slice(0, -1),
    new Uint8Array([...der, 0]),
    new Uint8Array(64),
    new Uint8Array([0x30, 6, 2, 1, 0, 2, 1, 0]),
    new Uint8Array([0x30, 4, 2, 0, 2, 0]),
    new Uint8Array([0x30, 3, 2, 200, 1]),
    new Uint8Array([0x30, 38, 2, 33, ...new Uint8Array(33).fill(1), 2, 1, 1]),
  ];
  for (const bytes of changes) {
    const headers = new Headers(request.headers);
    headers.set(HEADER, btoa(String.fromCharCode(...bytes)));
    const key = { secret: PUBLIC_KEY, nowMs: NOW_MS };
    assertEquals(await sendgrid.verifyWebhook({ ...request, headers }, key), false);
  }
});

Deno.test("sendgrid reads each word for what becomes of a message", async () => {
  const words = {
    processed: "sent",
    deferred: "sending",
    delivered: "delivered",
    bounce: "undelivered",
    dropped: "failed",
    open: "read",
    click: "read",
  };
  for (const [event, status] of Object.entries(words)) {
    const [read] = await readEvents([{ event, email: "a@b.example", sg_message_id: "m.x.0" }]);
    assert(read?.kind === "status");
    assertEquals([read.externalId, read.status], ["m", status]);
  }
});

Deno.test("sendgrid reads mail by its envelope, and without what a program may leave out", async () => {
  const { headers: _headers, cc: _cc, envelope: _envelope, ...bare } = inboundFields;
  const whole = await readForm(inboundFields);
  const retried = await readForm({ ...inboundFields, sender_ip: "10.0.0.1" });
  const forwarded = await readForm({ ...inboundFields, envelope: '{"to":["desk@shop.example"]}' });
  const read = await readForm(bare);

  assert(whole?.kind === "message" && forwarded?.kind === "message");
  assert(read?.kind === "message" && read.channel === "email");
  assertEquals(retried?.externalId, whole.externalId);
  assertEquals(forwarded.to, "desk@shop.example");
  assert(forwarded.externalId !== whole.externalId);
  assertEquals([read.to, read.messageId, read.references], ["support@shop.example", "", []]);
});

Deno.test("sendgrid's forms without sender or recipient, and events that lack a part, are unreadable", async () => {
  const { from: _from, ...anonymous } = inboundFields;
  const { to: _to, envelope: _envelope, ...nowhere } = inboundFields;
  for (const fields of [anonymous, nowhere, {}]) {
    await assertRejects(() => readForm(fields), UnreadableWebhookError);
  }
  for (
    const events of [
      [{ event: "spamreport", sg_event_id: "1" }],
      [{ event: "unsubscribe", email: "a@b.example" }],
      [{ email: "a@b.example" }],
      [7],
      {},
    ]
  ) await assertRejects(() => readEvents(events), UnreadableWebhookError);
});

Deno.test("sendgrid's webhooks are found again, and their signature is not switched on twice", async () => {
  const ownUrl = "https://project.example/functions/v1/webhooks/sendgrid/token";
  const webhook = { id: "w1", url: ownUrl, public_key: "AAAA" };
  const policy = { id: "p1", name: "other", signature: { public_key: "BBBB" } };
  const parse = { hostname: "in.shop.example", url: "https://old.example/" };
  const ok = (json: unknown): Answer => ({ status: 200, json });
  const answers = [
    ok({ webhooks: [{ id: "w0", url: "https://other.example/" }, webhook] }),
    ok(webhook),
    ok({ policies: [{ id: "p0", name: "Switchboard" }, policy] }),
    ok({ result: [parse] }),
    ok(parse),
  ];
  const { fetch, requests } = replyWith(...answers);

  const result = await createTransport({ fetch }).call(sendgrid, sendgrid.configureConnection, {
    webhooks: { inboundUrl: ownUrl, statusUrl: ownUrl, password: "unused" },
    settings: { inbound_hostname: "in.shop.example", security_policy_id: "p1" },
  }, credentials);

  assert(result.ok);
  assertEquals(result.value, {
    secret: "AAAA BBBB",
    settings: {
      event_webhook_id: "w1",
      security_policy_id: "p1",
      inbound_hostname: "in.shop.example",
    },
  });
  assertEquals(requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`), [
    "GET /v3/user/webhooks/event/settings/all",
    "PATCH /v3/user/webhooks/event/settings/w1",
    "GET /v3/user/webhooks/security/policies",
    "GET /v3/user/webhooks/parse/settings",
    "PATCH /v3/user/webhooks/parse/settings/in.shop.example",
  ]);
});

Deno.test("sendgrid asks for nothing where the inbound host is no host", async () => {
  for (const inbound_hostname of ["mail", "../x", "a.b/c", "mail.shop.example?x"]) {
    const { fetch, requests } = replyWith();
    const result = await createTransport({ fetch }).call(sendgrid, sendgrid.configureConnection, {
      webhooks: { inboundUrl: "https://a.example/", statusUrl: "https://a.example/", password: "" },
      settings: { inbound_hostname },
    }, credentials);
    assert(!result.ok);
    assertEquals([result.error.code, requests.length], ["invalid_request", 0]);
  }
});

Deno.test("sendgrid builds no query from anything but its own identifiers", async () => {
  const context = { nowMs: NOW_MS, nonce: "" };
  for (const externalId of ["", 'x" OR "1', "a/b", "a%", "a.b"]) {
    await assertRejects(async () =>
      await sendgrid.lookUpMessage?.toRequest({ externalId }, credentials, context)
    );
  }
  for (const search of [{ to: 'a"@b.example', since: "2026-11-20" }, { since: "2026-11-20" }]) {
    assertThrows(() => sendgrid.searchMessages?.toRequest(search, credentials, context));
  }
  assertThrows(() =>
    sendgrid.searchMessages?.toRequest({ to: "a@b.c", since: "x" }, credentials, context)
  );
});

Deno.test("sendgrid says that a message is not there, and takes no other for it", async () => {
  const find = async (messages: unknown[]) => {
    const { fetch } = replyWith({ status: 200, json: { messages } });
    const result = await createTransport({ fetch })
      .call(sendgrid, sendgrid.lookUpMessage, { externalId: "abc" }, credentials);
    return result.ok ? result.value.status : result.error.code;
  };
  assertEquals(await find([]), "not_found");
  assertEquals(await find([{ msg_id: "abcd.1", status: "delivered" }]), "unreadable");
  assertEquals(await find([{ msg_id: "abc.1", status: "not_delivered" }]), "undelivered");
});

Deno.test("sendgrid refuses a key that may not send", async () => {
  const { fetch } = replyWith({ status: 200, json: { scopes: ["alerts.read"] } });
  const result = await createTransport({ fetch })
    .call(sendgrid, sendgrid.validateCredentials, undefined, credentials);
  assert(!result.ok);
  assertEquals(result.error.code, "permission_missing");
});

Deno.test("sendgrid takes no success for a send but 202 with an identifier", async () => {
  for (
    const answer of [
      { status: 202 },
      { status: 200, headers: { "x-message-id": "abc" } },
      { status: 202, headers: { "x-message-id": "a b" } },
    ]
  ) {
    const { fetch } = replyWith(answer);
    const result = await createTransport({ fetch }).sendMessage(sendgrid, message, credentials);
    assert(!result.ok);
    assertEquals([result.error.code, result.error.isAmbiguous], ["unreadable", true]);
  }
});

Deno.test("sendgrid's words for a failure mean what the event reference says", () => {
  const known: [string, ProviderErrorCode][] = [
    ["Unsubscribed Address", "recipient_opted_out"],
    ["Spam Reporting Address", "recipient_opted_out"],
    ["Bounced Address", "unreachable_recipient"],
    ["Invalid", "invalid_recipient"],
    ["Spam Content", "content_refused"],
    ["Recipient List over Package Quota", "insufficient_funds"],
    ["Invalid Address", "invalid_recipient"],
    ["Mailbox Unavailable", "unreachable_recipient"],
    ["blocked", "provider_unavailable"],
  ];
  for (const [word, code] of known) assertEquals(sendgrid.explainErrorCode(word).code, code);
});

Deno.test("sendgrid's limit ends when its own clock says", () => {
  const read = (headers: Record<string, string>) =>
    sendgrid.readError({ status: 429, headers: new Headers(headers), text: "", json: undefined })
      .retryAfterMs;
  const date = "Fri, 20 Nov 2026 12:00:00 GMT";
  const reset = String(NOW_MS / 1000 + 30);

  assertEquals(read({ date, "x-ratelimit-reset": reset }), 30_000);
  for (
    const headers of [{}, { date }, { "x-ratelimit-reset": reset }, {
      date,
      "x-ratelimit-reset": "1",
    }]
  ) {
    assertEquals(read(headers as Record<string, string>), undefined);
  }
});

function readEvents(events: unknown) {
  return Promise.resolve(sendgrid.readWebhook(toWebhookRequest({
    method: "POST",
    url: "https://project.example/",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(events),
  })));
}

async function readForm(fields: Record<string, string | number[]>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, typeof value === "string" ? value : String.fromCharCode(...value));
  }
  const response = new Response(form);
  const request: WebhookRequest = {
    method: "POST",
    url: "https://project.example/",
    headers: response.headers,
    body: new Uint8Array(await response.arrayBuffer()),
  };
  return (await sendgrid.readWebhook(request))[0];
}
