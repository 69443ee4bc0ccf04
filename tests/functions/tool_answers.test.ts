import { assert, assertEquals } from "@std/assert";
import { ERROR_CODES } from "../../supabase/functions/_shared/http/error.ts";
import { fitAnswer } from "../../supabase/functions/_shared/tools/answers/fit.ts";
import {
  nextAfterError,
  nextAfterSuccess,
} from "../../supabase/functions/_shared/tools/answers/next_steps.ts";
import { toolDefinitions } from "../../supabase/functions/_shared/tools/definitions/registry.ts";
import { keepable, keepableName } from "../../supabase/functions/_shared/tools/keepable.ts";
import { withCanonicalAddresses } from "../../supabase/functions/_shared/tools/canonical_addresses.ts";

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
const LIMIT = 4_000;

const messageAt = (second: number) => ({
  message_id: crypto.randomUUID(),
  text: "á".repeat(150),
  at: `2026-11-20T10:00:${String(second).padStart(2, "0")}Z`,
});

Deno.test("an answer that is short stays as it is, without nulls", () => {
  const result = { id: "1", name: null, list: [{ a: null, b: 2 }, null], none: [], nothing: {} };

  assertEquals(fitAnswer(result), { id: "1", list: [{ b: 2 }], none: [], nothing: {} });
});

Deno.test("a long list loses what is oldest, whichever way it runs, and says how to go on", () => {
  const oldestFirst = Array.from({ length: 50 }, (_, second) => messageAt(second));
  const newestFirst = oldestFirst.toReversed();

  for (const messages of [oldestFirst, newestFirst]) {
    const { messages: kept, next_before, left_out } = fitAnswer({ messages }) as {
      messages: typeof oldestFirst;
      next_before: string;
      left_out?: number;
    };

    assert(kept.length > 5 && kept.length < 50, String(kept.length));
    assert(kept.some(({ at }) => at.endsWith(":49Z")), "the newest is there");
    assertEquals(next_before, kept.map(({ at }) => at).sort()[0]);
    assertEquals(left_out, undefined);
    assert(bytesOf({ messages: kept, next_before }) <= LIMIT);
    assertEquals(kept[0]!.text.length, 150);
  }
});

Deno.test("a list is not cut within a second, lest the next page begin after what was left out", () => {
  const messages = Array.from({ length: 50 }, (_, index) => messageAt(59 - Math.floor(index / 4)));

  const fitting = fitAnswer({ messages, next_before: "2026-11-20T10:00:47.123456Z" }) as {
    messages: typeof messages;
    next_before: string;
  };

  const oldest = fitting.messages.at(-1)!.at;
  assertEquals([fitting.messages.length % 4, fitting.next_before], [0, oldest]);
  assert(fitting.messages.length > 4);
  assertEquals("left_out" in fitting, false);
});

Deno.test("a list of one second is cut all the same, and says how much is missing", () => {
  const messages = Array.from({ length: 50 }, () => messageAt(7));

  const fitting = fitAnswer({ messages }) as { messages: unknown[]; left_out: number };

  assert(fitting.messages.length > 5);
  assertEquals(fitting.messages.length + fitting.left_out, 50);
});

Deno.test("a long list without times loses its end, and says how many", () => {
  const phone_numbers = Array.from({ length: 50 }, (_, index) => ({
    phone_number: `+1415555${1000 + index}`,
    locality: "x".repeat(100),
  }));

  const fitting = fitAnswer({ phone_numbers }) as { phone_numbers: unknown[]; left_out: number };

  assertEquals(fitting.phone_numbers, phone_numbers.slice(0, fitting.phone_numbers.length));
  assertEquals(fitting.phone_numbers.length + fitting.left_out, 50);
  assert(bytesOf(fitting) <= LIMIT);
});

Deno.test("one item that is too large by itself is cut short, and no character in half", () => {
  const result = {
    messages: [{ at: "2026-11-20T10:00:00Z", parts: Array(9).fill("😀".repeat(600)) }],
  };

  const fitting = fitAnswer(result);

  assert(bytesOf(fitting) < LIMIT * 2.5, String(bytesOf(fitting)));
  assert(JSON.stringify(fitting).isWellFormed());
  assert(!JSON.stringify(fitting).includes("\\ud"));
  assertEquals(fitAnswer(fitting), fitting);
});

Deno.test("every error code tells the model one thing to do", () => {
  for (const code of [...Object.keys(ERROR_CODES), "a code of tomorrow"]) {
    const sentence = nextAfterError(code);
    assert(/^[A-Z].{10,160}\.$/.test(sentence), `${code}: ${sentence}`);
  }
});

Deno.test("every tool that does more than tell a status says what follows", () => {
  const silent = [...toolDefinitions.values()]
    .filter(({ family }) => nextAfterSuccess(family, {}) === undefined)
    .map(({ family }) => family);

  assertEquals([...new Set(silent)].sort(), ["get_delivery_receipts", "get_message_status"]);
});

Deno.test("what is scheduled is told apart from what was sent", () => {
  const now = nextAfterSuccess("send_sms", { status: "queued" });
  const later = nextAfterSuccess("send_sms", { status: "scheduled" });

  assert(now?.includes("get_message_status"));
  assert(later?.includes("cancel_message"));
});

Deno.test("whatever is given in place of arguments can be kept", () => {
  const deep = JSON.parse('{"a":'.repeat(5_000) + "1" + "}".repeat(5_000));
  const given: [value: unknown, kept: unknown][] = [
    [{ to: "+1", extra: [1, null, "x"] }, { to: "+1", extra: [1, null, "x"] }],
    [undefined, {}],
    [null, {}],
    ["not JSON", { given: '"not JSON"' }],
    [[1, 2], { given: "[1,2]" }],
    [{ body: "a\u0000b" }, { given: '{"body":"a/u0000b"}' }],
    [{ ["\ud800"]: 1 }, { given: '{"/ud800":1}' }],
    [deep, {}],
  ];

  for (const [value, kept] of given) assertEquals(keepable(value), kept);
  const long = keepable({ body: "x".repeat(20_000) });
  assertEquals(Object.keys(long), ["given"]);
  assert(bytesOf(long) < LIMIT);
  assertEquals(keepableName("drop\u0000table"), "drop?table");
  assertEquals(keepableName("x".repeat(500)).length, 64);
  assertEquals(keepableName(""), "?");
});

Deno.test("addresses are compared however they are written", () => {
  const given = { to: " +1 (415) 555-0100 ", from: "Desk@Example.COM", body: "(a) b-c.d" };

  assertEquals(withCanonicalAddresses(given), {
    to: "+14155550100",
    from: "desk@example.com",
    body: "(a) b-c.d",
  });
});
