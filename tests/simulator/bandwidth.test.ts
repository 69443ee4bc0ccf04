import { assert, assertEquals } from "@std/assert";
import { bandwidth } from "../../supabase/functions/_shared/providers/bandwidth.ts";
import type {
  OutboundText,
  WebhookEvent,
  WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { type AdapterTest, withAccount } from "./support/adapter.ts";
import type { ReceivedWebhook } from "./support/receiver.ts";

const SENDER = "+14155550180";
const RECIPIENT = "+14155559999";
const PASSWORD = "chosenByUs0123456789";

interface Account {
  account_sid: string;
  client_id: string;
  client_secret: string;
  application_id: string;
  site_id: string;
  sip_peer_id: string;
}

interface Setting extends AdapterTest<Account> {
  credentials: Record<string, string>;
  /** The events of what arrived since the last time, each of which proved itself. */
  events(): Promise<WebhookEvent[]>;
}

async function withBandwidth(test: (setting: Setting) => Promise<void>): Promise<void> {
  await withAccount<Account>("bandwidth", { numbers: [SENDER] }, async (given) => {
    const { account, receiver, simulator } = given;
    const { account_sid, client_id, client_secret, application_id, site_id, sip_peer_id } = account;
    const credentials = {
      account_id: account_sid,
      client_id,
      client_secret,
      application_id,
      site_id,
      sip_peer_id,
    };
    assertEquals(bandwidth.checkCredentials(credentials).ok, true);
    const events = async () => {
      await simulator.idle();
      const arrived = receiver.webhooks.splice(0).map(toRequest);
      return (await Promise.all(arrived.map(async (request) => {
        assert(await isProven(request));
        return await bandwidth.readWebhook(request);
      }))).flat();
    };
    await test({ ...given, credentials, events });
  });
}

function toRequest({ method, url, headers, text }: ReceivedWebhook): WebhookRequest {
  return { method, url, headers, body: new TextEncoder().encode(text) };
}

async function isProven(request: WebhookRequest): Promise<boolean> {
  return await bandwidth.verifyWebhook(request, { secret: PASSWORD, nowMs: Date.now() });
}

async function configure({ transport, receiver, credentials }: Setting): Promise<void> {
  const hook = `${receiver.url}/webhooks/bandwidth/token?a=1&b=2`;
  const webhooks = { inboundUrl: hook, statusUrl: hook, password: PASSWORD };
  const result = await transport.call(
    bandwidth,
    bandwidth.configureConnection,
    { webhooks, settings: {} },
    credentials,
  );
  assertEquals(result, { ok: true, value: {} });
}

async function send({ transport, credentials }: Setting, change: Partial<OutboundText> = {}) {
  return await transport.sendMessage(bandwidth, {
    channel: "sms",
    from: SENDER,
    to: RECIPIENT,
    text: "Hello & 👍",
    mediaUrls: [],
    statusUrl: "https://project.example/unused",
    reference: "attempt-1",
    ...change,
  }, credentials);
}

function describe(event: WebhookEvent | undefined): unknown[] {
  return event?.kind === "status" ? [event.status, event.errorCode, event.reference] : [event];
}

Deno.test("bandwidth: a text is sent, and its receipt gives the reference back", async () => {
  await withBandwidth(async (setting) => {
    await configure(setting);
    const sent = await send(setting);
    assert(sent.ok);
    assertEquals([sent.value.status, sent.value.segmentCount], ["queued", 1]);
    const told = await setting.events();
    assertEquals(told.map(describe), [["delivered", undefined, "attempt-1"]]);
    assertEquals(told[0]?.externalId, sent.value.externalId);

    const { transport, credentials } = setting;
    const { externalId } = sent.value;
    const looked = await transport
      .call(bandwidth, bandwidth.lookUpMessage, { externalId }, credentials);
    assertEquals(looked.ok && looked.value.status, "delivered");
    const search = { from: SENDER, to: RECIPIENT, since: "2026-01-01T00:00:00Z" };
    const found = await transport
      .listAll(bandwidth, bandwidth.searchMessages, search, credentials);
    assertEquals(found.ok && found.value.items.map((one) => one.externalId), [externalId]);
  });
});

Deno.test("bandwidth: MMS tells that it is on its way, failures why they are, and 9902 nothing", async () => {
  await withBandwidth(async (setting) => {
    await configure(setting);
    await send(setting, { mediaUrls: ["https://media.example/1.jpg"] });
    assertEquals((await setting.events()).map((event) => describe(event)[0]), [
      "sending",
      "delivered",
    ]);
    await send(setting, { to: "+14155554720" });
    assertEquals((await setting.events()).map(describe), [["undelivered", "4720", "attempt-1"]]);
    await send(setting, { to: "+14155559902" });
    assertEquals((await setting.events()).map(describe), [["sent", "9902", "attempt-1"]]);
  });
});

Deno.test("bandwidth: nothing is told before the application is set, and all of it after", async () => {
  await withBandwidth(async (setting) => {
    const { simulator, account, events } = setting;
    const media = ["https://messaging.bandwidth.com/api/v2/users/1/media/1/0/a.png"];
    const inbound = { account_sid: account.account_sid, from: RECIPIENT, to: SENDER, media };
    const write = () =>
      simulator.control("POST", "/bandwidth/inbound", { ...inbound, body: "Hi & bye ✓" });
    await write();
    await send(setting);
    assertEquals(await events(), []);

    await configure(setting);
    await configure(setting);
    await write();
    const [event, ...others] = await events();
    assertEquals(others, []);
    assert(event?.kind === "message");
    assertEquals([event.from, event.to, event.text], [RECIPIENT, SENDER, "Hi & bye ✓"]);
    assertEquals(event.media, [{ url: media[0] ?? "", contentType: "" }]);
  });
});

Deno.test("bandwidth: the log of calls holds no password of ours", async () => {
  await withBandwidth(async (setting) => {
    await configure(setting);
    const { body } = await setting.simulator.control("GET", "/requests?provider=bandwidth");
    assert(!JSON.stringify(body).includes(PASSWORD));
    assert(!JSON.stringify(body).includes(setting.account.client_secret));
  });
});

Deno.test("bandwidth: forged and unsigned webhooks do not verify", async () => {
  await withBandwidth(async (setting) => {
    await configure(setting);
    const { simulator, account, receiver } = setting;
    for (const signature of ["forged", "missing"]) {
      const inbound = { account_sid: account.account_sid, from: RECIPIENT, to: SENDER, signature };
      await simulator.control("POST", "/bandwidth/inbound", inbound);
    }
    assertEquals(receiver.webhooks.length, 2);
    for (const webhook of receiver.webhooks) assert(!await isProven(toRequest(webhook)));
  });
});

Deno.test("bandwidth: who sent STOP is not written to", async () => {
  await withBandwidth(async (setting) => {
    await configure(setting);
    const { simulator, account, events } = setting;
    const inbound = { account_sid: account.account_sid, from: RECIPIENT, to: SENDER, body: "stop" };
    await simulator.control("POST", "/bandwidth/inbound", inbound);
    await events();
    await send(setting);
    const [[status, errorCode] = []] = (await events()).map(describe);
    const { code } = bandwidth.explainErrorCode(String(errorCode));
    assertEquals([status, code], ["undelivered", "recipient_opted_out"]);
  });
});

Deno.test("bandwidth: a number is searched, ordered, completed after a while, and disconnected", async () => {
  await withBandwidth(async ({ simulator, transport, credentials }) => {
    const search = { country: "US", kind: "local" as const, areaCode: "415", limit: 2 };
    const found = await transport
      .call(bandwidth, bandwidth.searchNumbers, search, credentials);
    assert(found.ok);
    assertEquals(found.value.length, 2);
    const order = async (phoneNumber: string) => {
      const purchase = { phoneNumber, country: "US", friendlyName: "R&D", reference: "order-1" };
      const ordered = await transport
        .call(bandwidth, bandwidth.purchaseNumber, purchase, credentials);
      assert(ordered.ok && ordered.value.state === "pending");
      await simulator.idle();
      const { orderId } = ordered.value;
      const read = await transport
        .call(bandwidth, bandwidth.readNumberOrder, { orderId }, credentials);
      assert(read.ok);
      return read.value;
    };
    const phoneNumber = found.value[1]?.phoneNumber ?? "";
    const completed = await order(phoneNumber);
    assert(completed.state === "completed");
    assertEquals(completed.number.phoneNumber, phoneNumber);
    const failed = await order(phoneNumber);
    assert(failed.state === "failed" && failed.reason.includes("not available"));

    const list = async () => {
      const listed = await transport.listAll(bandwidth, bandwidth.listNumbers, {}, credentials);
      assert(listed.ok);
      return listed.value.items.map((number) => number.phoneNumber);
    };
    assertEquals(await list(), [SENDER, phoneNumber]);
    const released = await transport.call(
      bandwidth,
      bandwidth.releaseNumber,
      { externalId: phoneNumber, phoneNumber },
      credentials,
    );
    assert(released.ok);
    await simulator.idle();
    assertEquals(await list(), [SENDER]);
  });
});

Deno.test("bandwidth: wrong credentials and other people's accounts are refused", async () => {
  await withBandwidth(async ({ transport, credentials }) => {
    const validate = async (change: Record<string, string>) => {
      const result = await transport.call(bandwidth, bandwidth.validateCredentials, undefined, {
        ...credentials,
        ...change,
      });
      return result.ok ? result.value.externalAccountId : result.error.code;
    };
    assertEquals(await validate({}), credentials.account_id);
    assertEquals(await validate({ client_secret: "another-secret" }), "authentication_failed");
    assertEquals(await validate({ account_id: "9900001" }), "permission_missing");
  });
});

Deno.test("bandwidth: a sender or an application of somebody else's is refused by name", async () => {
  await withBandwidth(async (setting) => {
    const foreign = await send(setting, { from: "+14155550199" });
    assertEquals(!foreign.ok && foreign.error.code, "invalid_sender");
    const { credentials, ...rest } = setting;
    const application_id = crypto.randomUUID();
    const wrong = await send({ ...rest, credentials: { ...credentials, application_id } });
    assertEquals(!wrong.ok && wrong.error.code, "invalid_request");
  });
});

Deno.test("bandwidth: faults spoil calls and receipts", async () => {
  await withBandwidth(async (setting) => {
    await configure(setting);
    const { simulator, events } = setting;
    const fault = { provider: "bandwidth", operation: "messages.create", times: 1 };
    await simulator.addFault({ ...fault, kind: "rate_limited", retry_after_seconds: 3 });
    const limited = await send(setting);
    assert(!limited.ok);
    assertEquals([limited.error.code, limited.error.retryAfterMs], ["rate_limited", 3000]);
    await simulator.addFault({
      ...fault,
      kind: "server_error",
      number: RECIPIENT,
      stage: "after",
    });
    const ambiguous = await send(setting);
    assert(!ambiguous.ok && ambiguous.error.isAmbiguous);
    assertEquals((await events()).length, 1);
    await simulator.addFault({ ...fault, kind: "receipt_duplicate" });
    await send(setting);
    const told = await events();
    assertEquals(told.length, 2);
    assertEquals(told[0], told[1]);
  });
});
