import { assert, assertEquals } from "@std/assert";
import type {
  OutboundText,
  OutboundWhatsApp,
  WebhookEvent,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { signalwire } from "../../supabase/functions/_shared/providers/signalwire.ts";
import { type AdapterTest, isProven, readWebhooks, withAccount } from "./support/adapter.ts";

const SENDER = "+14155550160";
const RECIPIENT = "+14155559999";

interface Account {
  account_sid: string;
  space: string;
  api_token: string;
  signing_key: string;
  numbers: { sid: string }[];
}

interface Setting extends AdapterTest<Account> {
  credentials: Record<string, string>;
  /** The address that webhooks go to. */
  hook: string;
  /** The events of what arrived since the last time, each verified by the adapter. */
  events(): Promise<WebhookEvent[]>;
}

async function withSignalwire(test: (setting: Setting) => Promise<void>): Promise<void> {
  await withAccount<Account>("signalwire", { numbers: [SENDER] }, async (given) => {
    const { account: { account_sid, space, api_token, signing_key }, receiver, simulator } = given;
    const credentials = { space, project_id: account_sid, api_token, signing_key };
    assertEquals(signalwire.checkCredentials(credentials).ok, true);
    const events = async () => {
      await simulator.idle();
      return await readWebhooks(signalwire, credentials, receiver.webhooks.splice(0));
    };
    await test({
      ...given,
      credentials,
      events,
      hook: `${receiver.url}/webhooks/signalwire/token`,
    });
  });
}

function text(hook: string, change: Partial<OutboundText> = {}): OutboundText {
  return {
    channel: "sms",
    from: SENDER,
    to: RECIPIENT,
    text: "Hello & 👍",
    mediaUrls: [],
    statusUrl: `${hook}?attempt=1`,
    reference: "attempt-1",
    ...change,
  };
}

function whatsApp(hook: string, change: Partial<OutboundWhatsApp> = {}): OutboundWhatsApp {
  return { ...text(hook), channel: "whatsapp", ...change };
}

function statusesOf(events: WebhookEvent[]): unknown[] {
  return events.map((event) => "status" in event ? event.status : event.kind);
}

Deno.test("signalwire: a text is sent, and its receipts prove themselves", async () => {
  await withSignalwire(async ({ transport, credentials, hook, events }) => {
    const sent = await transport.sendMessage(signalwire, text(hook), credentials);
    assert(sent.ok);
    assertEquals([sent.value.status, sent.value.segmentCount], ["queued", 1]);

    const told = await events();
    assertEquals(statusesOf(told), ["sent", "delivered"]);
    assert(told.every((event) => event.kind === "status"));
    assertEquals(told[0]?.externalId, sent.value.externalId);
    const { externalId } = sent.value;
    const looked = await transport
      .call(signalwire, signalwire.lookUpMessage, { externalId }, credentials);
    assertEquals(looked.ok && [looked.value.status, looked.value.price], ["delivered", "0.00415"]);
  });
});

Deno.test("signalwire: MMS stays at sent, and failures say why", async () => {
  await withSignalwire(async ({ transport, credentials, hook, events }) => {
    const mediaUrls = ["https://media.example/1.jpg"];
    await transport.sendMessage(signalwire, text(hook, { mediaUrls }), credentials);
    assertEquals(statusesOf(await events()), ["sent"]);
    await transport.sendMessage(signalwire, text(hook, { to: "+14155530007" }), credentials);
    const [, failure] = await events();
    assert(failure?.kind === "status");
    assertEquals([failure.status, failure.errorCode], ["undelivered", "30007"]);
  });
});

Deno.test("signalwire: what somebody writes reaches the number's URL, signed", async () => {
  await withSignalwire(
    async ({ simulator, account, transport, credentials, hook, events }) => {
      const webhooks = signalwire.webhookUrls(hook);
      const input = {
        externalId: account.numbers[0]?.sid ?? "",
        phoneNumber: SENDER,
        webhooks,
        settings: {},
      };
      const configured = await transport
        .call(signalwire, signalwire.configureNumber, input, credentials);
      assert(configured.ok);
      const listed = await transport.call(signalwire, signalwire.listNumbers, {}, credentials);
      assertEquals(listed.ok && listed.value.items[0]?.webhookUrl, hook);

      const media = ["https://example.signalwire.com/media/1"];
      const inbound = { account_sid: account.account_sid, from: RECIPIENT, to: SENDER, media };
      await simulator.control("POST", "/signalwire/inbound", { ...inbound, body: "Hi & bye ✓" });
      const [event] = await events();
      assert(event?.kind === "message" && event.channel === "sms");
      assertEquals([event.from, event.to, event.text], [RECIPIENT, SENDER, "Hi & bye ✓"]);
      assertEquals(event.media, [{ url: media[0] ?? "", contentType: "image/png" }]);
    },
  );
});

Deno.test("signalwire: forged and unsigned webhooks do not verify", async () => {
  await withSignalwire(async ({ simulator, account, credentials, transport, receiver, hook }) => {
    const phoneNumber = SENDER;
    const externalId = account.numbers[0]?.sid ?? "";
    const input = { externalId, phoneNumber, webhooks: signalwire.webhookUrls(hook), settings: {} };
    await transport.call(signalwire, signalwire.configureNumber, input, credentials);
    for (const signature of ["forged", "missing"]) {
      const { account_sid } = account;
      const inbound = { account_sid, from: RECIPIENT, to: SENDER, signature };
      await simulator.control("POST", "/signalwire/inbound", inbound);
    }
    assertEquals(receiver.webhooks.length, 2);
    for (const webhook of receiver.webhooks) {
      assert(!await isProven(signalwire, credentials, webhook));
    }
  });
});

Deno.test("signalwire: WhatsApp goes by the other API, within the window", async () => {
  await withSignalwire(
    async ({ simulator, account, transport, credentials, hook, events }) => {
      assert((await transport.sendMessage(signalwire, whatsApp(hook), credentials)).ok);
      const [refused] = await events();
      assert(refused?.kind === "status");
      const { code } = signalwire.explainErrorCode(refused.errorCode ?? "");
      assertEquals([refused.status, code], ["failed", "outside_window"]);

      const template = { externalId: "1164792772433648", language: "en", variables: {} };
      await transport.sendMessage(
        signalwire,
        whatsApp(hook, { template }),
        credentials,
      );
      assertEquals(statusesOf(await events()), ["sent", "delivered"]);
      const inbound = {
        account_sid: account.account_sid,
        from: RECIPIENT,
        to: SENDER,
        channel: "whatsapp",
      };
      await simulator.control("POST", "/signalwire/inbound", inbound);
      await transport.sendMessage(signalwire, whatsApp(hook), credentials);
      assertEquals(statusesOf(await events()), ["sent", "delivered"]);
    },
  );
});

Deno.test("signalwire: who sent STOP is not written to", async () => {
  await withSignalwire(
    async ({ simulator, account, transport, credentials, hook, events }) => {
      const inbound = {
        account_sid: account.account_sid,
        from: RECIPIENT,
        to: SENDER,
        body: "Stop",
      };
      await simulator.control("POST", "/signalwire/inbound", inbound);
      await transport.sendMessage(signalwire, text(hook), credentials);
      const [failure] = await events();
      assert(failure?.kind === "status");
      const { code } = signalwire.explainErrorCode(failure.errorCode ?? "");
      assertEquals([failure.status, code], ["failed", "recipient_opted_out"]);
    },
  );
});

Deno.test("signalwire: a call is followed to its end", async () => {
  await withSignalwire(async ({ transport, credentials, hook, events }) => {
    const call = {
      from: SENDER,
      to: RECIPIENT,
      text: "Hello",
      language: "en-US",
      statusUrl: `${hook}?attempt=1`,
      reference: "attempt-1",
    };
    const started = await transport.call(signalwire, signalwire.startCall, call, credentials);
    assertEquals(started.ok && started.value.status, "queued");
    const told = await events();
    assertEquals(statusesOf(told), ["queued", "ringing", "in_progress", "completed"]);
    const last = told.at(-1);
    assertEquals(last?.kind === "call" && last.durationSeconds, 7);
  });
});

Deno.test("signalwire: a number is searched, bought, listed page by page and released", async () => {
  await withSignalwire(async ({ transport, credentials, hook }) => {
    const found = await transport.call(signalwire, signalwire.searchNumbers, {
      country: "US",
      kind: "local",
      areaCode: "415",
      needs: ["sms", "mms"],
      limit: 3,
    }, credentials);
    assert(found.ok);
    assertEquals(found.value.length, 3);
    assert(found.value.every(({ capabilities }) => capabilities.sms && capabilities.mms));
    const bought = await transport.call(signalwire, signalwire.purchaseNumber, {
      phoneNumber: found.value[0]?.phoneNumber ?? "",
      country: "US",
      friendlyName: "Support",
      webhooks: signalwire.webhookUrls(hook),
      reference: "order-1",
    }, credentials);
    assert(bought.ok && bought.value.state === "completed");
    assertEquals(bought.value.number.webhookUrl, hook);
    const { externalId, phoneNumber } = bought.value.number;
    const release = () =>
      transport.call(
        signalwire,
        signalwire.releaseNumber,
        { externalId, phoneNumber },
        credentials,
      );
    assert((await release()).ok);
    const again = await release();
    assertEquals(!again.ok && again.error.code, "not_found");
  });
});

Deno.test("signalwire: messages are searched over all pages", async () => {
  await withSignalwire(async ({ transport, credentials, hook }) => {
    for (let index = 0; index < 201; index++) {
      await transport.sendMessage(signalwire, text(hook, { text: `${index}` }), credentials);
    }
    const search = { from: SENDER, to: RECIPIENT, since: "2026-01-01T00:00:00Z" };
    const found = await transport
      .listAll(signalwire, signalwire.searchMessages, search, credentials);
    assert(found.ok);
    assertEquals([found.value.items.length, found.value.isComplete], [201, true]);
    assertEquals(new Set(found.value.items.map(({ text }) => text)).size, 201);
  });
});

Deno.test("signalwire: wrong credentials are refused, at the wrong space too", async () => {
  await withSignalwire(async ({ transport, credentials, hook }) => {
    const validate = (change: Record<string, string>) =>
      transport.call(signalwire, signalwire.validateCredentials, undefined, {
        ...credentials,
        ...change,
      });
    assert((await validate({})).ok);
    for (const change of [{ api_token: "PT00000000" }, { space: "other" }]) {
      const refused = await validate(change);
      assertEquals(!refused.ok && refused.error.code, "authentication_failed");
    }
    const wrong = { ...credentials, api_token: "PT00000000" };
    const refused = await transport.sendMessage(signalwire, whatsApp(hook), wrong);
    assertEquals(!refused.ok && refused.error.code, "authentication_failed");
  });
});

Deno.test("signalwire: faults spoil calls and receipts", async () => {
  await withSignalwire(async ({ simulator, transport, credentials, hook, events }) => {
    const provider = "signalwire";
    await simulator.addFault({ provider, kind: "rate_limited", retry_after_seconds: 3, times: 1 });
    const limited = await transport.sendMessage(signalwire, text(hook), credentials);
    assert(!limited.ok);
    assertEquals([limited.error.code, limited.error.retryAfterMs], ["rate_limited", 3000]);
    await simulator.addFault({
      provider,
      kind: "server_error",
      operation: "messages.create",
      number: RECIPIENT,
      stage: "after",
      times: 1,
    });
    const ambiguous = await transport.sendMessage(signalwire, text(hook), credentials);
    assert(!ambiguous.ok && ambiguous.error.isAmbiguous);
    assertEquals(statusesOf(await events()), ["sent", "delivered"]);
    await simulator.addFault({ provider, kind: "receipt_reordered", times: 1 });
    await transport.sendMessage(signalwire, text(hook), credentials);
    assertEquals(statusesOf(await events()), ["delivered", "sent"]);
  });
});
