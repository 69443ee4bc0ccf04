import { assert, assertEquals } from "@std/assert";
import { sendgrid } from "../../supabase/functions/_shared/providers/sendgrid.ts";
import {
  checkReading,
  configure,
  CONTACT,
  isProvenBy,
  mail,
  readProven,
  SENDER,
  takeWords,
  withMailAccount,
  write,
} from "./support/mail.ts";

const INBOUND = { inbound_hostname: "shop.example" };

Deno.test("sendgrid: what becomes of an e-mail is told, signed", async () => {
  await withMailAccount(sendgrid, async (given) => {
    const { transport, credentials } = given;
    const send = async (to: string) => {
      const result = await transport.sendMessage(sendgrid, mail({ to }), credentials);
      assert(result.ok);
      return await takeWords(sendgrid, given);
    };
    assertEquals(await send(CONTACT), ["sent", "delivered"]);
    assertEquals(await send("deferred@example.com"), ["sent", "sending", "delivered"]);
    assertEquals(await send("bounced@example.com"), ["sent", "undelivered"]);
    assertEquals(await send("bounced@example.com"), ["failed"]);
    assertEquals(await send("complained@example.com"), [
      "sent",
      "delivered",
      "opt_out complained@example.com",
    ]);
  });
});

Deno.test("sendgrid: inbound mail is signed by its policy's key, and a forger's is not taken", async () => {
  await withMailAccount(sendgrid, async (given) => {
    const { receiver, secret, settings, credentials } = given;
    assertEquals(secret.split(" ").length, 2);
    const { delivery } = await write(sendgrid, given, { cc: ["carol@example.com"] });
    assertEquals(delivery?.status, 200);
    const [event] = await readProven(sendgrid, given, receiver.webhooks.splice(0));
    assert(event?.kind === "message" && event.channel === "email");
    assertEquals(
      [event.from, event.to, event.cc, event.subject, event.text, event.references],
      [CONTACT, SENDER, ["carol@example.com"], "Re: Your order 👍", "Grüße", ["m1@shop.example"]],
    );

    for (const signature of ["forged", "missing"]) await write(sendgrid, given, { signature });
    for (const webhook of receiver.webhooks) {
      assertEquals(await isProvenBy(sendgrid, secret, webhook), false);
    }
    const again = await configure(sendgrid, given, credentials, settings);
    assertEquals(again, { secret, settings });
  }, INBOUND);
});

Deno.test("sendgrid: what can be read is read", async () => {
  await withMailAccount(sendgrid, async (given) => {
    await checkReading(sendgrid, given);
    const { transport, credentials } = given;
    const balance = await transport.call(sendgrid, sendgrid.readBalance, undefined, credentials);
    assert(balance.ok);
    assertEquals(balance.value, { amount: "9999", currency: "credits" });
  });
});

Deno.test("sendgrid: wrong keys and unknown senders are refused", async () => {
  await withMailAccount(sendgrid, async ({ transport, credentials }) => {
    const send = async (change: Parameters<typeof mail>[0], key = credentials.api_key ?? "") => {
      const result = await transport
        .sendMessage(sendgrid, mail(change), { ...credentials, api_key: key });
      return result.ok ? "ok" : result.error.code;
    };
    assertEquals(await send({}, "SG.wrong.0000000000000"), "authentication_failed");
    assertEquals(await send({ from: "me@other.example" }), "invalid_sender");
    assertEquals(await send({ from: "any@shop.example" }), "ok");
  });
});

Deno.test("sendgrid: faults spoil a send, before it is done or after", async () => {
  await withMailAccount(sendgrid, async (given) => {
    const { simulator, transport, credentials } = given;
    const send = async (fault: Record<string, unknown>) => {
      await simulator.addFault({
        provider: "sendgrid",
        operation: "mail.send",
        times: 1,
        ...fault,
      });
      const result = await transport.sendMessage(sendgrid, mail(), credentials);
      assert(!result.ok);
      const { code, isAmbiguous } = result.error;
      return [code, isAmbiguous, await takeWords(sendgrid, given), result.error.retryAfterMs];
    };
    assertEquals(await send({ kind: "rate_limited", retry_after_seconds: 7 }), [
      "rate_limited",
      false,
      [],
      7000,
    ]);
    const done = ["sent", "delivered"];
    assertEquals(await send({ kind: "server_error", stage: "after" }), [
      "provider_unavailable",
      true,
      done,
      undefined,
    ]);
    assertEquals(await send({ kind: "garbage" }), ["unreadable", true, done, undefined]);
  });
});
