import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { readMessage, runLookUps, untilStatus } from "../../support/messages.ts";
import { eventually } from "../../support/poll.ts";
import { makeDue } from "../../support/queue.ts";
import { control } from "../../support/simulator.ts";
import { connectToDatabase } from "../../support/stack.ts";
import { recreateAccount } from "./accounts.ts";
import {
  countRequests,
  type Desk,
  freshContact,
  openDesk,
  send,
  setFault,
  takenBy,
} from "./desk.ts";

/** The provider takes one message and does not say so; the result tells how often it was asked by then. */
async function loseAnswer(desk: Desk, receipts: "receipt_late" | "receipt_dropped") {
  const to = freshContact(desk.account);
  const operation = desk.account.sendOperation;
  const scope = { times: 1, ...(desk.account.channel === "sms" ? { number: to } : {}) };
  await setFault(desk, { kind: receipts, ...scope });
  await setFault(desk, { kind: "server_error", stage: "after", operation, ...scope });
  const before = await countRequests(desk, operation);
  const id = await send(desk, to);
  const lost = await eventually("the outcome to be unknown", async () => {
    const message = await readMessage(id);
    return message.message_attempts[0]?.outcome === "unknown" && message;
  });
  const asked = await countRequests(desk, operation);
  assertEquals([lost.status, asked - before], ["sending", 1]);
  return { id, to, asked };
}

/** Their lists hold neither our reference nor the text: nothing to recognise a message by. */
const LISTS_TELL_TOO_LITTLE = ["bandwidth", "sendgrid"];

for (const provider of providers.values()) {
  const { displayName } = provider;
  let shared: Promise<Desk> | undefined;
  const openSharedDesk = () => shared ??= openDesk(provider);

  Deno.test(`a message sent through ${displayName} is delivered, as its receipts say`, async () => {
    const desk = await openSharedDesk();
    const to = freshContact(desk.account);

    const id = await send(desk, to);

    const { message_attempts: attempts } = await untilStatus(id, "delivered");
    assertEquals(attempts.map(({ outcome }) => outcome), ["accepted"]);
    const [taken, ...others] = await takenBy(desk, to);
    assert(JSON.stringify(taken).includes(attempts[0]!.external_id!), JSON.stringify(taken));
    assertEquals(others, []);
  });

  Deno.test(`a receipt that ${displayName} did not sign changes nothing`, async () => {
    const desk = await openSharedDesk();
    const to = freshContact(desk.account);
    const number = desk.account.channel === "sms" ? { number: to } : {};
    await setFault(desk, { kind: "receipt_forged", times: 1, ...number });

    const id = await send(desk, to);

    const { message_attempts: [attempt] } = await eventually(
      "the message to be taken",
      async () => {
        const message = await readMessage(id);
        return message.message_attempts[0]?.outcome === "accepted" && message;
      },
    );
    await control(`/idle?account_sid=${desk.account.sid}`);
    const { deliveries } = await control(`/deliveries?message_sid=${attempt!.external_id}`);
    const statuses = deliveries.map(({ status }: { status: number }) => status);
    assertEquals([...new Set(statuses)], [desk.account.refusalStatus]);
    assertNotEquals((await readMessage(id)).status, "delivered");
  });

  Deno.test(`what ${displayName} refuses has failed, with our code`, async () => {
    const desk = await openDesk(provider);
    const { to = freshContact(desk.account), account, errorCode } = desk.account.refused;
    if (account) await recreateAccount(desk.account, account);

    const id = await send(desk, to);

    const message = await untilStatus(id, "failed");
    assertEquals(message.error_code, errorCode, JSON.stringify(message.message_attempts));
    assertEquals(message.message_attempts.map(({ outcome }) => outcome), ["rejected"]);
    assertEquals(await takenBy(desk, to), []);
  });

  Deno.test(`a message whose answer ${displayName} kept to itself is settled by its receipt`, async () => {
    const desk = await openSharedDesk();
    const { id, to, asked } = await loseAnswer(desk, "receipt_late");

    await eventually("a receipt to be held", async () => {
      const { receipts } = await control(`/receipts?account_sid=${desk.account.sid}`);
      return receipts.length > 0;
    });
    await control(`/idle?account_sid=${desk.account.sid}`);
    await control("/receipts/release", { json: { account_sid: desk.account.sid } });

    await untilStatus(id, "delivered");
    assertEquals((await takenBy(desk, to)).length, 1);
    assertEquals(await countRequests(desk, desk.account.sendOperation), asked);
  });

  if (!provider.searchMessages || LISTS_TELL_TOO_LITTLE.includes(provider.id)) continue;
  Deno.test(`a message whose answer ${displayName} kept to itself is found again`, async () => {
    const sql = connectToDatabase(1);
    const desk = await openSharedDesk();
    const { id, to, asked } = await loseAnswer(desk, "receipt_dropped");
    await control(`/idle?account_sid=${desk.account.sid}`);

    await makeDue(sql, id);
    await runLookUps();
    await sql.end();

    const { message_attempts: [attempt] } = await readMessage(id);
    assertEquals(attempt!.outcome, "accepted");
    const [taken, ...others] = await takenBy(desk, to);
    assert(JSON.stringify(taken).includes(attempt!.external_id!), JSON.stringify(taken));
    assertEquals(others, []);
    assertEquals(await countRequests(desk, desk.account.sendOperation), asked);
  });
}
