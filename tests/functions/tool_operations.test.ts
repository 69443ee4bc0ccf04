import { assert, assertEquals } from "@std/assert";
import { succeed } from "../support/scripted_service.ts";
import { arrange, askFor, CREDENTIALS, type Finished, ROW } from "./tools/scripted_tools.ts";

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
