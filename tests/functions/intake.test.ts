import { assertEquals, assertRejects } from "@std/assert";
import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import {
  createIntake,
  type VerifiedWebhook,
} from "../../supabase/functions/_shared/webhooks/intake.ts";
import { scriptedService, succeed } from "../support/scripted_service.ts";

/** A database whose answers the test gives when it likes. */
function scriptedDatabase() {
  const calls: { webhooks: VerifiedWebhook[]; answer: (refusal?: string) => void }[] = [];
  const service = {
    rpc(_name: string, { webhooks }: { webhooks: VerifiedWebhook[] }) {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      calls.push({
        webhooks,
        answer: (refusal) =>
          resolve(
            refusal
              ? {
                data: null,
                error: { code: refusal, message: "", details: "", hint: "" },
                status: 500,
              }
              : {
                data: webhooks.map((webhook, webhook_index) => ({
                  webhook_index,
                  state: `processed ${webhook.body}`,
                })),
                error: null,
                status: 200,
              },
          ),
      });
      return Object.assign(promise, { abortSignal: () => promise });
    },
  };
  return { calls, service: service as unknown as DatabaseClient };
}

const webhook = (body: string): VerifiedWebhook => ({ connection_id: "c", events: [], body });
const nextTurn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("intake sends a lone webhook at once, and a burst together while the database is busy", async () => {
  const { calls, service } = scriptedDatabase();
  const intake = createIntake(service, () => {});

  const answers = Array.from({ length: 6 }, (_, index) => intake.take(webhook(String(index))));
  assertEquals(calls.map((call) => call.webhooks.length), [1, 1]);
  calls[0]!.answer();
  await answers[0];
  await nextTurn();
  assertEquals(calls.map((call) => call.webhooks.length), [1, 1, 4]);
  calls[1]!.answer();
  calls[2]!.answer();

  assertEquals(
    await Promise.all(answers),
    Array.from({ length: 6 }, (_, index) => [`processed ${index}`]),
  );
});

Deno.test("intake lets nobody suffer for a webhook that the database refuses", async () => {
  const { calls, service } = scriptedDatabase();
  const intake = createIntake(service, () => {});
  const [first, second] = [intake.take(webhook("a")), intake.take(webhook("b"))];
  const [good, bad] = [intake.take(webhook("good")), intake.take(webhook("bad"))];
  calls[0]!.answer();
  calls[1]!.answer();
  await Promise.all([first, second]);
  await nextTurn();

  calls[2]!.answer("22P02");
  await nextTurn();
  calls[3]!.answer();
  calls[4]!.answer("22P02");

  assertEquals(await good, ["processed good"]);
  await assertRejects(() => bad);
  const later = intake.take(webhook("later"));
  calls[5]!.answer();
  assertEquals(await later, ["processed later"], "and it goes on");
});

Deno.test("intake gives everybody their answer when the database is down, without asking it again for each", async () => {
  const { calls, service } = scriptedDatabase();
  const intake = createIntake(service, () => {});
  const answers = Array.from({ length: 10 }, (_, index) => intake.take(webhook(String(index))));
  const ends = Promise.allSettled(answers);

  calls[0]!.answer("57014");
  calls[1]!.answer("57014");
  await nextTurn();
  calls[2]!.answer("57014");

  assertEquals((await ends).map((end) => end.status), Array(10).fill("rejected"));
  assertEquals(calls.length, 3);
});

Deno.test("intake tells once of a batch that agents were offered some of it", async () => {
  const batches = [[null, false], [true, null, true]];
  const row = (is_offered: boolean | null) => ({
    webhook_index: 0,
    state: "processed",
    is_offered,
  });
  const { service } = scriptedService({
    ingest_webhooks: () => succeed(batches.shift()!.map(row)),
  });
  let told = 0;
  const intake = createIntake(service, () => told++);

  await intake.take(webhook("nothing for an agent"));
  assertEquals(told, 0);
  await intake.take(webhook("two for agents"));
  assertEquals(told, 1);
});
