import { assert, assertEquals, assertThrows } from "@std/assert";
import { postmark } from "../../supabase/functions/_shared/providers/postmark.ts";
import {
  type ErrorOwner,
  type ProviderErrorCode,
  UnreadableWebhookError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import samples from "./fixtures/postmark/samples.ts";
import { bounce, mail, post, subscription } from "./fixtures/postmark/webhooks.ts";
import { replyWith } from "./support/replies.ts";
import { NOW_MS } from "./support/samples.ts";

const { credentials, message } = samples;
const context = { nowMs: NOW_MS, nonce: "" };

function readOne(body: unknown) {
  const events = postmark.readWebhook(post(body));
  assert(Array.isArray(events));
  return events[0];
}

Deno.test("postmark takes its user and password, written as RFC 7617 allows, and nothing near", async () => {
  const secret = "pässword:with colon";
  const token = btoa(String.fromCharCode(...new TextEncoder().encode(`switchboard:${secret}`)));
  const verify = (authorization: string, key = secret) => {
    const headers = new Headers({ authorization });
    return postmark.verifyWebhook({ ...post({}), headers }, { secret: key, nowMs: NOW_MS });
  };
  for (const right of [`Basic ${token}`, `basic ${token}`, `BASIC  ${token}`]) {
    assertEquals(await verify(right), true, right);
  }
  const wrong = [
    "",
    "Basic",
    "Basic ",
    "Basic =",
    "Basic *",
    token,
    `Bearer ${token}`,
    `Basic ${token}x`,
    `Basic ${token} ${token}`,
    `Basic ${btoa("switchboard:")}`,
    `Basic ${btoa("switchboard")}`,
    `Basic ${btoa("Switchboard:pass")}`,
    `Basic ${btoa("postmark:pass")}`,
  ];
  for (const header of wrong) {
    assertEquals(await verify(header, header.includes("pass") ? "pass" : secret), false, header);
    assertEquals(await verify(header, ""), false, header);
  }
});

Deno.test("postmark lets the server's tokens and passwords through to nobody", async () => {
  for (const call of samples.calls.filter(({ answers }) => answers.some(({ json }) => json))) {
    const { fetch } = replyWith(...call.answers);
    const operation = postmark[call.operation as "validateCredentials"];
    const result = await createTransport({ fetch })
      .call(postmark, operation, call.input as undefined, call.credentials);
    assert(result.ok, call.name);
    const shown = JSON.stringify(result);
    for (const secret of [credentials.server_token ?? "", samples.webhookKey.secret, "pass@"]) {
      assert(!shown.includes(secret), call.name);
    }
  }
});

Deno.test("postmark's password gets into the inbound URL whatever is in it", () => {
  const operation = postmark.configureConnection;
  assert(operation && "steps" in operation);
  const url = "https://project.example/hook?a=b";
  const webhooks = { inboundUrl: url, statusUrl: url, password: "p@ss:w/rd %" };
  const steps = operation.steps({ webhooks, settings: {} }, credentials, context);
  const answer = (json: unknown) => ({ status: 200, headers: new Headers(), text: "", json });

  steps.next();
  steps.next(answer({ Webhooks: [] }));
  const { value } = steps.next(answer({ ID: 1 }));

  assert(value && "json" in value);
  const { InboundHookUrl } = value.json as { InboundHookUrl: string };
  const parsed = new URL(InboundHookUrl);
  assertEquals(decodeURIComponent(parsed.password), webhooks.password);
  assertEquals([parsed.username, parsed.host, parsed.search], [
    "switchboard",
    "project.example",
    "?a=b",
  ]);
});

Deno.test("postmark finds its webhook again by what was kept, also at another URL", async () => {
  const { fetch, requests } = replyWith(
    {
      status: 200,
      json: { Webhooks: [{ ID: 7, Url: "https://a.example/" }, { ID: 8, Url: "b" }] },
    },
    { status: 200, json: { ID: 8 } },
    { status: 200, json: { ID: 1 } },
  );
  const url = "https://a.example/";
  const result = await createTransport({ fetch }).call(postmark, postmark.configureConnection, {
    webhooks: { inboundUrl: url, statusUrl: url, password: "pigeonsAtDawn" },
    settings: { webhook_id: "8" },
  }, credentials);

  assert(result.ok);
  assertEquals(result.value, { settings: { webhook_id: "8" } });
  assertEquals(requests.map((request) => new URL(request.url).pathname), [
    "/webhooks",
    "/webhooks/8",
    "/server",
  ]);
});

Deno.test("postmark builds no path from anything but its own identifiers", () => {
  for (const externalId of ["", "..", "a/b", `${samples.calls.length}`]) {
    assertThrows(() => postmark.lookUpMessage?.toRequest({ externalId }, credentials, context));
  }
  for (const search of [{ to: "a@b.c", since: "soon" }, { since: "2026-11-20" }]) {
    assertThrows(() => postmark.searchMessages?.toRequest(search, credentials, context));
  }
});

Deno.test("postmark's look-up tells the furthest that happened to the recipient", async () => {
  const read = async (Status: string, ...types: string[]) => {
    const json = {
      MessageID: "m",
      Status,
      To: [{ Email: "a@b.example" }],
      MessageEvents: types.map((Type) => ({
        Recipient: "a@b.example",
        Type,
        Details: { Summary: "why" },
      })),
    };
    const externalId = crypto.randomUUID();
    const result = await createTransport(replyWith({ status: 200, json }))
      .call(postmark, postmark.lookUpMessage, { externalId }, credentials);
    assert(result.ok);
    const { status, errorMessage } = result.value;
    return errorMessage ? [status, errorMessage] : [status];
  };
  assertEquals(await read("Queued"), ["queued"]);
  assertEquals(await read("Processed"), ["queued"]);
  assertEquals(await read("Sent"), ["sent"]);
  assertEquals(await read("Teleported"), ["unknown"]);
  assertEquals(await read("Sent", "Transient"), ["sending"]);
  assertEquals(await read("Sent", "Delivered", "Transient"), ["delivered"]);
  assertEquals(await read("Sent", "LinkClicked", "Opened", "Delivered"), ["read"]);
  assertEquals(await read("Sent", "Bounced", "Delivered"), ["undelivered", "why"]);
  assertEquals(await read("Sent", "SubscriptionChanged"), ["sent"]);
});

Deno.test("postmark searches go on while there may be more", async () => {
  const search = async (TotalCount: number, ReceivedAt: string, pageUrl?: string) => {
    const json = { TotalCount, Messages: [{ MessageID: "m", ReceivedAt }] };
    const input = { to: "a@b.example", since: "2026-11-20", ...(pageUrl ? { pageUrl } : {}) };
    const result = await createTransport(replyWith({ status: 200, json }))
      .call(postmark, postmark.searchMessages, input, credentials);
    assert(result.ok);
    return result.value.nextPageUrl && new URL(result.value.nextPageUrl).searchParams.get("offset");
  };
  const next = "https://api.postmarkapp.com/messages/outbound?count=500&offset=500";
  assertEquals(await search(501, "2026-11-20T01:00:00Z"), "500");
  assertEquals(await search(1001, "2026-11-20T01:00:00Z", next), "1000");
  assertEquals(await search(500, "2026-11-20T01:00:00Z"), undefined);
  assertEquals(await search(501, "2026-11-19T01:00:00Z"), undefined);
});

Deno.test("postmark tells failures from answers among its bounces", () => {
  const known: Record<string, string | undefined> = {
    HardBounce: "undelivered",
    SoftBounce: "undelivered",
    Transient: "sending",
    Blocked: "undelivered",
    SMTPApiError: "failed",
    Teleported: "unknown",
    AutoResponder: undefined,
    AddressChange: undefined,
    ChallengeVerification: undefined,
  };
  for (const [Type, status] of Object.entries(known)) {
    const event = readOne({ ...bounce, Type });
    assertEquals(event?.kind === "status" ? event.status : undefined, status, Type);
  }
  for (
    const [Type, source] of [["Unsubscribe", "unsubscribe_link"], ["SpamComplaint", "complaint"]]
  ) {
    const event = readOne({ ...bounce, Type });
    assert(event?.kind === "opt_out");
    assertEquals([event.source, event.isOptedOut], [source, true]);
  }
});

Deno.test("postmark's suppressions are the recipient's wish only where they are", () => {
  const read = (change: Record<string, unknown>) => {
    const event = readOne({ ...subscription, ...change });
    return event?.kind === "opt_out" ? [event.isOptedOut, event.source] : undefined;
  };
  assertEquals(read({}), [true, "unsubscribe_link"]);
  assertEquals(read({ Origin: "Customer" }), [true, "provider"]);
  assertEquals(read({ SuppressionReason: "SpamComplaint" }), [true, "complaint"]);
  assertEquals(read({ SuppressionReason: "HardBounce" }), undefined);
  const lifted = { SuppressSending: false, SuppressionReason: null };
  assertEquals(read(lifted), [false, "unsubscribe_link"]);
  assertEquals(read({ ...lifted, Origin: "Customer" }), undefined);
  assertEquals(read({ ...lifted, Origin: "Admin" }), undefined);
});

Deno.test("postmark reads mail for the address that it was written to", () => {
  const read = (change: Record<string, unknown>) => {
    const event = readOne({ ...mail, ...change });
    assert(event?.kind === "message");
    return event.to;
  };
  assertEquals(read({}), "support+12@shop.example");
  assertEquals(read({ OriginalRecipient: "Desk@shop.example" }), "desk@shop.example");
  assertEquals(read({ ToFull: [] }), "yourhash+12@inbound.postmarkapp.com");
  assertEquals(read({ RecordType: "Inbound" }), "support+12@shop.example");
});

Deno.test("a postmark webhook that is not as documented is refused by its own error", () => {
  const { MessageID: _id, ...unnamed } = mail;
  for (
    const body of [
      {},
      [],
      { RecordType: 7 },
      { RecordType: "Delivery" },
      { ...bounce, Email: "nobody" },
      { ...bounce, ID: "42" },
      { ...subscription, SuppressSending: "yes" },
      unnamed,
      { ...mail, FromFull: {} },
      { ...mail, ToFull: [], OriginalRecipient: "" },
    ]
  ) assertThrows(() => readOne(body), UnreadableWebhookError);
});

Deno.test("postmark errors mean what its list says", () => {
  const known: [string, ProviderErrorCode, ErrorOwner, boolean][] = [
    ["10", "authentication_failed", "account", false],
    ["100", "provider_unavailable", "provider", true],
    ["300", "invalid_request", "caller", false],
    ["400", "invalid_sender", "account", false],
    ["405", "insufficient_funds", "account", false],
    ["406", "recipient_opted_out", "recipient", false],
    ["411", "content_refused", "caller", false],
    ["412", "account_suspended", "account", false],
    ["429", "rate_limited", "provider", true],
    ["701", "not_found", "caller", false],
    ["HardBounce", "unreachable_recipient", "recipient", false],
    ["SoftBounce", "unreachable_recipient", "recipient", true],
  ];
  for (const [word, code, owner, isRetryable] of known) {
    assertEquals(postmark.explainErrorCode(word), { code, owner, isRetryable }, word);
  }
});

Deno.test("postmark keeps metadata within its limit", () => {
  const to = `${"a".repeat(60)}@${"b".repeat(30)}.example`;
  const request = postmark.sendMessage.toRequest(
    { ...message, channel: "email", to, cc: ["b@c.example"] } as typeof message,
    credentials,
    context,
  );
  assert("json" in request);
  const { Metadata } = request.json as { Metadata: Record<string, string> };
  assertEquals(Metadata, { switchboard_attempt: "0199f3a2.1" });
});
