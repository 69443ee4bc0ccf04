import { assert, assertEquals } from "@std/assert";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { executeTool, type ToolDeps } from "../../supabase/functions/_shared/tools/execute_tool.ts";
import {
  type Arguments,
  fail,
  scriptedService,
  succeed,
  TOKEN,
} from "../support/scripted_service.ts";

const CALLER = { agent_id: crypto.randomUUID(), actor_id: crypto.randomUUID() };
const CREDENTIALS = {
  account_sid: `AC${"0".repeat(32)}`,
  auth_token: "5".repeat(32),
};
const ROW = {
  tool_call_id: crypto.randomUUID(),
  is_duplicate: false,
  result: null,
  error_code: null,
  error_field: null,
  error_message: null,
  hint: null,
  ask: null,
};

const askFor = (family: string, given: Record<string, unknown> = {}) => ({
  ...ROW,
  state: "ask",
  ask: {
    family,
    connection_id: crypto.randomUUID(),
    provider: "twilio",
    workspace_id: crypto.randomUUID(),
    arguments: given,
  },
});

interface Scripts {
  row: Record<string, unknown>;
  provider?: (request: Request) => Response | Promise<Response>;
  answers?: Record<string, (input: Arguments) => unknown>;
}

/** The way from a tool to its answer, over a database and a provider that answer as scripted. */
function arrange({ row, provider, answers = {} }: Scripts) {
  const database = scriptedService({
    execute_agent_tool: () => succeed([row]),
    finish_agent_tool: ({ outcome }) => succeed([finishedAs(row, outcome as Finished)]),
    read_connection_credentials: ({ connection_ids }) =>
      succeed((connection_ids as string[]).map((connection_id) => ({
        connection_id,
        credentials: CREDENTIALS,
        webhook_token: TOKEN,
      }))),
    ...answers,
  });
  const requests: string[] = [];
  let kicks = 0;
  const deps: ToolDeps = {
    service: database.service,
    transport: createTransport({
      fetch: async (request) => {
        requests.push(request.url);
        return await provider?.(request) ?? new Response("", { status: 500 });
      },
    }),
    webhooksUrl: "https://example.com/webhooks",
    kickDispatch: () => kicks++,
  };
  const execute = (tool: string, given: unknown) =>
    executeTool(deps, CALLER, { tool, arguments: given, run_id: "run", call_id: "call" });
  const inputOf = (name: string) => database.calls.find((call) => call.name === name)?.input;
  return { ...database, execute, requests, inputOf, countKicks: () => kicks };
}

interface Finished {
  result?: unknown;
  error?: { code: string; message: string };
}

const finishedAs = (row: Record<string, unknown>, { result, error }: Finished) =>
  error
    ? { ...row, state: "failed", error_code: error.code, error_message: error.message }
    : { ...row, state: "succeeded", result };

const usageRecords = (page: number, pages: number) => ({
  next_page_uri: page < pages
    ? `/2010-04-01/Accounts/${CREDENTIALS.account_sid}/Usage/Records.json?Page=${page + 1}`
    : null,
  usage_records: [
    {
      category: `sms-${page}`,
      count: String(page),
      count_unit: "messages",
      price: `${page}.5`,
      price_unit: "usd",
    },
    { category: "fax", count: "0", count_unit: "pages", price: "0", price_unit: "usd" },
  ],
});

const DAYS = { start_date: "2026-11-01", end_date: "2026-11-02" };

Deno.test("what a tool did is told as the database keeps it, and the dispatcher woken once", async () => {
  const row = { ...ROW, state: "succeeded", result: { message_id: "m", status: "queued" } };
  const { execute, inputOf, countKicks } = arrange({ row });
  const given = { to: "+1 (415) 555-0100", body: "Hello", from: null };

  const answer = await execute("send_message", given);

  const { next, ...rest } = answer;
  assertEquals(rest, {
    toolCallId: ROW.tool_call_id,
    status: "succeeded",
    isDuplicate: false,
    result: row.result,
  });
  assert(next?.includes("get_message_status"));
  assertEquals(inputOf("execute_agent_tool"), {
    caller: CALLER,
    call: {
      tool: "send_message",
      run_id: "run",
      call_id: "call",
      arguments: { to: "+14155550100", body: "Hello" },
    },
  });
  assertEquals(countKicks(), 1);
});

Deno.test("a repeated call, one for later and one that reads wake nobody", async () => {
  const queued = { ...ROW, state: "succeeded", result: { status: "queued" } };
  const send = { to: "+14155550100", body: "Hello" };
  const cases: [row: Record<string, unknown>, tool: string, given: unknown][] = [
    [{ ...queued, is_duplicate: true }, "send_message", send],
    [{ ...queued, result: { status: "scheduled" } }, "send_message", send],
    [queued, "get_message_status", { message_id: crypto.randomUUID() }],
  ];

  for (const [row, tool, given] of cases) {
    const { execute, countKicks } = arrange({ row });
    const answer = await execute(tool, given);
    assertEquals([answer.status, countKicks()], ["succeeded", 0], tool);
  }
});

Deno.test("arguments that OpenAI's models wrote as text are read", async () => {
  const { execute, inputOf } = arrange({ row: { ...ROW, state: "succeeded", result: {} } });

  await execute("find_contact", '{"query": "Ada"}');

  assertEquals((inputOf("execute_agent_tool") as { call: Arguments }).call.arguments, {
    query: "Ada",
  });
});

Deno.test("arguments that break the rules reach the database as a flaw, with what was given", async () => {
  const row = { ...ROW, state: "refused", error_code: "invalid_arguments", error_message: "x" };
  const cases: [given: unknown, field: string, kept: unknown][] = [
    [{ query: "Ada", extra: 1 }, "extra", { query: "Ada", extra: 1 }],
    [{ query: 5 }, "query", { query: 5 }],
    [{}, "query", {}],
    [{ query: "a\u0000b" }, "query", { given: '{"query":"a/u0000b"}' }],
    ["{", "arguments", { given: '"{"' }],
    [[], "arguments", { given: "[]" }],
    [null, "arguments", {}],
  ];

  for (const [given, field, kept] of cases) {
    const { execute, inputOf } = arrange({ row });
    const answer = await execute("find_contact", given);
    const { call } = inputOf("execute_agent_tool") as { call: { flaw: Arguments } & Arguments };
    assertEquals([call.flaw.field, call.arguments], [field, kept]);
    assertEquals([answer.status, answer.error?.code], ["refused", "invalid_arguments"]);
  }
});

Deno.test("a tool that nobody knows is left to the database to refuse", async () => {
  const row = {
    ...ROW,
    state: "refused",
    error_code: "tool_not_found",
    error_message: "there is no such tool",
  };
  const { execute, inputOf } = arrange({ row });

  const answer = await execute("rm_rf\u0000", { any: "thing" });

  const { call } = inputOf("execute_agent_tool") as { call: Arguments };
  assertEquals([call.tool, call.flaw], ["rm_rf?", undefined]);
  assertEquals(answer.error?.message, "Cannot use rm_rf?: there is no such tool");
  assert(answer.next);
});

Deno.test("usage comes from all pages, the dearest first, and without what was not used", async () => {
  const { execute, requests, inputOf } = arrange({
    row: askFor("get_usage", DAYS),
    provider: (request) => {
      const page = Number(new URL(request.url).searchParams.get("Page") ?? 1);
      return Response.json(usageRecords(page, 3));
    },
  });

  const { result, next } = await execute("twilio_get_usage", DAYS);

  assertEquals(requests.length, 3);
  const { usage, is_complete, provider } = result as Record<string, Record<string, unknown>[]>;
  assertEquals([usage!.map(({ category }) => category), is_complete, provider], [
    ["sms-3", "sms-2", "sms-1"],
    true,
    "twilio",
  ]);
  assertEquals(usage![0], {
    category: "sms-3",
    count: 3,
    unit: "messages",
    cost: "3.5",
    currency: "USD",
  });
  assert(next?.includes("do not add them up"));
  const { outcome } = inputOf("finish_agent_tool") as { outcome: Finished };
  assertEquals(outcome.result, result);
});

Deno.test("usage without an end is bounded, and said to be incomplete", async () => {
  const { execute, requests } = arrange({
    row: askFor("get_usage", DAYS),
    provider: (request) => {
      const page = Number(new URL(request.url).searchParams.get("Page") ?? 1);
      return Response.json(usageRecords(page, Infinity));
    },
  });

  const { result } = await execute("twilio_get_usage", DAYS);

  assertEquals([requests.length, result?.is_complete], [10, false]);
});

Deno.test("secrets are read by the call that needs them, and no answer holds any", async () => {
  const row = askFor("get_balance");
  const { execute, inputOf } = arrange({
    row,
    provider: () =>
      Response.json({ code: 20003, message: `Bad token ${CREDENTIALS.auth_token}` }, {
        status: 401,
      }),
  });

  const answer = await execute("twilio_get_balance", {});

  assertEquals(inputOf("read_connection_credentials"), {
    connection_ids: [row.ask.connection_id],
    reason: "agent tool get_balance",
    batch_id: ROW.tool_call_id,
  });
  assertEquals([answer.status, answer.error?.code], ["failed", "credentials_refused"]);
  assert(!JSON.stringify(answer).includes(CREDENTIALS.auth_token));
  assert(answer.next?.includes("connected again"));
});

Deno.test("a provider that is down, refuses or is not there has a code of its own each", async () => {
  const answers: [provider: () => Response, code: string][] = [
    [() => new Response("", { status: 503 }), "provider_unavailable"],
    [() => new Response("", { status: 429 }), "rate_limited"],
    [() => {
      throw new TypeError("connection lost");
    }, "provider_unavailable"],
    [() => Response.json({ code: 1, message: "no" }, { status: 400 }), "provider_refused"],
  ];

  for (const [provider, code] of answers) {
    const { execute, count } = arrange({ row: askFor("get_balance"), provider });
    const answer = await execute("twilio_get_balance", {});
    assertEquals([answer.status, answer.error?.code], ["failed", code]);
    assertEquals(count("finish_agent_tool"), 1);
  }
});

Deno.test("an account whose secrets cannot be read is unavailable, and its provider not asked", async () => {
  const { execute, requests } = arrange({
    row: askFor("get_balance"),
    answers: { read_connection_credentials: () => succeed([]) },
  });

  const answer = await execute("twilio_get_balance", {});

  assertEquals([answer.error?.code, requests.length], ["connection_unavailable", 0]);
});

Deno.test("a tool call that stumbles has failed, lest it seem to run for ever", async () => {
  const { execute, inputOf } = arrange({
    row: askFor("get_balance"),
    answers: { read_connection_credentials: () => fail(500, "XX000", "secret words") },
  });

  const answer = await execute("twilio_get_balance", {});

  assertEquals([answer.status, answer.error?.code], ["failed", "internal"]);
  assert(!JSON.stringify(answer).includes("secret words"));
  assertEquals(
    (inputOf("finish_agent_tool") as { outcome: Finished }).outcome.error?.code,
    "internal",
  );
});

Deno.test("what could not be written down is answered all the same", async () => {
  const { execute, count } = arrange({
    row: askFor("get_balance"),
    provider: () => Response.json({ balance: "12.30", currency: "USD" }),
    answers: { finish_agent_tool: () => fail(503, "", "") },
  });

  const answer = await execute("twilio_get_balance", {});

  assertEquals([answer.status, answer.result?.balance], ["succeeded", "12.30"]);
  assertEquals(count("finish_agent_tool"), 3);
});

Deno.test("whoever finds a call written down never dials, and tells what became of it", async () => {
  const call = {
    id: crypto.randomUUID(),
    conversation_id: crypto.randomUUID(),
    status: "queued",
    external_id: null,
    from_address: "+14155550100",
    to_address: "+14155550101",
    spoken_text: "Hello",
    language: "en-US",
    error_code: null,
    error_message: null,
  };
  const ask = askFor("start_call");
  const row = { ...ask, ask: { ...ask.ask, call: { call_id: call.id, is_duplicate: true } } };
  const cases: [call: Record<string, unknown>, status: string, code: string | undefined][] = [
    [call, "running", undefined],
    [{ ...call, external_id: "CA1" }, "succeeded", undefined],
    [{ ...call, status: "completed", external_id: "CA1" }, "succeeded", undefined],
    [{ ...call, status: "failed", error_code: "outcome_unknown" }, "failed", "outcome_unknown"],
    [{ ...call, status: "failed", error_code: "invalid_sender" }, "failed", "provider_refused"],
  ];

  for (const [found, status, code] of cases) {
    const { execute, service, requests } = arrange({ row });
    const single = () => Promise.resolve(succeed(found));
    Object.assign(service, { from: () => ({ select: () => ({ eq: () => ({ single }) }) }) });
    const answer = await execute("twilio_start_call", { to: "+14155550101", body: "Hello" });
    assertEquals([answer.status, answer.error?.code, requests], [status, code, []]);
  }
});

Deno.test("what waits for a person, or still runs, is neither done nor failed", async () => {
  const waiting = arrange({
    row: { ...ROW, state: "awaiting_approval", result: { approval_id: "a" } },
  });
  const running = arrange({ row: { ...ROW, state: "running", is_duplicate: true } });
  const given = { to: "+14155550100", body: "Hello" };

  const [one, other] = [
    await waiting.execute("send_message", given),
    await running.execute("send_message", given),
  ];

  assertEquals([one.status, one.result?.approval_id], ["awaiting_approval", "a"]);
  assert(one.next?.includes("A person has to approve"));
  assertEquals([other.status, other.error], ["running", undefined]);
  assertEquals([waiting.countKicks(), running.countKicks()], [0, 0]);
});
