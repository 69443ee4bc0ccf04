import { assert, assertEquals } from "@std/assert";
import {
  CALL_FAULT_KINDS,
  type FaultKind,
  RECEIPT_FAULT_KINDS,
} from "../../scripts/simulator/faults.ts";
import type { ProviderId } from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { readMessage, runDispatch, runLookUps } from "../support/messages.ts";
import { jobOf, makeDue } from "../support/queue.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase } from "../support/stack.ts";
import { recreateAccount } from "./providers/accounts.ts";
import { countRequests, freshContact, takenBy } from "./providers/desk.ts";
import {
  dispatchImpatiently,
  forgetHealth,
  openPair,
  type Pair,
  queue,
  requestsToSecond,
  withFaults,
} from "./providers/failover.ts";

/** What each misbehaviour comes to. Whatever it is, the second account is not asked: nothing was refused for good. */
interface Misbehaviour {
  fault: { kind: FaultKind } & Record<string, unknown>;
  outcome: "accepted" | "rejected" | "unknown";
  errorCode: string | null;
  /** Of the message, when the provider has nothing more to say; `taken` is as the answer has it. */
  status: "queued" | "sending" | "delivered" | "taken";
  /** What is still to be done, and when at the earliest. */
  job: { step: "send" | "look_up"; atLeastSeconds: number } | null;
  /** How many messages the provider took. */
  taken: 0 | 1;
  /** Whether asking the provider settles it. */
  isFoundByLookUp?: boolean;
  isImpatient?: boolean;
}

const LOOK_UP = { step: "look_up", atLeastSeconds: 50 } as const;
const unknown = (errorCode: string, taken: 0 | 1) =>
  ({
    outcome: "unknown",
    errorCode,
    status: "sending",
    job: LOOK_UP,
    taken,
    isFoundByLookUp: taken === 1,
  }) as const;
const ACCEPTED = { outcome: "accepted", errorCode: null, job: null, taken: 1 } as const;
const LIMITED = {
  outcome: "rejected",
  errorCode: "rate_limited",
  status: "queued",
  taken: 0,
} as const;

const CALLS: Misbehaviour[] = [
  {
    fault: { kind: "rate_limited", retry_after_seconds: 120 },
    ...LIMITED,
    job: { step: "send", atLeastSeconds: 110 },
  },
  { fault: { kind: "rate_limited" }, ...LIMITED, job: { step: "send", atLeastSeconds: 2 } },
  { fault: { kind: "server_error", stage: "before" }, ...unknown("provider_unavailable", 0) },
  { fault: { kind: "server_error", stage: "after" }, ...unknown("provider_unavailable", 1) },
  {
    fault: { kind: "server_error", status: 503, stage: "before" },
    ...unknown("provider_unavailable", 0),
  },
  { fault: { kind: "reset", stage: "before" }, ...unknown("connection_lost", 0) },
  { fault: { kind: "reset", stage: "after" }, ...unknown("connection_lost", 1) },
  { fault: { kind: "garbage" }, ...unknown("unreadable", 1) },
  { fault: { kind: "slow", delay_ms: 50 }, ...ACCEPTED, status: "taken" },
  { fault: { kind: "slow", delay_ms: 60_000 }, ...unknown("timeout", 0), isImpatient: true },
  {
    fault: { kind: "slow", delay_ms: 60_000, stage: "after" },
    ...unknown("timeout", 1),
    isImpatient: true,
  },
];
const RECEIPTS: Misbehaviour[] = [
  { fault: { kind: "receipt_late" }, ...ACCEPTED, status: "taken" },
  { fault: { kind: "receipt_dropped" }, ...ACCEPTED, status: "taken" },
  { fault: { kind: "receipt_forged" }, ...ACCEPTED, status: "taken" },
  { fault: { kind: "receipt_duplicate", copies: 3 }, ...ACCEPTED, status: "delivered" },
  { fault: { kind: "receipt_reordered" }, ...ACCEPTED, status: "delivered" },
  { fault: { kind: "receipt_early" }, ...ACCEPTED, status: "delivered" },
];

/** How a message stands whose provider took it and has told nothing since. */
const TAKEN_STATUS: Partial<Record<ProviderId, string>> = { messagebird: "sent" };

/** No list at all, or neither our reference nor the text in it: nothing to recognise a message by. */
const TELL_TOO_LITTLE = ["telnyx", "bandwidth", "sendgrid"];

Deno.test("every misbehaviour that the simulator knows is in the table", () => {
  const listed = [...CALLS, ...RECEIPTS].map(({ fault }) => fault.kind);

  assertEquals(new Set(listed), new Set([...CALL_FAULT_KINDS, ...RECEIPT_FAULT_KINDS]));
});

const nameOf = (fault: Record<string, unknown>) => Object.values(fault).join(" ");

for (const provider of providers.values()) {
  // Alone is the easier case: one provider shows it.
  for (const hasSecond of provider.id === "twilio" ? [false, true] : [true]) {
    let shared: Promise<Pair> | undefined;
    const behind = hasSecond ? "with a second account" : "alone";
    for (const expected of [...CALLS, ...RECEIPTS]) {
      const { fault, isImpatient = false } = expected;
      Deno.test(`${provider.displayName} ${behind}: ${nameOf(fault)}`, async () => {
        const pair = await (shared ??= openPair(provider, hasSecond));
        const { desk } = pair;
        const isOfCall = CALLS.includes(expected);
        const operation = desk.account.sendOperation;
        await forgetHealth(pair);
        const before = {
          first: await countRequests(desk, operation),
          second: await requestsToSecond(pair),
        };
        const faults = isOfCall
          // Else a receipt would tell before anybody asks.
          ? [{ operation, times: 1, ...fault }, { kind: "receipt_dropped" }]
          : [fault];

        await withFaults(pair, faults, async () => {
          const to = freshContact(desk.account);
          const id = await queue(desk, to);
          await (isImpatient ? dispatchImpatiently(500) : runDispatch());
          if (!isOfCall) await control(`/idle?account_sid=${desk.account.sid}`);

          await assertStands(id, expected, provider.id);
          assertEquals(await countRequests(desk, operation) - before.first, 1, "asked once");
          assertEquals(await requestsToSecond(pair), before.second, "the second is not asked");
          assertEquals((await takenBy(desk, to)).length, expected.taken);
          if (expected.outcome === "unknown") await assertLookUp(id, expected, provider.id);
          await forgetJob(id);
        });
      });
    }
  }
}

/** What a provider refuses for good is taken elsewhere, unless the recipient is to blame. */
const REFUSALS: {
  name: string;
  errorCode: string;
  isTakenElsewhere: boolean;
  arrange: (pair: Pair) => Promise<string>;
}[] = [
  {
    name: "whose credentials were withdrawn",
    errorCode: "authentication_failed",
    isTakenElsewhere: true,
    arrange: async ({ desk: { account } }) => {
      await recreateAccount(account, { auth_token: crypto.randomUUID().replaceAll("-", "") });
      return freshContact(account);
    },
  },
  {
    name: "that no longer has the number",
    errorCode: "invalid_sender",
    isTakenElsewhere: true,
    arrange: async ({ desk: { account } }) => {
      await recreateAccount(account, { numbers: [] });
      return freshContact(account);
    },
  },
  {
    name: "that knows no such recipient",
    errorCode: "invalid_recipient",
    isTakenElsewhere: false,
    arrange: ({ desk: { account } }) => Promise.resolve(account.refused.to!),
  },
];
for (const { name, errorCode, isTakenElsewhere, arrange } of REFUSALS) {
  const ending = isTakenElsewhere ? "the second one sends" : "the message has failed";
  Deno.test(`Twilio ${name}: ${ending}`, async () => {
    const pair = await openPair(providers.get("twilio")!, true);
    const to = await arrange(pair);

    const id = await queue(pair.desk, to);
    await runDispatch();

    const { status, error_code, from_address, message_attempts } = await readMessage(id);
    const attempts = message_attempts.toSorted((one, other) =>
      one.attempt_number - other.attempt_number
    ).map((attempt) => [attempt.connection_id, attempt.outcome, attempt.error_code]);
    const refused = [pair.desk.connectionId, "rejected", errorCode];
    assertEquals(
      attempts,
      isTakenElsewhere ? [refused, [pair.second!.connectionId, "accepted", null]] : [refused],
    );
    assertEquals(await requestsToSecond(pair), isTakenElsewhere ? 1 : 0);
    if (isTakenElsewhere) assertEquals(from_address, pair.second!.account.sender);
    else assertEquals([status, error_code], ["failed", errorCode]);
  });
}

async function assertStands(id: string, expected: Misbehaviour, provider: ProviderId) {
  const message = await readMessage(id);
  const status = expected.status === "taken" ? TAKEN_STATUS[provider] ?? "queued" : expected.status;
  assertEquals({
    status: message.status,
    attempts: message.message_attempts.map(({ outcome, error_code }) => [outcome, error_code]),
  }, { status, attempts: [[expected.outcome, expected.errorCode]] });
  const sql = connectToDatabase(1);
  const job = await jobOf(sql, id);
  await sql.end();
  assertEquals(job?.step, expected.job?.step);
  if (expected.job) {
    const { atLeastSeconds } = expected.job;
    assert(job!.wait_seconds >= atLeastSeconds, `waits ${job!.wait_seconds} s`);
  }
}

async function assertLookUp(id: string, expected: Misbehaviour, provider: ProviderId) {
  const isFound = expected.isFoundByLookUp && !TELL_TOO_LITTLE.includes(provider);
  const sql = connectToDatabase(1);
  await makeDue(sql, id);
  await runLookUps();
  const job = await jobOf(sql, id);
  await sql.end();
  const { status, message_attempts: [attempt, ...more] } = await readMessage(id);
  assertEquals(
    [attempt!.outcome, more, job?.step],
    isFound ? ["accepted", [], undefined] : ["unknown", [], "look_up"],
  );
  if (!isFound) assertEquals(status, "sending");
}

/** Nothing is left to be done in another test. */
async function forgetJob(id: string) {
  const sql = connectToDatabase(1);
  await sql`delete from private.look_ups where message_id = ${id}`;
  await sql`delete from private.outbound_jobs where message_id = ${id}`;
  await sql.end();
}
