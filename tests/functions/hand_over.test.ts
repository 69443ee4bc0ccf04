import { checkAccount } from "../../supabase/functions/_shared/connections/check_account.ts";
import type { CredentialStore } from "../../supabase/functions/_shared/connections/credentials.ts";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { dispatch } from "../../supabase/functions/_shared/messages/dispatch.ts";
import { handOver } from "../../supabase/functions/_shared/messages/hand_over.ts";
import type { Job } from "../../supabase/functions/_shared/messages/job.ts";
import { lookUp } from "../../supabase/functions/_shared/messages/look_up.ts";
import { putBack } from "../../supabase/functions/_shared/messages/outcome.ts";
import type {
  FoundMessage,
  MessageSearch,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createScrubber } from "../../supabase/functions/_shared/providers/text.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { fail, scriptedService, succeed, TOKEN } from "../support/scripted_service.ts";
import { assertEquals, assertRejects } from "@std/assert";

Deno.test("an account that is not active is not connected, although its provider answers", async () => {
  const account = {
    externalAccountId: `AC${"0".repeat(32)}`,
    displayName: "Acme",
    isActive: false,
    providerStatus: "closed",
  };
  const transport = {
    call: () => Promise.resolve({ ok: true, value: account }),
    listAll: () => Promise.resolve({ ok: true, value: { items: [], isComplete: true } }),
  } as unknown as Transport;
  const given = { account_sid: account.externalAccountId, auth_token: "0".repeat(32) };

  const error = await assertRejects(
    () => checkAccount(transport, { provider: "twilio", credentials: given }),
    AppError,
    "closed",
  );

  assertEquals(error.code, "credentials_refused");
});

const job: Job = {
  lease_token: "lease",
  step: "send",
  message_id: "message",
  attempt_number: 1,
  attempt_started_at: "2026-11-20T09:00:00.000Z",
  connection_id: "connection",
  provider: "twilio",
  external_id: null,
  channel: "sms",
  from_address: "+14155550100",
  to_address: "+14155550101",
  body: "Same words",
  media_urls: [],
  template: null,
  email: null,
};

const credentials: CredentialStore = {
  load: () => Promise.resolve(),
  get: () => ({ credentials: {}, webhookToken: TOKEN }),
};

const sends = (send: Transport["sendMessage"]) => ({ sendMessage: send }) as Transport;

function finds(items: Partial<FoundMessage>[], isComplete = true) {
  const searches: MessageSearch[] = [];
  const listAll = (_provider: unknown, _operation: unknown, search: MessageSearch) => {
    searches.push(search);
    return Promise.resolve({ ok: true, value: { items, isComplete } });
  };
  return { searches, transport: { listAll } as unknown as Transport };
}

const found = (externalId: string, changes: Partial<FoundMessage> = {}): Partial<FoundMessage> => ({
  externalId,
  status: "delivered",
  direction: "outbound",
  text: job.body,
  ...changes,
});

async function outcomeOf(
  { transport }: { transport: Transport },
  context: unknown[] = [{ known_external_ids: [], has_unsettled_twin: false }],
): Promise<string> {
  const { service } = scriptedService({ read_look_up: () => succeed(context) });
  const deps = { service, transport, webhooksUrl: "https://project.example.com" };
  const { outcome, external_id } = await lookUp(deps, credentials, { ...job, step: "look_up" });
  return [outcome, external_id].join(" ").trim();
}

Deno.test("a look-up takes the one message of the same words, sent by us", async () => {
  const items = [
    found("SMreply", { direction: "inbound" }),
    found("SMother", { text: "Other words" }),
    found("SMours"),
  ];

  assertEquals(await outcomeOf(finds(items)), "accepted SMours");
});

Deno.test("a look-up asks for nothing from before the attempt began", async () => {
  const search = finds([]);

  await outcomeOf(search);

  assertEquals(search.searches, [
    { channel: "sms", from: job.from_address, to: job.to_address, since: job.attempt_started_at },
  ]);
});

Deno.test("a look-up leaves it open whenever it cannot be sure", async () => {
  const context = { known_external_ids: [], has_unsettled_twin: false };

  const outcomes = {
    "nothing found": await outcomeOf(finds([])),
    "two of the same words": await outcomeOf(finds([found("SM1"), found("SM2")])),
    "an incomplete list": await outcomeOf(finds([found("SM1")], false)),
    "what the contact wrote": await outcomeOf(finds([found("SM1", { direction: "inbound" })])),
    "other words": await outcomeOf(finds([found("SM1", { text: "Other words" })])),
    "an id that is taken": await outcomeOf(finds([found("SM1")]), [
      { ...context, known_external_ids: ["SM1"] },
    ]),
    "an unsettled twin": await outcomeOf(finds([found("SM1")]), [
      { ...context, has_unsettled_twin: true },
    ]),
    "a message that is gone": await outcomeOf(finds([found("SM1")]), []),
    "a list that throws": await outcomeOf({ transport: {} as Transport }),
  };

  assertEquals(new Set(Object.values(outcomes)), new Set(["unknown"]), JSON.stringify(outcomes));
});

Deno.test("a hand-over that throws is unknown, since the provider may have the message", async () => {
  const transport = sends(() => Promise.reject(new Error("defect")));
  const { service } = scriptedService({});

  const outcome = await handOver(
    { service, transport, webhooksUrl: "https://project.example.com" },
    credentials,
    job,
  );

  assertEquals(outcome, { message_id: "message", outcome: "unknown", error_code: "internal" });
});

Deno.test("what is put back is sent again, and what is looked up stays unknown", () => {
  const sent = putBack(job);
  const lookedUp = putBack({ ...job, step: "look_up" });

  assertEquals([sent.outcome, sent.is_retryable], ["rejected", true]);
  assertEquals(lookedUp, { message_id: "message", outcome: "unknown" });
});

/** A dispatcher with one job, whose recording fails a number of times. */
function dispatcherWithFailures(failures: number) {
  let isClaimed = false;
  let recordings = 0;
  let handOvers = 0;
  const { service, calls } = scriptedService({
    claim_outbound_jobs: () => succeed(isClaimed ? [] : (isClaimed = true, [job])),
    read_connection_credentials: () =>
      succeed([{ connection_id: job.connection_id, credentials: {}, webhook_token: TOKEN }]),
    record_attempts: () => ++recordings > failures ? succeed([]) : fail(503, ""),
  });
  const transport = sends(() => {
    handOvers++;
    return Promise.resolve({
      ok: true,
      value: { externalId: "SM1", status: "queued", providerStatus: "queued" },
    });
  });
  const deps = { service, transport, webhooksUrl: "https://project.example.com" };
  const recorded = () => calls.filter((call) => call.name === "record_attempts");
  return { run: () => dispatch(deps), recorded, handOvers: () => handOvers };
}

Deno.test("dispatch records again what it handed over, and hands nothing over again", async () => {
  const dispatcher = dispatcherWithFailures(2);

  const report = await dispatcher.run();

  assertEquals(report, { accepted: 1, rejected: 0, unknown: 0 });
  const inputs = dispatcher.recorded().map((call) => call.input);
  assertEquals(inputs.length, 3);
  assertEquals(new Set(inputs.map((input) => JSON.stringify(input))).size, 1);
  assertEquals(dispatcher.handOvers(), 1);
});

Deno.test("dispatch leaves it to the lease when nothing can be recorded", async () => {
  const dispatcher = dispatcherWithFailures(Infinity);

  await assertRejects(dispatcher.run, AppError);

  assertEquals([dispatcher.recorded().length, dispatcher.handOvers()], [3, 1]);
});

Deno.test("dispatch takes no further batch once its time is over", async () => {
  const { now } = Date;
  let clock = now();
  let claims = 0;
  const { service } = scriptedService({
    claim_outbound_jobs: () => {
      if (++claims > 9) return fail(503, "");
      clock += 10_000;
      return succeed([job]);
    },
    read_connection_credentials: () => fail(503, ""),
  });
  Date.now = () => clock;
  try {
    await dispatch({ service, transport: {} as Transport, webhooksUrl: "https://x.example.com" });
  } finally {
    Date.now = now;
  }

  assertEquals(claims, 3);
});

Deno.test("a credential that begins another one leaves nothing of the longer", () => {
  const scrub = createScrubber(["wings-of", "wings-of-secrecy"]);

  assertEquals(scrub("no wings-of-secrecy for wings-of"), "no [redacted] for [redacted]");
});
