import { assert, assertEquals } from "@std/assert";
import { type Receiver, withReceiver } from "./support/receiver.ts";
import {
  RECIPIENT,
  type TestAccount,
  type TestSimulator,
  withSimulator,
} from "./support/simulator.ts";
import { validateRequest } from "./support/twilio_sdk.ts";

interface Setting {
  account: TestAccount;
  simulator: TestSimulator;
  receiver: Receiver;
  /** Sends a message and waits for its receipts; answers the message's SID. */
  send(): Promise<string>;
  /** The statuses that were posted since the last time. */
  statuses(): string[];
}

async function withFault(
  fault: Record<string, unknown>,
  test: (setting: Setting) => Promise<void>,
): Promise<void> {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      await simulator.addFault({ account_sid: account.sid, times: 1, ...fault });
      const statuses = () =>
        receiver.webhooks.splice(0).map((webhook) => webhook.form.MessageStatus ?? "");
      const send = async () => {
        const { status, body } = await account.sendMessage({
          StatusCallback: `${receiver.url}/status`,
        });
        assertEquals([status, body.status], [201, "queued"]);
        await simulator.idle();
        return body.sid;
      };
      await test({ account, simulator, receiver, send, statuses });
      statuses();
      await send();
      assertEquals(statuses(), ["sent", "delivered"], "the fault is spent");
    });
  });
}

Deno.test("fault receipt_late: receipts wait until they are released", async () => {
  await withFault({ kind: "receipt_late" }, async ({ account, simulator, send, statuses }) => {
    const sid = await send();
    assertEquals(statuses(), []);
    assertEquals((await account.fetchMessage(sid)).status, "delivered");
    const held = await simulator.control<{ receipts: Array<{ status: string; to: string }> }>(
      "GET",
      `/receipts?message_sid=${sid}`,
    );
    assertEquals(held.body.receipts.map(({ status, to }) => [status, to]), [
      ["sent", RECIPIENT],
      ["delivered", RECIPIENT],
    ]);

    const other = await simulator.control("POST", "/receipts/release", { message_sid: "SM0" });
    assertEquals(other.body, { released: 0 });
    const one = await simulator.control("POST", "/receipts/release", { status: "delivered" });
    assertEquals([one.body, statuses()], [{ released: 1 }, ["delivered"]]);
    const rest = await simulator.control("POST", "/receipts/release");
    assertEquals([rest.body, statuses()], [{ released: 1 }, ["sent"]]);
    assertEquals((await simulator.control("POST", "/receipts/release")).body, { released: 0 });
  });
});

Deno.test("fault receipt_duplicate: the same receipt is posted several times", async () => {
  await withFault(
    { kind: "receipt_duplicate", copies: 3, statuses: ["delivered"] },
    async ({ receiver, send, statuses }) => {
      await send();
      const tokens = new Set(
        receiver.webhooks.slice(1).map(({ headers }) => headers.get("i-twilio-idempotency-token")),
      );
      assertEquals(tokens.size, 1);
      assertEquals(statuses(), ["sent", "delivered", "delivered", "delivered"]);
    },
  );
});

Deno.test("fault receipt_reordered: delivered comes before sent", async () => {
  await withFault({ kind: "receipt_reordered" }, async ({ send, statuses }) => {
    await send();
    assertEquals(statuses(), ["delivered", "sent"]);
  });
});

Deno.test("fault receipt_dropped: nothing is posted, though the message arrived", async () => {
  await withFault({ kind: "receipt_dropped" }, async ({ account, simulator, send, statuses }) => {
    const sid = await send();
    assertEquals(statuses(), []);
    assertEquals((await account.fetchMessage(sid)).status, "delivered");
    const deliveries = await simulator.deliveries(`?message_sid=${sid}`);
    assertEquals(deliveries.map(({ outcome }) => outcome), ["dropped", "dropped"]);
  });
  await withFault(
    { kind: "receipt_dropped", statuses: ["sent"] },
    async ({ send, statuses }) => {
      await send();
      assertEquals(statuses(), ["delivered"]);
    },
  );
});

Deno.test("fault receipt_forged: the signature is somebody else's", async () => {
  await withFault(
    { kind: "receipt_forged", statuses: ["delivered"] },
    async ({ account, receiver, send }) => {
      await send();
      const isValid = receiver.webhooks.map(({ form, headers }) =>
        validateRequest(
          account.authToken,
          headers.get("x-twilio-signature") ?? "",
          `${receiver.url}/status`,
          form,
        )
      );
      assertEquals(isValid, [true, false]);
    },
  );
});

Deno.test("fault receipt_early: receipts are answered before the message is", async () => {
  const events: string[] = [];
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      await simulator.addFault({ kind: "receipt_early", number: RECIPIENT, times: 1 });
      const { body } = await account.sendMessage({ StatusCallback: receiver.url });
      events.push(`answered ${body.status}`);
      assertEquals(events, ["sent", "delivered", "answered queued"]);
      assert(receiver.webhooks.every(({ form }) => form.MessageSid === body.sid));
    }, { receiptDelayMs: 60_000 });
  }, (webhook) => {
    events.push(webhook.form.MessageStatus ?? "");
    return new Response(null, { status: 204 });
  });
});

Deno.test("a receipt that the product refuses is not repeated unless its URL asks for that", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      const send = async (fragment: string) => {
        receiver.webhooks.length = 0;
        await account.sendMessage({ StatusCallback: `${receiver.url}/s${fragment}` });
        await simulator.idle();
        return receiver.webhooks.length;
      };
      assertEquals(await send(""), 2);
      assertEquals(await send("#rc=2&rp=5xx"), 6);
    });
  }, () => new Response("", { status: 500 }));
});
