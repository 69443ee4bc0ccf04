import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Receiver, withReceiver } from "./support/receiver.ts";
import {
  type ErrorAnswer,
  type MessageAnswer,
  RECIPIENT,
  SENDER,
  withSimulator,
} from "./support/simulator.ts";
import { validateRequest } from "./support/twilio_sdk.ts";

interface MessageList {
  messages: MessageAnswer[];
  next_page_uri: string | null;
}

function statusesOf(receiver: Receiver): string[] {
  return receiver.webhooks.map((webhook) => webhook.form.MessageStatus ?? "");
}

Deno.test("an accepted message is queued without a price, then sent, then delivered with one", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();

    const { status, body } = await account.sendMessage();
    await simulator.idle();
    const delivered = await account.fetchMessage(body.sid);

    assertEquals(status, 201);
    assertMatch(body.sid, /^SM[0-9a-f]{32}$/);
    assertEquals([body.status, body.price, body.date_sent], ["queued", null, null]);
    assertEquals([body.from, body.to, body.direction], [SENDER, RECIPIENT, "outbound-api"]);
    assertEquals([delivered.status, delivered.price], ["delivered", "-0.00750"]);
  });
});

Deno.test("receipts are posted in order, signed, and not for the first status", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      const url = `${receiver.url}/status?attempt=1&mode=a`;
      const { body } = await account.sendMessage({ StatusCallback: `${url}#rc=3&rp=all` });
      await simulator.idle();

      assertEquals(statusesOf(receiver), ["sent", "delivered"]);
      const tokens = new Set<string>();
      for (const webhook of receiver.webhooks) {
        const { form, headers } = webhook;
        assertEquals(webhook.url, url);
        assertEquals([form.MessageSid, form.SmsSid], [body.sid, body.sid]);
        assertEquals([form.AccountSid, form.SmsStatus], [account.sid, form.MessageStatus]);
        assertEquals([form.From, form.To, form.ApiVersion], [SENDER, RECIPIENT, "2010-04-01"]);
        assertEquals(form.ErrorCode, undefined);
        assertMatch(headers.get("content-type") ?? "", /^application\/x-www-form-urlencoded/);
        const signature = headers.get("x-twilio-signature") ?? "";
        assert(validateRequest(account.authToken, signature, url, form));
        assert(!validateRequest("other", signature, url, form));
        tokens.add(headers.get("i-twilio-idempotency-token") ?? "");
      }
      assertEquals(tokens.size, 2);
    });
  });
});

Deno.test("the last five digits of a recipient decide how its message ends", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      const cases: Array<[to: string, statuses: string[], code: number | null]> = [
        ["+14155530003", ["sent", "undelivered"], 30003],
        ["+14155530005", ["sent", "undelivered"], 30005],
        ["+14155530007", ["sent", "undelivered"], 30007],
        ["+14155530022", ["failed"], 30022],
        ["+14155530009", ["sent", "delivered"], null],
      ];
      for (const [to, statuses, code] of cases) {
        receiver.webhooks.length = 0;
        const { body } = await account.sendMessage({ To: to, StatusCallback: receiver.url });
        await simulator.idle();
        const message = await account.fetchMessage(body.sid);

        assertEquals(statusesOf(receiver), statuses, to);
        assertEquals(message.status, statuses.at(-1));
        assertEquals([message.error_code, message.error_message === null], [code, code === null]);
        const expected = code === null ? undefined : String(code);
        assertEquals(receiver.webhooks.at(-1)?.form.ErrorCode, expected);
      }
    });
  });
});

Deno.test("a test may arrange how messages to a recipient end", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      await simulator.control("POST", "/twilio/recipients", {
        account_sid: account.sid,
        number: RECIPIENT,
        statuses: ["sending", "sent"],
      });
      const { body } = await account.sendMessage({ StatusCallback: receiver.url });
      await simulator.idle();

      assertEquals(statusesOf(receiver), ["sending", "sent"]);
      assertEquals((await account.fetchMessage(body.sid)).status, "sent");
    });
  });
});

Deno.test("messages that Twilio refuses are refused with its codes, and leave nothing", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({
      numbers: [
        SENDER,
        { phone_number: "+14155550101", mms: false },
        { phone_number: "+14155550102", sms: false },
      ],
    });
    const media = "https://files.example/a.png";
    const cases: Array<[Record<string, string | string[]>, number]> = [
      [{ To: "" }, 21604],
      [{ To: "nobody" }, 21211],
      [{ To: "+1415555" }, 21211],
      [{ To: "+11155550100" }, 21211],
      [{ To: "+15005550001" }, 21211],
      [{ To: "+15005550002" }, 21612],
      [{ To: "+15005550003" }, 21408],
      [{ To: "+15005550004" }, 21610],
      [{ To: "+15005550009" }, 21614],
      [{ To: SENDER }, 21266],
      [{ From: "" }, 21603],
      [{ From: "n/a" }, 21212],
      [{ From: "+15005550001" }, 21212],
      [{ From: "+15005550008" }, 21611],
      [{ From: "+14155550199" }, 21606],
      [{ From: "+14155550102" }, 21606],
      [{ From: "", MessagingServiceSid: `MG${"0".repeat(32)}` }, 21701],
      [{ Body: "" }, 21602],
      [{ Body: "x".repeat(1_601) }, 21617],
      [{ MediaUrl: Array.from({ length: 11 }, () => media) }, 21623],
      [{ MediaUrl: "not a url" }, 21620],
      [{ From: "+14155550101", MediaUrl: media }, 21621],
      [{ StatusCallback: "not a url" }, 21609],
      [{ StatusCallback: "https://under_score.example/" }, 21609],
      [{ To: `whatsapp:${RECIPIENT}` }, 63007],
      [{ ScheduleType: "fixed", SendAt: "2030-01-01T00:00:00Z" }, 35118],
    ];
    for (const [form, code] of cases) {
      const { status, body } = await account.sendMessage(form);
      assertEquals([status, body.code], [400, code], JSON.stringify(form));
      assertEquals(body.more_info, `https://www.twilio.com/docs/errors/${code}`);
    }
    assertEquals((await account.get<MessageList>("/Messages.json")).body.messages, []);
    assertEquals((await account.sendMessage({ Body: "é".repeat(1_600) })).status, 201);
  });
});

Deno.test("a JSON body has no parameters", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const response = await fetch(account.urlOf("/Messages.json"), {
      method: "POST",
      headers: { authorization: account.authorization, "content-type": "application/json" },
      body: JSON.stringify({ To: RECIPIENT, From: SENDER, Body: "hello" }),
    });
    const body: ErrorAnswer = await response.json();
    assertEquals(body.code, 21604);
  });
});

Deno.test("media makes it an MMS, and its files can be read", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const { body } = await account.sendMessage({
      Body: "",
      MediaUrl: ["https://files.example/a.png", "https://files.example/b.pdf?x=1"],
    });
    await simulator.idle();
    const media = await account.get<{ media_list: Array<{ content_type: string }> }>(
      `/Messages/${body.sid}/Media.json`,
    );

    assertMatch(body.sid, /^MM[0-9a-f]{32}$/);
    assertEquals([body.num_media, body.num_segments], ["2", "1"]);
    assertEquals(media.body.media_list.map((file) => file.content_type), [
      "image/png",
      "application/pdf",
    ]);
    assertEquals((await account.fetchMessage(body.sid)).price, "-0.02000");
  });
});

Deno.test("messages are listed newest first, by recipient, sender and day", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ numbers: [SENDER, "+14155550101"] });
    for (let index = 0; index < 5; index++) await account.sendMessage({ Body: `text ${index}` });
    await account.sendMessage({ To: "+14155558888", From: "+14155550101", Body: "other" });
    await simulator.idle();
    const list = async (query: string) => {
      const { body } = await account.get<MessageList>(`/Messages.json?${query}`);
      return body.messages.map((message) => message.body);
    };
    const day = (offset: number) =>
      new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());

    assertEquals((await list("")).slice(0, 2), ["other", "text 4"]);
    assertEquals(await list("To=%2B14155558888"), ["other"]);
    assertEquals(await list("From=%2B14155550101"), ["other"]);
    assertEquals((await list(`DateSent=${day(0)}`)).length, 6);
    assertEquals((await list(`DateSent=${day(1)}`)).length, 0);
    assertEquals((await list(`DateSent%3E=${day(0)}`)).length, 6);
    assertEquals((await list(`DateSent%3E=${day(1)}`)).length, 0);
    assertEquals((await list(`DateSent%3C=${day(0)}`)).length, 6);
    assertEquals((await list(`DateSent%3C=${day(-1)}`)).length, 0);
    assertEquals((await list(`DateSent%3E=${later}`)).length, 0);
    assertEquals((await list(`DateSent%3C=${later}&To=%2B14155559999`)).length, 5);
    assertEquals((await account.get("/Messages.json?DateSent=never")).status, 400);
  });
});

Deno.test("paging through messages gives each of them once while others are deleted and sent", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    for (let index = 0; index < 7; index++) await account.sendMessage({ Body: `${index}` });
    await simulator.idle();
    const seen: string[] = [];
    let uri: string | null = `/2010-04-01/Accounts/${account.sid}/Messages.json?PageSize=3`;
    while (uri !== null) {
      const { body }: { body: MessageList } = await account.follow<MessageList>(uri);
      seen.push(...body.messages.map((message) => message.body));
      for (const { sid } of body.messages) await account.delete(`/Messages/${sid}.json`);
      await account.sendMessage({ Body: "new" });
      uri = body.next_page_uri;
    }
    assertEquals(seen, ["6", "5", "4", "3", "2", "1", "0"]);
  });
});

Deno.test("a message is deleted or redacted once it is complete, not before", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const { body } = await account.sendMessage();
    const path = `/Messages/${body.sid}.json`;
    const early = await account.delete<ErrorAnswer>(path);
    const earlyRedaction = await account.post<ErrorAnswer>(path, { Body: "" });
    await simulator.control("POST", "/reset");

    assertEquals([early.status, early.body.code], [409, 20009]);
    assertEquals([earlyRedaction.status, earlyRedaction.body.code], [409, 20009]);
  }, { receiptDelayMs: 60_000 });

  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const { body } = await account.sendMessage();
    const path = `/Messages/${body.sid}.json`;
    await simulator.idle();

    assertEquals((await account.post<ErrorAnswer>(path, { Body: "other" })).status, 400);
    assertEquals((await account.post<MessageAnswer>(path, { Body: "" })).body.body, "");
    assertEquals((await account.delete(path)).status, 204);
    assertEquals((await account.delete(path)).status, 404);
  });
});

Deno.test("a service gives a message its sender, and may schedule it until it is canceled", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount({ messaging_services: [{ senders: [SENDER] }] });
      const service = account.answer.messaging_services[0]?.sid ?? "";
      const form = { From: "", MessagingServiceSid: service, StatusCallback: receiver.url };
      const sendAt = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
      const schedule = { ...form, ScheduleType: "fixed" };

      const now = (await account.sendMessage(form)).body;
      await simulator.idle();
      const later = (await account.sendMessage({ ...schedule, SendAt: sendAt(10) })).body;
      const tooSoon = (await account.sendMessage({ ...schedule, SendAt: sendAt(1) })).body;
      const path = `/Messages/${later.sid}.json`;
      const canceled = (await account.post<MessageAnswer>(path, { Status: "canceled" })).body;
      const again = await account.post<ErrorAnswer>(path, { Status: "canceled" });
      const due = (await account.sendMessage({ ...schedule, SendAt: sendAt(10) })).body;
      await simulator.control("POST", `/twilio/messages/${due.sid}/release`);
      await simulator.idle();

      assertEquals([now.status, now.from, now.num_segments], ["accepted", null, "0"]);
      assertEquals((await account.fetchMessage(now.sid)).from, SENDER);
      assertEquals(statusesOf(receiver).slice(0, 3), ["queued", "sent", "delivered"]);
      assertEquals([later.status, canceled.status], ["scheduled", "canceled"]);
      assertEquals([again.status, again.body.code], [409, 30409]);
      assertEquals(tooSoon.code, 35115);
      assertEquals((await account.fetchMessage(due.sid)).status, "delivered");
    });
  });
});

Deno.test("a trial account writes to verified numbers only, and says that it is one", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ type: "Trial", verified_numbers: [RECIPIENT] });

    assertEquals((await account.sendMessage({ To: "+14155558888" })).body.code, 21608);
    assertEquals(
      (await account.sendMessage()).body.body,
      "Sent from your Twilio trial account - hello",
    );
  });
});

Deno.test("WhatsApp takes free text for a day after the recipient wrote, else a template", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({
      numbers: [{ phone_number: SENDER, whatsapp: true }],
    });
    const form = { To: `whatsapp:${RECIPIENT}`, From: `whatsapp:${SENDER}` };
    const send = async (more: Record<string, string> = {}) => {
      const { body } = await account.sendMessage({ ...form, ...more });
      await simulator.idle();
      const message = await account.fetchMessage(body.sid);
      return [message.status, message.error_code];
    };

    assertEquals(await send(), ["failed", 63016]);
    assertEquals(await send({ Body: "", ContentSid: `HX${"0".repeat(32)}` }), ["delivered", null]);
    await simulator.inbound({ from: form.To, to: form.From });
    assertEquals(await send(), ["delivered", null]);
  });
});

Deno.test("usage and balance are computed from what happened", async () => {
  await withSimulator(async (simulator) => {
    interface Usage {
      usage_records: Array<{ category: string; count: string; usage: string; price: string }>;
    }
    const account = await simulator.addAccount({ balance_usd: 10 });
    await account.sendMessage({ Body: "x".repeat(161) });
    await account.sendMessage({ To: "+14155530022" });
    await account.sendMessage({ MediaUrl: "https://files.example/a.png" });
    await simulator.inbound({});
    await simulator.idle();
    const read = async (path: string, category: string) => {
      const { body } = await account.get<Usage>(`/Usage/Records${path}.json?Category=${category}`);
      return body.usage_records.map(({ count, usage, price }) => [count, usage, price]);
    };

    assertEquals(await read("", "sms-outbound"), [["1", "2", "0.01500"]]);
    assertEquals(await read("/Today", "sms"), [["2", "3", "0.02250"]]);
    assertEquals(await read("/Daily", "mms"), [["1", "1", "0.02000"]]);
    assertEquals(await read("/ThisMonth", "totalprice"), [[null, "0.04250", "0.04250"]]);
    assertEquals(await read("/Yesterday", "sms"), [["0", "0", "0.00000"]]);
    assertEquals(await read("", "nonsense"), []);
    const monthly = "/Monthly.json?Category=sms&StartDate=2026-01-15&EndDate=2026-03-02";
    const months = await account.get<{ usage_records: Array<{ start_date: string }> }>(
      `/Usage/Records${monthly}`,
    );
    assertEquals(months.body.usage_records.map((record) => record.start_date), [
      "2026-03-01",
      "2026-02-01",
      "2026-01-15",
    ]);
    const balance = await account.get<{ balance: string }>("/Balance.json");
    assertEquals(balance.body.balance, "9.95750");
  });
});
