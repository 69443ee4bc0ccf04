import { assert, assertEquals, assertRejects } from "@std/assert";
import { RECIPIENT, SENDER, withSimulator } from "./support/simulator.ts";
import { createClient } from "./support/twilio_sdk.ts";

Deno.test("Twilio's own library sends, reads and pages through messages", async () => {
  await withSimulator(async (simulator) => {
    const client = createClient(await simulator.addAccount());
    const sent = await client.messages.create({ to: RECIPIENT, from: SENDER, body: "one" });
    for (const body of ["two", "three", "four"]) {
      await client.messages.create({ to: RECIPIENT, from: SENDER, body });
    }
    await simulator.idle();

    const fetched = await client.messages(sent.sid).fetch();
    const listed = await client.messages.list({ pageSize: 2, limit: 10 });

    assertEquals([sent.status, fetched.status], ["queued", "delivered"]);
    assert(fetched.dateSent instanceof Date);
    assertEquals(listed.map((message) => message.body), ["four", "three", "two", "one"]);
  });
});

Deno.test("Twilio's own library searches, buys, configures and releases a number", async () => {
  await withSimulator(async (simulator) => {
    const client = createClient(await simulator.addAccount());
    const [offer] = await client.availablePhoneNumbers("US").local.list({ areaCode: 415 });
    const phoneNumber = offer?.phoneNumber ?? "";

    const bought = await client.incomingPhoneNumbers.create({ phoneNumber });
    const smsUrl = "https://project.example/inbound";
    const configured = await client.incomingPhoneNumbers(bought.sid).update({ smsUrl });
    const wasReleased = await client.incomingPhoneNumbers(bought.sid).remove();

    assertEquals([bought.phoneNumber, configured.smsUrl], [phoneNumber, smsUrl]);
    assert(wasReleased);
  });
});

Deno.test("Twilio's own library reads account, balance and usage, and understands errors", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const client = createClient(account);
    assertEquals((await client.api.accounts(account.sid).fetch()).status, "active");
    assertEquals((await client.balance.fetch()).currency, "USD");
    assertEquals((await client.usage.records.thisMonth.list({ category: "sms" })).length, 1);

    const error = await assertRejects(() =>
      client.messages.create({ to: "nobody", from: SENDER, body: "hello" })
    );

    assert("code" in error && "status" in error);
    assertEquals([error.code, error.status], [21211, 400]);
  });
});
