import { assert, assertEquals } from "@std/assert";
import { type Arguments, fail } from "../support/scripted_service.ts";
import { arrange, askFor, CALLER, type Finished, ROW } from "./tools/scripted_tools.ts";

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
