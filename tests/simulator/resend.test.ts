import { assert, assertEquals } from "@std/assert";
import { resend } from "../../supabase/functions/_shared/providers/resend.ts";
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

Deno.test("resend: what becomes of an e-mail is told, signed", async () => {
  await withMailAccount(resend, async (given) => {
    const { transport, credentials } = given;
    let count = 0;
    const send = async (to: string) => {
      const result = await transport.sendMessage(
        resend,
        mail({ to, subject: `${++count}`, reference: "attempt.1" }),
        credentials,
      );
      return result.ok ? await takeWords(resend, given) : [result.error.providerCode];
    };
    assertEquals(await send(CONTACT), ["sent", "delivered"]);
    assertEquals(await send(CONTACT), ["invalid_idempotent_request"], "the key is spent");
  });
  for (
    const [to, words] of [
      ["bounced@example.com", ["sent", "undelivered"]],
      ["dropped@example.com", ["failed"]],
      ["complained@example.com", ["sent", "delivered", "opt_out complained@example.com"]],
    ] as const
  ) {
    await withMailAccount(resend, async (given) => {
      const { transport, credentials } = given;
      assert((await transport.sendMessage(resend, mail({ to }), credentials)).ok);
      assertEquals(await takeWords(resend, given), [...words]);
    });
  }
});

Deno.test("resend: a received e-mail is announced, signed, and fetched", async () => {
  await withMailAccount(resend, async (given) => {
    const { receiver, secret, settings, credentials, transport } = given;
    const { message_sid } = await write(resend, given, { cc: ["carol@example.com"] });
    const [event] = await readProven(resend, given, receiver.webhooks.splice(0));
    assert(event?.kind === "message" && event.channel === "email");
    assertEquals(
      [event.externalId, event.from, event.to, event.cc, event.text],
      [message_sid, CONTACT, SENDER, ["carol@example.com"], ""],
    );
    const { externalId } = event;
    const whole = await transport.call(resend, resend.readInbound, { externalId }, credentials);
    assert(whole.ok);
    assertEquals(whole.value, { ...event, text: "Grüße", references: ["m1@shop.example"] });

    for (const signature of ["forged", "missing"]) await write(resend, given, { signature });
    for (const webhook of receiver.webhooks) {
      assertEquals(await isProvenBy(resend, secret, webhook), false);
    }
    assertEquals(await configure(resend, given, credentials, {}), { secret, settings });
  });
});

Deno.test("resend: what can be read is read, but not with a key that may only send", async () => {
  await withMailAccount(resend, async (given) => {
    await checkReading(resend, given);
    const { transport, account } = given;
    const credentials = { api_key: account.sending_api_key ?? "", from_address: SENDER };
    const valid = await transport.call(resend, resend.validateCredentials, undefined, credentials);
    assert(valid.ok);
    assertEquals(valid.value.providerStatus, "sending_access");
    const senders = await transport.call(resend, resend.listEmailSenders, {}, credentials);
    assert(senders.ok);
    assertEquals(senders.value.items.map(({ emailAddress }) => emailAddress), [SENDER]);
    const externalId = crypto.randomUUID();
    const found = await transport.call(resend, resend.lookUpMessage, { externalId }, credentials);
    assert(!found.ok);
    assertEquals(found.error.code, "permission_missing");
    const sent = await transport.sendMessage(resend, mail({ reference: "two" }), credentials);
    assert(sent.ok);
  });
});

Deno.test("resend: wrong keys and unknown senders are refused", async () => {
  await withMailAccount(resend, async ({ transport, credentials }) => {
    const send = async (change: Parameters<typeof mail>[0], key = credentials.api_key ?? "") => {
      const result = await transport
        .sendMessage(resend, mail(change), { ...credentials, api_key: key });
      return result.ok ? "ok" : result.error.code;
    };
    assertEquals(await send({}, "re_wrong0000"), "authentication_failed");
    assertEquals(await send({ from: "me@other.example" }), "invalid_sender");
  });
});

Deno.test("resend: an attempt that is repeated after an error is the same e-mail", async () => {
  await withMailAccount(resend, async (given) => {
    const { simulator, transport, credentials } = given;
    const send = () => transport.sendMessage(resend, mail(), credentials);
    for (const kind of ["server_error", "garbage", "reset"]) {
      const stage = kind === "garbage" ? {} : { stage: "after" };
      await simulator.addFault({
        provider: "resend",
        operation: "emails.send",
        times: 1,
        kind,
        ...stage,
      });
      const lost = await send();
      assert(!lost.ok && lost.error.isAmbiguous, kind);
    }
    const [one, two] = [await send(), await send()];
    assert(one.ok && two.ok);
    assertEquals(one.value, two.value);
    assertEquals(await takeWords(resend, given), ["sent", "delivered"]);
  });
});
