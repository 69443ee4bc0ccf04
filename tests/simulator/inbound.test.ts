import { assert, assertEquals } from "@std/assert";
import { unusedUrl, withReceiver } from "./support/receiver.ts";
import {
  type MessageAnswer,
  RECIPIENT,
  SENDER,
  type TestAccount,
  type TestSimulator,
  withSimulator,
} from "./support/simulator.ts";
import { validateRequest } from "./support/twilio_sdk.ts";

async function addAccount(simulator: TestSimulator, smsUrl: string, smsFallbackUrl = "") {
  return await simulator.addAccount({
    numbers: [{ phone_number: SENDER, sms_url: smsUrl, sms_fallback_url: smsFallbackUrl }],
  });
}

function twiml(body: string, contentType = "text/xml"): Response {
  return new Response(body, { headers: { "content-type": contentType } });
}

async function bodiesSentBy(account: TestAccount): Promise<string[]> {
  const { body } = await account.get<{ messages: MessageAnswer[] }>("/Messages.json");
  return body.messages.filter(({ direction }) => direction === "outbound-reply")
    .map((message) => message.body).reverse();
}

Deno.test("an inbound message is posted to the number's URL, signed", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const url = `${receiver.url}/webhooks/twilio/token?x=y'`;
      const account = await addAccount(simulator, `${url}#rc=5`);

      const result = await simulator.inbound({ body: "Hi & bye ✓" });

      const [webhook] = receiver.webhooks;
      assert(webhook);
      const { form, headers } = webhook;
      assertEquals([form.From, form.To, form.Body], [RECIPIENT, SENDER, "Hi & bye ✓"]);
      assertEquals([form.MessageSid, form.SmsSid], [result.message_sid, result.message_sid]);
      assertEquals([form.NumMedia, form.NumSegments, form.SmsStatus], ["0", "1", "received"]);
      const signature = headers.get("x-twilio-signature") ?? "";
      assert(validateRequest(account.authToken, signature, url, form));
      assertEquals([result.delivery?.status, result.delivery?.attempts.length], [204, 1]);
      const stored = await account.fetchMessage(result.message_sid);
      assertEquals([stored.direction, stored.status], ["inbound", "received"]);
    });
  });
});

Deno.test("with GET the parameters are in the signed URL", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await addAccount(simulator, "");
      await account.post(`/IncomingPhoneNumbers/${account.answer.numbers[0]?.sid}.json`, {
        SmsUrl: `${receiver.url}/in?a=1`,
        SmsMethod: "GET",
      });
      await simulator.inbound({});

      const [webhook] = receiver.webhooks;
      assert(webhook);
      assertEquals([webhook.method, webhook.text], ["GET", ""]);
      assertEquals(new URL(webhook.url).searchParams.get("From"), RECIPIENT);
      const signature = webhook.headers.get("x-twilio-signature") ?? "";
      assert(validateRequest(account.authToken, signature, webhook.url, {}));
    });
  });
});

Deno.test("a test may forge or leave out the signature, and send a message twice", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await addAccount(simulator, receiver.url);
      const first = await simulator.inbound({ signature: "forged" });
      await simulator.inbound({ signature: "missing", message_sid: first.message_sid });
      const signatures = receiver.webhooks.map(({ headers }) => headers.get("x-twilio-signature"));
      const [forged] = signatures;

      assert(
        !validateRequest(
          account.authToken,
          forged ?? "",
          `${receiver.url}/`,
          receiver.webhooks[0]?.form ?? {},
        ),
      );
      assertEquals(signatures[1], null);
      assertEquals(receiver.webhooks[1]?.form.MessageSid, first.message_sid);
      const { body } = await account.get<{ messages: unknown[] }>("/Messages.json");
      assertEquals(body.messages.length, 1);
    });
  });
});

Deno.test("media of an inbound message can be fetched with the account's credentials only", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await addAccount(simulator, receiver.url);
      await simulator.inbound({
        body: "",
        media: [{ content_type: "text/plain", content_base64: btoa("file") }, {}],
      });
      const form = receiver.webhooks[0]?.form ?? {};
      const url = (form.MediaUrl0 ?? "").replace("https://", `${simulator.url}/`);
      const refused = await fetch(url);
      await refused.body?.cancel();
      const file = await account.send<string>("GET", url);

      assertEquals([form.NumMedia, form.MediaContentType0, form.MediaContentType1], [
        "2",
        "text/plain",
        "image/png",
      ]);
      assertEquals([refused.status, file.status, file.body], [401, 200, "file"]);
    });
  });
});

Deno.test("messages in a TwiML answer are sent back, with receipts of their own", async () => {
  const answer = `<?xml version="1.0" encoding="UTF-8"?><Response>
    <!-- <Message>not this</Message> -->
    <Message>Plain &amp; simple</Message>
    <Message to="+14155557777" statusCallback="CALLBACK"><Body>Two</Body>
      <Media>https://files.example/a.png</Media></Message>
  </Response>`;
  await withReceiver(async (receiver) => {
    await withReceiver(async (statuses) => {
      await withSimulator(async (simulator) => {
        const account = await addAccount(simulator, `${receiver.url}/?callback=${statuses.url}`);
        const result = await simulator.inbound({});
        await simulator.idle();

        assertEquals(await bodiesSentBy(account), ["Plain & simple", "Two"]);
        assertEquals(result.replies.map(({ to, num_media }) => [to, num_media]), [
          [RECIPIENT, "0"],
          ["+14155557777", "1"],
        ]);
        assertEquals(statuses.webhooks.map(({ form }) => form.MessageStatus), [
          "sent",
          "delivered",
        ]);
      });
    });
  }, (webhook) => {
    const callback = new URL(webhook.url).searchParams.get("callback") ?? "";
    return twiml(answer.replace("CALLBACK", callback));
  });
});

Deno.test("an empty answer sends nothing, plain text is the reply, and other types are errors", async () => {
  const cases: Array<[answer: () => Response, replies: string[], errors: number[]]> = [
    [() => twiml("<Response/>"), [], []],
    [() => twiml("<Response></Response>", "application/xml"), [], []],
    [() => new Response(null, { status: 200 }), [], []],
    [() => twiml("ok", "text/plain"), ["ok"], []],
    [() => Response.json({ ok: true }), [], [12300]],
    [() => twiml("<Response><Message>hi</Message></Response>", "text/html"), ["hi"], []],
    [() => twiml("<Respons>"), [], [12100]],
    [() => new Response("", { status: 500 }), [], [11200]],
    [() => new Response("", { status: 403 }), [], [11200]],
  ];
  for (const [answer, replies, errors] of cases) {
    await withReceiver(async (receiver) => {
      await withSimulator(async (simulator) => {
        const account = await addAccount(simulator, receiver.url);
        const result = await simulator.inbound({});
        assertEquals(await bodiesSentBy(account), replies);
        assertEquals(result.error_codes, errors);
        assertEquals(receiver.webhooks.length, 1);
      });
    }, answer);
  }
});

Deno.test("the fallback URL is called once, with the reason, and only on failure", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await addAccount(
        simulator,
        `${receiver.url}/first`,
        `${receiver.url}/fallback`,
      );
      const failed = await simulator.inbound({});

      assertEquals(failed.deliveries.map(({ purpose, status }) => [purpose, status]), [
        ["inbound", 500],
        ["inbound_fallback", 200],
      ]);
      const form = receiver.webhooks[1]?.form ?? {};
      assertEquals([form.ErrorCode, form.ErrorUrl], ["11200", `${receiver.url}/first`]);
      assertEquals(form.MessageSid, failed.message_sid);
      const signature = receiver.webhooks[1]?.headers.get("x-twilio-signature") ?? "";
      assert(validateRequest(account.authToken, signature, `${receiver.url}/fallback`, form));

      const fine = await simulator.inbound({});
      assertEquals(fine.deliveries.length, 1);
    });
  }, (_, index) => new Response("", { status: index === 0 ? 500 : 200 }));
});

Deno.test("an inbound message to a number without a URL is kept and told to nobody", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const result = await simulator.inbound({});
    assertEquals(result.delivery, null);
    assertEquals((await account.fetchMessage(result.message_sid)).body, "hello");
  });
});

Deno.test("retries follow the connection overrides in the URL", async () => {
  const nobody = unusedUrl();
  const failing = (status: number) => () => new Response("", { status });
  const attempts = async (simulator: TestSimulator, account: TestAccount, url: string) => {
    const path = `/IncomingPhoneNumbers/${account.answer.numbers[0]?.sid}.json`;
    await account.post(path, { SmsUrl: url });
    return (await simulator.inbound({})).delivery?.attempts ?? [];
  };

  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const count = async (url: string) => (await attempts(simulator, account, url)).length;

    assertEquals(await count(nobody), 2);
    assertEquals(await count(`${nobody}#rc=0`), 1);
    assertEquals(await count(`${nobody}#rc=5&rp=5xx,ct,rt`), 6);
    assertEquals(await count(`${nobody}#rc=5&rp=5xx`), 1);
    assertEquals(await count(`${nobody}#rc=9`), 2);
    assertEquals((await attempts(simulator, account, nobody))[0]?.failure, "connection");
    await withReceiver(async (receiver) => {
      assertEquals(await count(receiver.url), 1);
      assertEquals(await count(`${receiver.url}#rc=3&rp=5xx`), 4);
      assertEquals(await count(`${receiver.url}#rc=3&rp=4xx`), 1);
    }, failing(503));
    await withReceiver(async (receiver) => {
      assertEquals(await count(`${receiver.url}#rc=2&rp=4xx`), 3);
      assertEquals(await count(`${receiver.url}#rc=2&rp=5xx`), 1);
    }, failing(429));
    await withReceiver(async (receiver) => {
      assertEquals(await count(`${receiver.url}#rc=5&rp=all`), 1);
    });
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const url = `http://127.0.0.1:${listener.addr.port}/`;
    const tried = await attempts(simulator, account, `${url}#rt=100&rc=1&rp=rt`);
    assertEquals(tried.map(({ failure }) => failure), ["timeout", "timeout"]);
    const bounded = await attempts(simulator, account, `${url}#rt=100&rc=5&rp=rt&tt=250`);
    assert(bounded.length <= 3, `${bounded.length} attempts`);
  });
  listener.close();
});

Deno.test("STOP blocks exactly that pair, START frees it, and Twilio confirms each once", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ numbers: [SENDER, "+14155550121"] });
    const codes = async () => [
      (await account.sendMessage()).body.code,
      (await account.sendMessage({ From: "+14155550121" })).body.code,
      (await account.sendMessage({ To: "+14155558888" })).body.code,
    ];

    await simulator.inbound({ body: "stop please" });
    assertEquals(await codes(), [undefined, undefined, undefined]);
    const stopped = await simulator.inbound({ body: " Stop\n" });
    assertEquals([stopped.keyword, stopped.replies.length], ["STOP", 1]);
    assertEquals((await simulator.inbound({ body: "STOP" })).replies.length, 0);
    assertEquals(await codes(), [21610, undefined, undefined]);
    const started = await simulator.inbound({ body: "START" });
    assertEquals([started.keyword, started.replies.length], ["START", 1]);
    assertEquals(await codes(), [undefined, undefined, undefined]);
    const help = await simulator.inbound({ body: "help" });
    assertEquals([help.keyword, help.replies.length], ["HELP", 1]);
  });
});

Deno.test("every stop word of Twilio stops, and YES does not restart a toll-free number", async () => {
  await withSimulator(async (simulator) => {
    const tollFree = "+18335550100";
    const account = await simulator.addAccount({ numbers: [SENDER, tollFree] });
    const words = ["STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
    for (const body of words) {
      await simulator.inbound({ body });
      assertEquals((await account.sendMessage()).body.code, 21610, body);
      await simulator.inbound({ body: "YES" });
      assertEquals((await account.sendMessage()).status, 201, body);
    }
    const send = async () => (await account.sendMessage({ From: tollFree })).body.code;
    await simulator.inbound({ to: tollFree, body: "STOP" });
    await simulator.inbound({ to: tollFree, body: "YES" });
    assertEquals(await send(), 21610);
    await simulator.inbound({ to: tollFree, body: "UNSTOP" });
    assertEquals(await send(), undefined);
  });
});

Deno.test("an answer to STOP reaches nobody", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      await addAccount(simulator, receiver.url);
      const result = await simulator.inbound({ body: "STOP" });
      assertEquals(result.replies.length, 1);
      assertEquals(result.error_codes, [21610]);
    });
  }, () => twiml("<Response><Message>Sorry to see you go</Message></Response>"));
});

Deno.test("advanced opt-out tells the product which keyword it was", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const service = { senders: [SENDER], inbound_request_url: `${receiver.url}/service` };
      await simulator.addAccount({ messaging_services: [{ ...service, advanced_opt_out: true }] });
      await simulator.inbound({ body: "STOP" });
      await simulator.inbound({ body: "STOP it" });
      assertEquals(receiver.webhooks.map(({ form }) => form.OptOutType), ["STOP", undefined]);
      assertEquals(receiver.webhooks[0]?.url, `${receiver.url}/service`);
    });
  });
});
