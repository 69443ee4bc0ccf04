import { assert, assertEquals, assertThrows } from "@std/assert";
import { clicksend } from "../../supabase/functions/_shared/providers/clicksend.ts";
import {
  type Credentials,
  type MessageReceipt,
  type NumberSearch,
  UnreadableWebhookError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { calls } from "./fixtures/clicksend_sms/calls.ts";
import {
  credentials,
  envelope,
  message,
  pageOf,
  webhooks,
} from "./fixtures/clicksend_sms/common.ts";
import { postForm, postJson, receipt } from "./fixtures/clicksend_sms/webhooks.ts";
import { replyWith } from "./support/replies.ts";
import { NONCE, NOW_MS } from "./support/samples.ts";

const context = { nowMs: NOW_MS, nonce: NONCE };
const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport({ ...replyWith(...answers), now: () => NOW_MS });

Deno.test("clicksend encodes user names as UTF-8", async () => {
  const { validateCredentials } = clicksend;
  assert("toRequest" in validateCredentials);
  const described = await validateCredentials.toRequest(
    undefined,
    { ...credentials, username: "täubchen🕊" },
    context,
  );
  const bytes = Uint8Array.from(
    atob(described.headers.authorization?.replace("Basic ", "") ?? ""),
    (character) => character.charCodeAt(0),
  );
  assertEquals(new TextDecoder().decode(bytes), `täubchen🕊:${credentials.api_key}`);
});

Deno.test("clicksend lets no key of a subaccount through", async () => {
  for (const call of calls.filter(({ requests }) => requests[0]?.url.endsWith("/account"))) {
    const [answer] = call.answers;
    assert(answer);
    const operation = clicksend[call.operation] as typeof clicksend.validateCredentials;
    const result = await transport(answer).call(clicksend, operation, undefined, credentials);

    assert(result.ok);
    assert(!JSON.stringify(result).includes("IJVEGTCF"));
  }
});

Deno.test("clicksend knows accounts that may not send", async () => {
  for (
    const [change, isActive, providerStatus] of [
      [{ active: 1, banned: 0 }, true, "active"],
      [{ active: 0, banned: 0 }, false, "inactive"],
      [{ active: 1, banned: 1 }, false, "banned"],
      [{}, false, "inactive"],
    ] as const
  ) {
    const result = await transport(envelope({ user_id: 1, username: "loft", ...change }))
      .call(clicksend, clicksend.validateCredentials, undefined, credentials);

    assert(result.ok);
    assertEquals(result.value, {
      externalAccountId: "1",
      displayName: "loft",
      isActive,
      providerStatus,
    });
  }
});

Deno.test("clicksend reads every word and code of its documents", async () => {
  for (
    const [status, status_code, expected] of [
      ["Queued", null, "queued"],
      ["Queued:WaitSend", null, "queued"],
      ["Completed", null, "queued"],
      ["Scheduled", null, "queued"],
      ["WaitApproval", null, "queued"],
      ["Failed", null, "failed"],
      ["Cancelled", null, "failed"],
      ["CancelledAfterReview", null, "failed"],
      ["Received", null, "received"],
      ["Sent", null, "sent"],
      ["Sent", 200, "sent"],
      ["Sent", "201", "delivered"],
      ["Sent", "300", "undelivered"],
      ["Failed", "301", "undelivered"],
      ["Sent", "302", "sending"],
      ["Teleported", null, "unknown"],
      ["Sent", "777", "unknown"],
    ] as const
  ) {
    const result = await transport(pageOf([{ message_id: "A-1", status, status_code }]))
      .call(clicksend, clicksend.lookUpMessage, { externalId: "A-1" }, credentials);

    assert(result.ok);
    assertEquals(result.value.status, expected, `${status} ${status_code}`);
    assertEquals(result.value.providerStatus, String(status_code ?? status));
  }
});

Deno.test("clicksend says that a message is not found when the history has others only", async () => {
  for (const found of [[], [{ message_id: "A-2", status: "Sent" }]]) {
    const result = await transport(pageOf(found))
      .call(clicksend, clicksend.lookUpMessage, { externalId: "A-1" }, credentials);

    assert(!result.ok);
    assertEquals(result.error.code, "not_found");
  }
});

Deno.test("clicksend takes currency and price from older and newer answers alike", async () => {
  const sent = (data: Record<string, unknown>) =>
    transport(envelope({ messages: [{ message_id: "A-1", status: "SUCCESS", ...data }], ...data }))
      .sendMessage(clicksend, message, credentials);
  const price = async (data: Record<string, unknown>) => {
    const result = await sent({ message_price: 0.07, ...data });
    assert(result.ok);
    const { price, priceCurrency } = result.value as MessageReceipt;
    return [price, priceCurrency];
  };
  assertEquals(await price({ _currency: { currency_name_short: "aud" } }), ["0.07", "AUD"]);
  assertEquals(await price({ currency: { currency_name_short: "USD" } }), ["0.07", "USD"]);
  assertEquals(await price({ _currency: 7 }), [undefined, undefined]);
  assertEquals(await price({}), [undefined, undefined]);
});

Deno.test("clicksend takes no message for sent that it cannot find again", async () => {
  for (const messages of [[], [null], [{ status: "SUCCESS" }], [{ message_id: "A-1" }]]) {
    const result = await transport(envelope({ messages }))
      .sendMessage(clicksend, message, credentials);

    assert(!result.ok);
    assertEquals(result.error.code, "unreadable");
    assertEquals(result.error.isAmbiguous, true);
  }
});

Deno.test("clicksend retries what it throttled, and no message for lack of credit", () => {
  assertEquals(clicksend.explainErrorCode("THROTTLED").isRetryable, true);
  assertEquals(clicksend.explainErrorCode("INTERNAL_ERROR").isRetryable, true);
  assertEquals(clicksend.explainErrorCode("302").isRetryable, true);
  assertEquals(clicksend.explainErrorCode("301").isRetryable, false);
  assertEquals(clicksend.explainErrorCode("INSUFFICIENT_CREDIT"), {
    code: "insufficient_funds",
    owner: "account",
    isRetryable: false,
  });
});

Deno.test("clicksend counts the longest texts as its own counter does", () => {
  const isRefused = (text: string, mediaUrls: string[] = []) =>
    clicksend.refuseMessage({ ...message, text, mediaUrls }) !== null;
  assert(!isRefused("a".repeat(1224)));
  assert(!isRefused("€".repeat(612)));
  assert(isRefused("€".repeat(613)), "two characters each");
  assert(!isRefused("ж".repeat(536)));
  assert(isRefused("👍".repeat(269)), "two units each");
  const media = ["https://media.example/pigeon.gif"];
  assert(!isRefused("a".repeat(1500), media));
  assert(isRefused("a".repeat(1501), media));
});

Deno.test("clicksend searches for what its one term can say", () => {
  const search = (change: Partial<NumberSearch>) => {
    const input: NumberSearch = { country: "AU", kind: "mobile", limit: 50, ...change };
    const request = clicksend.searchNumbers?.toRequest(input, credentials, context);
    assert(request && !("then" in request));
    return request.query;
  };
  assertEquals(search({}), [["limit", "50"]]);
  assertEquals(search({ areaCode: "213" }), [["search", "213"], ["search_type", "1"], [
    "limit",
    "50",
  ]]);
  assertEquals(search({ contains: "**88*" })?.[0], ["search", "88"]);
  assertEquals(search({ contains: "*" }), [["limit", "50"]]);
  for (
    const change of [
      { kind: "toll_free" as const },
      { locality: "Perth" },
      { region: "WA" },
      { needs: ["voice" as const] },
      { areaCode: "213", contains: "88" },
      { contains: "8*8" },
      { country: "au" },
      { country: "../" },
    ]
  ) assertThrows(() => search(change));
});

Deno.test("clicksend builds no address from anything but its own identifiers", () => {
  for (const externalId of ["", "..", "a b", "1,to:+1", "A".repeat(65)]) {
    assertThrows(() => clicksend.lookUpMessage?.toRequest({ externalId }, credentials, context));
  }
  for (const phoneNumber of ["", "61481070206", "+1/../x"]) {
    const input = { phoneNumber, country: "AU", reference: "order-1" };
    const purchase = clicksend.purchaseNumber;
    assert(purchase && "toRequest" in purchase);
    assertThrows(() => purchase.toRequest(input, credentials, context));
  }
  const search = clicksend.searchMessages;
  assertThrows(() => search?.toRequest({ to: "+1", since: "soon" }, credentials, context));
  assertThrows(() => search?.toRequest({ since: "2026-11-20" }, credentials, context));
});

Deno.test("clicksend tells no usage of days that its statistics have left behind", async () => {
  const read = (startDate: string) =>
    transport(envelope({ stat: [] }))
      .call(clicksend, clicksend.readUsage, { startDate, endDate: "2026-11-20" }, credentials);

  assert((await read("2026-10-21")).ok);
  for (const startDate of ["2026-10-19", "2026-01-01", "soon"]) {
    const result = await read(startDate);
    assert(!result.ok);
    assertEquals(result.error.code, "invalid_request", startDate);
  }
});

/** ClickSend's rules of one kind, as an account has them. */
function createAccount() {
  const rules = { inbound: new Map<number, unknown>(), receipts: new Map<number, unknown>() };
  const writes: string[] = [];
  let nextId = 1;
  const run = (settings: Record<string, string>, urls: Credentials = {}) => {
    const procedure = clicksend.configureConnection;
    assert(procedure && "steps" in procedure);
    const input = { webhooks: { ...webhooks, ...urls }, settings };
    const steps = procedure.steps(input, credentials, context);
    let step = steps.next();
    while (!step.done) {
      const { method, url, json } = step.value;
      const [, kind = "", id] = /sms\/(\w+)\/?(\d*)$/.exec(url) ?? [];
      const kept = rules[kind as keyof typeof rules];
      const idName = kind === "inbound" ? "inbound_rule_id" : "receipt_rule_id";
      if (method !== "GET") writes.push(`${method} ${kind}`);
      const written = Number(id) || nextId++;
      if (method !== "GET") kept.set(written, { ...json as object, [idName]: written });
      const answer = method === "GET" ? pageOf([...kept.values()]) : envelope(kept.get(written));
      step = steps.next({ status: 200, headers: new Headers(), text: "", json: answer.json });
    }
    return step.value.settings ?? {};
  };
  return { rules, writes, run };
}

Deno.test("clicksend makes no second rule, whether or not its identifiers were kept", () => {
  const { rules, writes, run } = createAccount();
  const settings = run({});
  assertEquals(run(settings), settings);
  assertEquals(run({}), settings, "found by its address");
  const moved = { inboundUrl: "https://new.example/a", statusUrl: "https://new.example/b" };
  assertEquals(run(settings, moved), settings);

  assertEquals([rules.inbound.size, rules.receipts.size], [1, 1]);
  assertEquals(writes, [
    "POST inbound",
    "POST receipts",
    ...Array(3).fill(["PUT inbound", "PUT receipts"]).flat(),
  ]);
  const [rule] = [...rules.inbound.values()] as { action_address: string }[];
  assertEquals(rule?.action_address, moved.inboundUrl);
});

Deno.test("clicksend leaves the rules of others alone, and replaces one that was deleted", () => {
  const { rules, run } = createAccount();
  const other = { action: "URL", action_address: "https://other.example/", inbound_rule_id: 99 };
  rules.inbound.set(99, other);
  const settings = run({ inbound_rule_id: "77", receipt_rule_id: "78" });

  assertEquals(rules.inbound.get(99), other);
  assertEquals(rules.inbound.size, 2);
  assertEquals(rules.receipts.size, 1);
  assert(settings.inbound_rule_id !== "77");
});

Deno.test("clicksend webhooks that are not as documented are refused by their own error", () => {
  const inbound = { message_id: "A-1", from: "+1", to: "+2", body: "coo" };
  for (
    const fields of [
      {},
      { message_id: "A-1" },
      { ...inbound, message_id: "" },
      { ...inbound, message_id: "A 1" },
      { ...inbound, from: "" },
      { ...inbound, to: "\n" },
      { ...receipt, status_code: "" },
      { ...receipt, message_id: "" },
    ] as Record<string, string>[]
  ) {
    for (const request of [postForm(fields), postJson(fields)]) {
      assertThrows(() => clicksend.readWebhook(request), UnreadableWebhookError);
    }
  }
  const invalid = { ...postForm({}), body: new Uint8Array([0x61, 0x3d, 0xff]) };
  assertThrows(() => clicksend.readWebhook(invalid), UnreadableWebhookError);
});

Deno.test("clicksend reads the text under its other name, and a receipt by its code", () => {
  const { body: _, ...named } = { message_id: "A-1", from: "+1", to: "+2", body: "", message: "m" };
  assertEquals(clicksend.readWebhook(postJson(named)), [{
    kind: "message",
    externalId: "A-1",
    channel: "sms",
    from: "+1",
    to: "+2",
    text: "m",
    media: [],
  }]);
  const read = (change: Record<string, string>) =>
    clicksend.readWebhook(postForm({ ...receipt, ...change }));
  assertEquals(read({ status_code: "302", error_code: "12", error_text: "busy" }), [{
    kind: "status",
    externalId: receipt.message_id,
    status: "sending",
    providerStatus: "302",
    errorCode: "12",
    errorMessage: "busy",
    reference: receipt.custom_string,
  }]);
});
