import { assert, assertEquals } from "@std/assert";
import { postmark } from "../../supabase/functions/_shared/providers/postmark.ts";
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

Deno.test("postmark: what becomes of an e-mail is told, with user and password", async () => {
  await withMailAccount(postmark, async (given) => {
    const { transport, credentials } = given;
    const send = async (to: string) => {
      const result = await transport.sendMessage(postmark, mail({ to }), credentials);
      return result.ok ? await takeWords(postmark, given) : [result.error.code];
    };
    assertEquals(await send(CONTACT), ["delivered"]);
    assertEquals(await send("opened@example.com"), ["delivered", "read"]);
    assertEquals(await send("deferred@example.com"), ["sending", "delivered"]);
    assertEquals(await send("bounced@example.com"), ["undelivered"]);
    assertEquals(await send("bounced@example.com"), ["recipient_opted_out"]);
    assertEquals(await send("unsubscribed@example.com"), [
      "delivered",
      "opt_out unsubscribed@example.com",
    ]);
    assertEquals(await send("unsubscribed@example.com"), ["recipient_opted_out"]);
  });
});

Deno.test("postmark: inbound mail comes with the password of the URL, and with no other counts", async () => {
  await withMailAccount(postmark, async (given) => {
    const { receiver, secret, settings, credentials } = given;
    const { message_sid, delivery } = await write(postmark, given, { cc: ["carol@example.com"] });
    assert(delivery && !delivery.url.includes("@"));
    const [event] = await readProven(postmark, given, receiver.webhooks.splice(0, 1));
    assert(event?.kind === "message" && event.channel === "email");
    assertEquals(
      [event.externalId, event.from, event.to, event.cc, event.text, event.references],
      [message_sid, CONTACT, SENDER, ["carol@example.com"], "Grüße", ["m1@shop.example"]],
    );

    receiver.webhooks.length = 0;
    for (const signature of ["forged", "missing"]) await write(postmark, given, { signature });
    assert(receiver.webhooks.length > 0);
    for (const webhook of receiver.webhooks) {
      assertEquals(await isProvenBy(postmark, secret, webhook), false);
    }
    assertEquals((await configure(postmark, given, credentials, {})).settings, settings);
  });
});

Deno.test("postmark: what can be read is read", async () => {
  await withMailAccount(postmark, (given) => checkReading(postmark, given));
});

Deno.test("postmark: wrong tokens and unknown senders are refused", async () => {
  await withMailAccount(postmark, async ({ transport, credentials }) => {
    const stranger = { ...credentials, server_token: crypto.randomUUID() };
    const refused = await transport.sendMessage(postmark, mail(), stranger);
    assert(!refused.ok);
    assertEquals([refused.error.code, refused.error.providerCode], ["authentication_failed", "10"]);
    const other = mail({ from: "me@other.example" });
    const unknown = await transport.sendMessage(postmark, other, credentials);
    assert(!unknown.ok);
    assertEquals([unknown.error.code, unknown.error.providerCode], ["invalid_sender", "400"]);
  });
});

Deno.test("postmark: faults spoil a send, and a receipt can be forged", async () => {
  await withMailAccount(postmark, async (given) => {
    const { simulator, transport, credentials, receiver, secret } = given;
    const addFault = (fault: Record<string, unknown>) =>
      simulator.addFault({ provider: "postmark", operation: "email.send", times: 1, ...fault });
    const send = async () => {
      const result = await transport.sendMessage(postmark, mail(), credentials);
      await simulator.idle();
      return result.ok ? "ok" : [result.error.code, result.error.isAmbiguous];
    };
    await addFault({ kind: "server_error", status: 503 });
    assertEquals(await send(), ["provider_unavailable", true]);
    await addFault({ kind: "reset", stage: "after" });
    assertEquals(await send(), ["connection_lost", true]);
    receiver.webhooks.length = 0;

    await addFault({ kind: "receipt_forged" });
    assertEquals(await send(), "ok");
    const [forged] = receiver.webhooks;
    assert(forged);
    assertEquals(await isProvenBy(postmark, secret, forged), false);
  });
});
