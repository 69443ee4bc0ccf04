import { assert, assertEquals, assertThrows } from "@std/assert";
import { bandwidth } from "../../supabase/functions/_shared/providers/bandwidth.ts";
import {
  type NumberOrder,
  type NumberPurchase,
  type NumberSearch,
  type Operation,
  type ProviderErrorCode,
  type ProviderRequest,
  UnreadableWebhookError,
  type WebhookEvent,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { parseXml, textAt } from "../../supabase/functions/_shared/providers/xml.ts";
import {
  application,
  applicationSettings,
  listed,
  locationNumbers,
  order,
  ORDER_ID,
  ordered,
  orderError,
  page,
} from "./fixtures/bandwidth/answers.ts";
import samples from "./fixtures/bandwidth/samples.ts";
import { failed, messageSent, post } from "./fixtures/bandwidth/webhooks.ts";
import { replyWith } from "./support/replies.ts";
import { type Answer, contextOf, NOW_MS } from "./support/samples.ts";

const { credentials } = samples;
const context = contextOf(samples);
const token = { status: 200, json: { access_token: samples.accessToken, expires_in: 3600 } };
const transport = (...answers: Answer[]) => createTransport(replyWith(token, ...answers));
const NUMBER = "+19193752369";

Deno.test("bandwidth asks for its token once, and carries it", async () => {
  const { fetch, requests } = replyWith(token, { status: 200, json: page([listed]) });
  const { call } = createTransport({ fetch, now: () => NOW_MS });
  for (let time = 0; time < 3; time++) {
    const input = { externalId: listed.messageId };
    const result = await call(bandwidth, bandwidth.lookUpMessage, input, credentials);
    assert(result.ok);
  }

  const hosts = requests.map(({ url }) => new URL(url).host);
  assertEquals(hosts, ["api.bandwidth.com", ...Array(3).fill("messaging.bandwidth.com")]);
  assertEquals(requests[1]?.headers.get("authorization"), `Bearer ${samples.accessToken}`);
});

Deno.test("bandwidth sends nothing when its client is refused", async () => {
  const { fetch, requests } = replyWith({ status: 401, json: { error: "invalid_client" } });
  const result = await createTransport({ fetch })
    .sendMessage(bandwidth, samples.message, credentials);

  assert(!result.ok);
  assertEquals([result.error.code, result.error.isAmbiguous], ["authentication_failed", false]);
  assertEquals(requests.length, 1);
});

Deno.test("bandwidth reads every status that its list has", async () => {
  const words = {
    RECEIVED: "received",
    QUEUED: "queued",
    SENDING: "sending",
    SENT: "sent",
    FAILED: "failed",
    DELIVERED: "delivered",
    ACCEPTED: "queued",
    UNDELIVERED: "undelivered",
    TELEPORTED: "unknown",
  };
  const read = async (change: Record<string, unknown>) => {
    const result = await transport({ status: 200, json: page([{ ...listed, ...change }]) })
      .call(bandwidth, bandwidth.lookUpMessage, { externalId: listed.messageId }, credentials);
    assert(result.ok);
    return result.value.status;
  };
  for (const [messageStatus, status] of Object.entries(words)) {
    assertEquals(await read({ messageStatus }), status, messageStatus);
  }
  assertEquals(await read({ messageStatus: "FAILED", errorCode: 9902 }), "sent");
  assertEquals(await read({ messageStatus: "FAILED", errorCode: 4770 }), "undelivered");
});

Deno.test("bandwidth finds a message that its list does not hold yet to be missing", async () => {
  for (const messages of [[], [{ ...listed, messageId: "another" }]]) {
    const result = await transport({ status: 200, json: page(messages) })
      .call(bandwidth, bandwidth.lookUpMessage, { externalId: listed.messageId }, credentials);
    assert(!result.ok);
    assertEquals([result.error.code, result.error.isAmbiguous], ["not_found", false]);
  }
});

Deno.test("bandwidth's receipts tell carriers' failures from others, and no receipt from both", () => {
  const read = (errorCode: number) => {
    const [event] = bandwidth.readWebhook(post([failed(errorCode, "why")])) as WebhookEvent[];
    return event?.kind === "status" ? event.status : undefined;
  };
  for (const code of [4301, 4403, 4432, 4470, 5100, 5600, 9999]) assertEquals(read(code), "failed");
  for (const code of [4700, 4720, 4750, 4775, 4795]) assertEquals(read(code), "undelivered");
  assertEquals(read(9902), "sent");
});

Deno.test("bandwidth's error codes mean what its list says", () => {
  const codes: [ProviderErrorCode, boolean, number[]][] = [
    ["recipient_opted_out", false, [4475, 4775]],
    ["invalid_recipient", false, [4303, 4404, 4406, 4408, 4720]],
    ["invalid_sender", false, [4302, 4403, 4405, 4407, 4481, 4740]],
    ["content_refused", false, [4470, 4750, 4770]],
    ["registration_required", false, [4773, 4795]],
    ["unreachable_recipient", false, [4482, 4721, 4730]],
    ["unreachable_recipient", true, [4702]],
    ["rate_limited", true, [4780, 4781, 4785]],
    // deno-fmt-ignore
    ["provider_unavailable", true, [
      4701, 5100, 5101, 5111, 5201, 5211, 5220, 5231, 5500, 5501, 5600, 5610, 5620, 5630, 5650,
    ]],
    ["permission_missing", false, [4432]],
    ["rejected", false, [9902, 9999]],
  ];
  for (const [code, isRetryable, numbers] of codes) {
    for (const number of numbers) {
      const meaning = bandwidth.explainErrorCode(String(number));
      assertEquals([meaning.code, meaning.isRetryable], [code, isRetryable], String(number));
    }
  }
});

Deno.test("bandwidth's orders end in a number, in a reason or not yet", async () => {
  const read = async (text: string) => {
    const result = await transport({ status: 200, text })
      .call(bandwidth, bandwidth.readNumberOrder, { orderId: ORDER_ID }, credentials);
    return result.ok ? result.value : result.error.code;
  };
  const pending: NumberOrder = { state: "pending", orderId: ORDER_ID };
  const errors = "<ErrorList><Error><Code>5041</Code>" +
    "<Description>The number is not available</Description></Error></ErrorList>";

  for (const status of ["RECEIVED", "PROCESSING", "BACKORDERED", "TELEPORTED"]) {
    assertEquals(await read(order(status)), pending);
  }
  for (const number of ["+18042105666", "8042105666"]) {
    const completed = await read(order("COMPLETE", [number])) as NumberOrder;
    assert(completed.state === "completed");
    assertEquals(completed.number.phoneNumber, "+18042105666");
    assertEquals(await read(order("PARTIAL", [number])), completed);
  }
  assertEquals(await read(order("FAILED", [], errors)), {
    state: "failed",
    reason: "The number is not available",
  });
  assertEquals(await read(order("FAILED")), { state: "failed", reason: "order FAILED" });
  assertEquals(await read(order("PARTIAL")), { state: "failed", reason: "order PARTIAL" });
  assertEquals(await read(order("COMPLETE")), "unreadable");
  assertEquals(await read(order("")), "unreadable");
});

Deno.test("bandwidth's orders name us in what it allows", async () => {
  const reference = "0197f3c2-77aa-7c1e-9f8e.3f1d2c4b5a69.and-more";
  const operation = bandwidth.purchaseNumber as Operation<NumberPurchase, NumberOrder>;
  const input = { phoneNumber: NUMBER, country: "US", reference };
  const request = await operation.toRequest(input, credentials, context);
  const root = parseXml(request.xml ?? "");
  assertEquals(textAt(root, "CustomerOrderId"), reference.replaceAll(".", "-").slice(0, 40));
});

Deno.test("bandwidth's disconnect that is refused inside a success is a refusal", async () => {
  const text = "<DisconnectTelephoneNumberOrderResponse><ErrorList><Error><Code>5006</Code>" +
    "<Description>Not in service</Description></Error></ErrorList>" +
    "<OrderStatus>FAILED</OrderStatus></DisconnectTelephoneNumberOrderResponse>";
  const result = await transport({ status: 201, text }).call(
    bandwidth,
    bandwidth.releaseNumber,
    { externalId: NUMBER, phoneNumber: NUMBER },
    credentials,
  );
  assert(!result.ok);
  assertEquals([result.error.code, result.error.providerCode], ["rejected", "5006"]);
});

Deno.test("bandwidth's application is set the same way again", async () => {
  const configure = async () => {
    const answers = [application, application, applicationSettings];
    const { fetch, requests } = replyWith(token, ...answers.map((text) => ({ status: 200, text })));
    const hook = "https://project.example/hook";
    const webhooks = { inboundUrl: hook, statusUrl: hook, password: "chosenByUs0123456789" };
    const { call } = createTransport({ fetch });
    const result = await call(
      bandwidth,
      bandwidth.configureConnection,
      { webhooks, settings: {} },
      credentials,
    );
    assertEquals(result, { ok: true, value: {} });
    return await Promise.all(
      requests.map(async (request) => `${request.method} ${request.url} ${await request.text()}`),
    );
  };
  const once = await configure();
  assertEquals(await configure(), once);
  assert(!once.some((request) => request.startsWith("POST https://dashboard")));
});

Deno.test("bandwidth leaves an application for calls alone", async () => {
  const text = application.replace("Messaging<", "Voice-V2<");
  const { fetch, requests } = replyWith(token, { status: 200, text });
  const hook = "https://project.example/hook";
  const webhooks = { inboundUrl: hook, statusUrl: hook, password: "chosenByUs0123456789" };
  const result = await createTransport({ fetch }).call(
    bandwidth,
    bandwidth.configureConnection,
    { webhooks, settings: {} },
    credentials,
  );

  assert(!result.ok);
  assertEquals(result.error.code, "invalid_request");
  assertEquals(requests.length, 2);
});

Deno.test("bandwidth's pages are followed on its own hosts only", async () => {
  const read = async (link: string) => {
    const text = locationNumbers.replaceAll("( a link goes here )", link);
    const result = await transport({ status: 200, text })
      .call(bandwidth, bandwidth.listNumbers, {}, credentials);
    return result.ok ? result.value.nextPageUrl : result.error.code;
  };
  const next = "https://dashboard.bandwidth.com/api/v2/accounts/14/tns?page=2&size=500";
  const escaped = next.replaceAll("&", "&amp;");

  assertEquals(await read(""), undefined);
  assertEquals(await read(escaped), next);
  const header = escaped.replace(".com/", ".com:443/");
  assertEquals(await read(`Link=&lt;${header}&gt;;rel="next";`), next);
  for (const link of ["https://evil.example/", "http://dashboard.bandwidth.com/", "/relative"]) {
    assertEquals(await read(link), "unreadable");
  }
});

Deno.test("bandwidth has no numbers when it says nothing", async () => {
  const result = await transport({ status: 204 })
    .call(bandwidth, bandwidth.listNumbers, {}, credentials);
  assertEquals(result, { ok: true, value: { items: [] } });
});

Deno.test("bandwidth searches only where and for what it has numbers", () => {
  const search = (change: Partial<NumberSearch>) =>
    bandwidth.searchNumbers?.toRequest(
      { country: "US", kind: "local", limit: 1, ...change },
      credentials,
      context,
    ) as ProviderRequest;
  assertEquals(search({ country: "GB", kind: "mobile" }).query?.slice(0, 2), [
    ["countryCodeA3", "GBR"],
    ["phoneNumberType", "MOBILE"],
  ]);
  for (const country of ["", "us", "USA", "KP", "../"]) assertThrows(() => search({ country }));
  assertThrows(() => search({ country: "GB", needs: ["mms"] }));
});

Deno.test("bandwidth builds no path from anything but its own identifiers", async () => {
  for (const orderId of ["", "..", "1/../2", "1?x=y"]) {
    const result = await transport()
      .call(bandwidth, bandwidth.readNumberOrder, { orderId }, credentials);
    assertEquals(!result.ok && result.error.code, "invalid_request");
  }
  const input = { externalId: "1", phoneNumber: "5552223333" };
  const result = await transport().call(bandwidth, bandwidth.releaseNumber, input, credentials);
  assertEquals(!result.ok && result.error.code, "invalid_request");
});

Deno.test("bandwidth's errors in XML are found wherever they are", () => {
  const read = (text: string) =>
    bandwidth.readError({ status: 400, headers: new Headers(), text, json: undefined });
  const status = "<TelephoneNumberResponse><ResponseStatus><ErrorCode>12512</ErrorCode>" +
    "<Description>Telephone number '123456789' is not valid</Description>" +
    "</ResponseStatus></TelephoneNumberResponse>";

  assertEquals(read(orderError).providerCode, "5016");
  assertEquals(read(orderError).message, "The SiteId submitted is invalid.");
  assertEquals(read(status).providerCode, "12512");
  for (const text of ["", ordered, "<html>502</html>"]) {
    assertEquals(read(text).providerCode, undefined);
    assertEquals(read(text).message, "Cannot call Bandwidth: status 400");
  }
});

Deno.test("bandwidth's webhooks prove themselves by our user and password, and nothing else", async () => {
  const secret = "chosenByUs0123456789";
  const verify = (authorization: string, key = secret) => {
    const headers = new Headers({ authorization });
    const request = { ...post([messageSent]), headers };
    return bandwidth.verifyWebhook(request, { secret: key, nowMs: NOW_MS });
  };
  const basic = (text: string) => `Basic ${btoa(text)}`;

  assertEquals(await verify(basic(`switchboard:${secret}`)), true);
  assertEquals(await verify(basic(`switchboard:${secret}`).replace("Basic", "basic")), true);
  for (
    const wrong of [
      "",
      "Basic",
      "Basic ",
      "Basic !",
      basic(""),
      basic(secret),
      basic(`:${secret}`),
      basic("switchboard:"),
      basic(`Switchboard:${secret}`),
      basic(`switchboard:${secret} `),
      basic(`switchboard:${secret.slice(1)}`),
      `Bearer ${btoa(`switchboard:${secret}`)}`,
      `Basic ${btoa(`switchboard:${secret}`)} x`,
      `Basic ${"A".repeat(100_000)}`,
    ]
  ) assertEquals(await verify(wrong), false, wrong.slice(0, 40));
  assertEquals(await verify(basic("switchboard:"), ""), false, "no password at all");
});

Deno.test("bandwidth's webhooks that are not as documented are refused by their own error", () => {
  const { message, ...event } = messageSent;
  const inbound = { ...messageSent, type: "message-received" };
  for (
    const body of [
      null,
      "text",
      [null],
      [{}],
      [{ type: "" }],
      [event],
      [{ ...event, message: {} }],
      [{ ...event, message: { ...message, id: "" } }],
      [{ ...inbound, to: undefined }],
      [{ ...inbound, message: { ...message, from: "" } }],
      [{ ...inbound, message: { ...message, media: ["http://media.example/1"] } }],
      [{ ...inbound, message: { ...message, media: ["javascript:alert(1)"] } }],
      [messageSent, null],
    ]
  ) assertThrows(() => bandwidth.readWebhook(post(body)), UnreadableWebhookError);
  assertEquals(bandwidth.readWebhook(post([])), []);
  const others = ["suggestion-response", "requested-location-response", "initiate"];
  assertEquals(bandwidth.readWebhook(post(others.map((type) => ({ type })))), []);
});
