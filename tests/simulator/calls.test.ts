import { assert, assertEquals, assertMatch } from "@std/assert";
import { withReceiver } from "./support/receiver.ts";
import { type ErrorAnswer, RECIPIENT, SENDER, withSimulator } from "./support/simulator.ts";
import { validateRequest } from "./support/twilio_sdk.ts";

const SPOKEN = {
  To: RECIPIENT,
  From: SENDER,
  Twiml: "<Response><Say>Your appointment is at 3</Say></Response>",
};

Deno.test("a call is queued, then rings, is answered and ends, as signed callbacks say", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      const form = { ...SPOKEN, StatusCallback: `${receiver.url}/call` };

      const { status, body } = await account.post<Record<string, string>>("/Calls.json", form);
      await simulator.idle();

      assertEquals([status, body.status, body.from, body.to], [201, "queued", SENDER, RECIPIENT]);
      assertMatch(body.sid!, /^CA[0-9a-f]{32}$/);
      assertEquals(receiver.webhooks.map(({ form }) => form.CallStatus), [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
      ]);
      for (const { url, form, headers } of receiver.webhooks) {
        const signature = headers.get("x-twilio-signature") ?? "";
        assert(validateRequest(account.authToken, signature, url, form));
        assertEquals([form.CallSid, form.AccountSid], [body.sid, account.sid]);
      }
      assertEquals(receiver.webhooks.at(-1)!.form.CallDuration, "7");
    });
  });
});

Deno.test("a call is refused without a number of the account, a recipient or something to say", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const { Twiml: _, ...silent } = SPOKEN;
    const cases: [form: Record<string, string>, code: number][] = [
      [{ ...SPOKEN, From: "+14155559998" }, 21210],
      [{ ...SPOKEN, To: "somebody" }, 21211],
      [{ ...SPOKEN, To: "+15005550001" }, 21211],
      [silent, 21205],
    ];

    for (const [form, code] of cases) {
      const { status, body } = await account.post<ErrorAnswer>("/Calls.json", form);
      assertEquals([status, body.code], [400, code]);
    }
  });
});
