import type { CredentialStore } from "../../supabase/functions/_shared/connections/credentials.ts";
import type { ClaimedLookUp } from "../../supabase/functions/_shared/messages/job.ts";
import { lookUp } from "../../supabase/functions/_shared/messages/look_up.ts";
import { reconcile } from "../../supabase/functions/_shared/messages/reconcile.ts";
import type {
  FoundMessage,
  MessageSearch,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { reconcilingProviders } from "../../supabase/functions/_shared/providers/reconciling_registry.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { fail, scriptedService, succeed, TOKEN } from "../support/scripted_service.ts";
import { assertEquals } from "@std/assert";

const attempt: ClaimedLookUp = {
  lease_token: "lease",
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
};

const credentials: CredentialStore = {
  load: () => Promise.resolve(),
  get: () => ({ credentials: {}, webhookToken: TOKEN }),
};

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
  text: attempt.body,
  ...changes,
});

async function outcomeOf(
  { transport }: { transport: Transport },
  context: unknown[] = [{ known_external_ids: [], has_unsettled_twin: false }],
): Promise<string> {
  const { service } = scriptedService({ read_look_up: () => succeed(context) });
  const { outcome, external_id } = await lookUp({ service, transport }, credentials, attempt);
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

  assertEquals(search.searches, [{
    channel: "sms",
    from: attempt.from_address,
    to: attempt.to_address,
    since: attempt.attempt_started_at,
  }]);
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

Deno.test("a look-up by the provider's own id takes what the provider says of it", async () => {
  const asked: unknown[] = [];
  const call = (_provider: unknown, _operation: unknown, input: unknown) => {
    asked.push(input);
    return Promise.resolve({ ok: true, value: found("SMours") });
  };
  const { service } = scriptedService({});
  const transport = { call } as unknown as Transport;

  const outcome = await lookUp({ service, transport }, credentials, {
    ...attempt,
    external_id: "SMours",
  });

  assertEquals([outcome.outcome, outcome.status], ["accepted", "delivered"]);
  assertEquals(asked, [{ externalId: "SMours" }]);
});

Deno.test("every provider that can be asked about a message is asked", () => {
  for (const provider of providers.values()) {
    const { lookUpMessage, searchMessages } = reconcilingProviders.get(provider.id) ?? {};

    assertEquals(lookUpMessage, provider.lookUpMessage, provider.id);
    assertEquals(searchMessages, provider.searchMessages, provider.id);
  }
});

/** A database with so many attempts to look up, a batch for each number, and what is recorded. */
function reconciler(batches: number[], search = finds([found("SMours")])) {
  const left = [...batches];
  const recorded: { lease_token: string; outcomes: string[] }[] = [];
  const { service, calls } = scriptedService({
    claim_look_ups: () => {
      const lease_token = `lease ${batches.length - left.length}`;
      const size = left.shift() ?? 0;
      return succeed(
        Array.from({ length: size }, (_, index) => ({
          ...attempt,
          lease_token,
          message_id: `${lease_token}, message ${index}`,
        })),
      );
    },
    read_connection_credentials: () =>
      succeed([{ connection_id: attempt.connection_id, credentials: {}, webhook_token: TOKEN }]),
    read_look_up: () => succeed([{ known_external_ids: [], has_unsettled_twin: false }]),
    record_attempts: ({ lease_token, results }) => {
      const outcomes = (results as { outcome: string }[]).map(({ outcome }) => outcome);
      recorded.push({ lease_token: lease_token as string, outcomes });
      return succeed([]);
    },
  });
  const deps = { service, transport: search.transport };
  return { run: () => reconcile(deps), deps, calls, recorded, searches: search.searches };
}

Deno.test("look-ups are recorded batch by batch, each under its own lease", async () => {
  const { run, calls, recorded } = reconciler([2, 1]);

  const report = await run();

  assertEquals(report, { accepted: 3, unknown: 0 });
  assertEquals(recorded, [
    { lease_token: "lease 0", outcomes: ["accepted", "accepted"] },
    { lease_token: "lease 1", outcomes: ["accepted"] },
  ]);
  const reads = calls.filter(({ name }) => name === "read_connection_credentials");
  assertEquals(reads.map(({ input }) => [input.reason, input.batch_id]), [[
    "reconcile",
    "lease 0",
  ]]);
});

Deno.test("where credentials cannot be read, nobody is asked and all stays unknown", async () => {
  const search = finds([found("SMours")]);
  const { deps, recorded } = reconciler([2], search);
  const service = Object.assign(Object.create(deps.service), {
    rpc: (name: string, input: never) =>
      name === "read_connection_credentials"
        ? fail(503, "")
        : deps.service.rpc(name as never, input),
  });

  const report = await reconcile({ ...deps, service });

  assertEquals(report, { accepted: 0, unknown: 2 });
  assertEquals(recorded, [{ lease_token: "lease 0", outcomes: ["unknown", "unknown"] }]);
  assertEquals(search.searches, []);
});

Deno.test("once their time is over no further look-up is begun, and no further batch taken", async () => {
  const { now } = Date;
  let clock = now();
  const search = finds([found("SMours")]);
  const { listAll } = search.transport;
  search.transport.listAll = ((...input: Parameters<typeof listAll>) => {
    clock += 1_000;
    return listAll(...input);
  }) as typeof listAll;
  const { run, recorded } = reconciler([50, 50], search);

  Date.now = () => clock;
  const report = await run().finally(() => Date.now = now);

  assertEquals(report, { accepted: 20, unknown: 30 });
  assertEquals(recorded.length, 1);
});
