/** A lease is extended while its batch is under way; a batch whose lease is lost goes no further. */
import { dispatch } from "../../supabase/functions/_shared/messages/dispatch.ts";
import type { ClaimedJob } from "../../supabase/functions/_shared/messages/job.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import {
  type Arguments,
  fail,
  scriptedService,
  succeed,
  TOKEN,
} from "../support/scripted_service.ts";
import { assert, assertEquals } from "@std/assert";

/** More than are handed over at once. */
const BATCH_SIZE = 30;
const AT_ONCE = 25;

const jobs: ClaimedJob[] = Array.from({ length: BATCH_SIZE }, (_, index) => ({
  lease_token: "lease",
  message_id: `message ${index}`,
  attempt_number: 1,
  connection_id: "connection",
  provider: "twilio",
  channel: "sms",
  from_address: "+14155550100",
  to_address: "+14155550101",
  body: "Hello",
  media_urls: [],
}));

const secrets = succeed([{
  connection_id: "connection",
  credentials: {},
  webhook_token: TOKEN,
}]);

/** A dispatcher whose provider answers nothing before `answerNow`; `extend` answers `extend_lease`. */
async function runWithSlowProvider(
  extend: (answerNow: () => void, recorded: Promise<void>) => unknown,
  readCredentials: (answered: Promise<void>, answerNow: () => void) => unknown = () => secrets,
  heartbeatMs = 1,
) {
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  // After whoever asked has read what the database says.
  const answerNow = () => void setTimeout(resolve);
  const recording = Promise.withResolvers<void>();
  let isClaimed = false;
  let handOvers = 0;
  const { service, calls } = scriptedService({
    drip_campaigns: () => succeed(0),
    claim_outbound_jobs: () => succeed(isClaimed ? [] : (isClaimed = true, jobs)),
    read_connection_credentials: () => readCredentials(answered, answerNow),
    extend_lease: () => extend(answerNow, recording.promise),
    record_attempts: () => (setTimeout(recording.resolve), succeed([])),
  });
  const sendMessage = async () => {
    handOvers++;
    await answered;
    return {
      ok: true,
      value: { externalId: "SM1", status: "queued", providerStatus: "queued" },
    };
  };
  const transport = { sendMessage } as unknown as Transport;

  const report = await dispatch({
    service,
    transport,
    webhooksUrl: "https://project.example.com",
    storage: { url: "", publicUrl: "", secretKey: "" },
    heartbeatMs,
  });

  const inputsOf = (name: string): Arguments[] =>
    calls.filter((call) => call.name === name).map(({ input }) => input);
  if (inputsOf("record_attempts").length > 0) await recording.promise;
  return { report, handOvers, inputsOf };
}

Deno.test("a lease is extended for as long as its batch takes", async () => {
  const { now } = Date;
  let clock = now();
  let extensions = 0;
  Date.now = () => clock;

  const { report, handOvers, inputsOf } = await runWithSlowProvider((answerNow) => {
    clock += 25_000;
    if (++extensions === 3) answerNow();
    return succeed(true);
  }).finally(() => Date.now = now);

  assertEquals([report.accepted, handOvers], [BATCH_SIZE, BATCH_SIZE]);
  const extended = inputsOf("extend_lease");
  assert(extended.length >= 3, `${extended.length} times`);
  assertEquals(new Set(extended.map((input) => input.lease_token)), new Set(["lease"]));
});

Deno.test("once its lease is lost a batch is recorded as far as it came, and goes no further", async () => {
  const { report, handOvers, inputsOf } = await runWithSlowProvider((answerNow) => {
    answerNow();
    return succeed(false);
  });

  assertEquals([report, handOvers], [{ accepted: AT_ONCE, rejected: 0, unknown: 0 }, AT_ONCE]);
  const [recorded, ...more] = inputsOf("record_attempts");
  assertEquals([(recorded!.results as unknown[]).length, more.length], [AT_ONCE, 0]);
  assertEquals(inputsOf("extend_lease").length, 1);
});

Deno.test("an extension that fails is tried again, and the batch goes on meanwhile", async () => {
  let extensions = 0;

  const { report } = await runWithSlowProvider((answerNow) => {
    if (++extensions === 1) return fail(503, "");
    answerNow();
    return succeed(true);
  });

  assertEquals(report.accepted, BATCH_SIZE);
});

Deno.test("a lease that could not be extended in time counts as lost", async () => {
  const { now } = Date;
  let clock = now();
  Date.now = () => clock;

  const { report, handOvers } = await runWithSlowProvider((answerNow) => {
    clock += 60_000;
    answerNow();
    return fail(503, "");
  }).finally(() => Date.now = now);

  assertEquals([report.accepted, handOvers], [AT_ONCE, AT_ONCE]);
});

Deno.test("once its lease is lost a batch is not put back, either", async () => {
  const { report, inputsOf } = await runWithSlowProvider((answerNow) => {
    answerNow();
    return succeed(false);
  }, (answered) => answered.then(() => fail(503, "")));

  assertEquals(report, { accepted: 0, rejected: 0, unknown: 0 });
  assertEquals(inputsOf("record_attempts"), []);
});

// A timer that is left behind would be the next extension: these tests fail for it.
Deno.test({
  name: "a batch that ends before its lease was extended leaves no extension behind",
  sanitizeOps: true,
  async fn() {
    const { report } = await runWithSlowProvider(() => succeed(true), (_, answerNow) => {
      answerNow();
      return secrets;
    }, 20_000);

    assertEquals(report.accepted, BATCH_SIZE);
  },
});

Deno.test({
  name: "a batch that ends while its lease is extended leaves no extension behind",
  sanitizeOps: true,
  async fn() {
    const { report } = await runWithSlowProvider((answerNow, recorded) => {
      answerNow();
      return recorded.then(() => succeed(true));
    });

    assertEquals(report.accepted, BATCH_SIZE);
  },
});
