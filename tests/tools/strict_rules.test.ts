import { assertEquals } from "@std/assert";
import { findStrictFlaws } from "../support/openai_strict.ts";

type Node = Record<string, unknown>;

const closed = (properties: Node, rest: Node = {}): Node => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...rest,
});

const toolOf = (parameters: Node, rest: Node = {}) => ({
  type: "function",
  function: { name: "get_weather", description: "Tells it", strict: true, parameters, ...rest },
});

const ofOne = (property: Node) => toolOf(closed({ it: property }));

/** One object within another, `levels` of them. */
const nested = (levels: number): Node =>
  closed(levels > 1 ? { it: nested(levels - 1) } : { it: { type: "string" } });

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `word_${index}`);

Deno.test("the strict rules take what OpenAI's documentation shows", () => {
  const shown = closed({
    location: { type: "string", description: "Where", pattern: "^[a-z]+$" },
    unit: { type: ["string", "null"], enum: ["F", "C", null] },
    day: { type: "string", format: "date" },
    days: { type: "integer", minimum: 1, maximum: 7 },
    places: { type: "array", minItems: 1, maxItems: 3, items: closed({ x: { type: "number" } }) },
    either: { anyOf: [{ type: "boolean" }, closed({ y: { type: "null" } })] },
  });

  assertEquals(findStrictFlaws(toolOf(shown)), []);
  assertEquals(findStrictFlaws(toolOf(nested(9))), []);
});

const BROKEN: Record<string, unknown> = {
  "tool: is no function": { ...toolOf(closed({})), type: "tool" },
  "name: is malformed": toolOf(closed({}), { name: "get weather" }),
  "strict: is not true": toolOf(closed({}), { strict: false }),
  "description: is missing": toolOf(closed({}), { description: undefined }),
  "description: is too long": toolOf(closed({}), { description: "x".repeat(1025) }),
  "parameters: is a choice": toolOf(closed({}, { anyOf: [{ type: "string" }] })),
  "parameters: takes more properties": toolOf(closed({}, { additionalProperties: true })),
  "parameters: has no properties": toolOf(closed({}, { properties: undefined })),
  "parameters.it: is not required": toolOf(closed({ it: { type: "string" } }, { required: [] })),
  "parameters.it: is required and not there": toolOf(closed({}, { required: ["it"] })),
  "parameters.it: has no type": ofOne({ description: "anything" }),
  "parameters.it: is of the unknown type date": ofOne({ type: "date" }),
  "parameters.it: maxLength is not supported": ofOne({ type: "string", maxLength: 5 }),
  "parameters.it: minItems is not supported": ofOne({ type: "string", minItems: 5 }),
  "parameters.it: default is not supported": ofOne({ type: "string", default: "x" }),
  "parameters.it: allOf is not supported": ofOne({ type: "string", allOf: [] }),
  "parameters.it: the format uri is not supported": ofOne({ type: "string", format: "uri" }),
  "parameters.it: the pattern is malformed": ofOne({ type: "string", pattern: "(" }),
  "parameters.it: the pattern looks around": ofOne({ type: "string", pattern: "^(?=a)" }),
  "parameters.it: has no items": ofOne({ type: "array" }),
  "parameters.it: has no choices": ofOne({ type: "string", enum: [] }),
  "parameters.it: has a choice of another type": ofOne({ type: "string", enum: [1] }),
  "parameters.it: takes null, which is none of its choices": ofOne({
    type: ["string", "null"],
    enum: ["a"],
  }),
  "parameters.it: has too much text in its choices": ofOne({
    type: "string",
    enum: numbered(251).map((word) => word.padEnd(60, "x")),
  }),
  "parameters.it.items: takes more properties": ofOne({
    type: "array",
    items: closed({}, { additionalProperties: undefined }),
  }),
  "parameters.it.anyOf.0: takes more properties": ofOne({
    anyOf: [closed({}, { additionalProperties: {} })],
  }),
  "parameters: has too many choices": toolOf(closed(Object.fromEntries(
    numbered(5).map((name) => [name, { type: "string", enum: numbered(201) }]),
  ))),
  "parameters: has too many properties": toolOf(
    closed(Object.fromEntries(numbered(5001).map((name) => [name, { type: "string" }]))),
  ),
  "parameters: has too much text in names and choices": ofOne({
    type: "string",
    enum: ["x".repeat(120_000)],
  }),
  [`parameters${".it".repeat(10)}: is nested too deep`]: toolOf(nested(10)),
};

for (const [flaw, tool] of Object.entries(BROKEN)) {
  Deno.test(`the strict rules refuse a tool: ${flaw}`, () => {
    assertEquals(findStrictFlaws(tool), [flaw]);
  });
}

Deno.test("the strict rules refuse a tool: parameters: is no object", () => {
  assertEquals(findStrictFlaws(toolOf({ type: "string" })), ["parameters: is no object"]);
});
