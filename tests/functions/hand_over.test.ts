import { checkAccount } from "../../supabase/functions/_shared/connections/check_account.ts";
import type { CredentialStore } from "../../supabase/functions/_shared/connections/credentials.ts";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { dispatch } from "../../supabase/functions/_shared/messages/dispatch.ts";
import { handOver } from "../../supabase/functions/_shared/messages/hand_over.ts";
import type { Job } from "../../supabase/functions/_shared/messages/job.ts";
import { putBack, refused } from "../../supabase/functions/_shared/messages/outcome.ts";
import { refusal } from "../../supabase/functions/_shared/providers/provider_errors.ts";
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
  message_id: "message",
  attempt_number: 1,
  connection_id: "connection",
  provider: "twilio",
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

Deno.test("what is put back is sent again", () => {
  const { outcome, is_retryable } = putBack(job);

  assertEquals([outcome, is_retryable], ["rejected", true]);
});

Deno.test("a refusal says who has to act", () => {
  const outcomes = (["invalid_recipient", "insufficient_funds"] as const).map((code) =>
    refused(job, refusal(code, "no"))
  );

  assertEquals(outcomes.map(({ outcome, owner }) => [outcome, owner]), [
    ["rejected", "recipient"],
    ["rejected", "account"],
  ]);
});

/** A dispatcher with one job, whose recording fails a number of times. */
function dispatcherWithFailures(failures: number) {
  let isClaimed = false;
  let recordings = 0;
  let handOvers = 0;
  const { service, calls } = scriptedService({
    drip_campaigns: () => succeed(0),
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
  const storage = { url: "", publicUrl: "", secretKey: "" };
  const deps = { service, transport, webhooksUrl: "https://project.example.com", storage };
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
    drip_campaigns: () => succeed(0),
    claim_outbound_jobs: () => {
      if (++claims > 9) return fail(503, "");
      clock += 10_000;
      return succeed([job]);
    },
    read_connection_credentials: () => fail(503, ""),
  });
  Date.now = () => clock;
  try {
    await dispatch({
      service,
      transport: {} as Transport,
      webhooksUrl: "https://x.example.com",
      storage: { url: "", publicUrl: "", secretKey: "" },
    });
  } finally {
    Date.now = now;
  }

  assertEquals(claims, 3);
});

Deno.test("a credential that begins another one leaves nothing of the longer", () => {
  const scrub = createScrubber(["wings-of", "wings-of-secrecy"]);

  assertEquals(scrub("no wings-of-secrecy for wings-of"), "no [redacted] for [redacted]");
});
