import { assert, assertEquals } from "@std/assert";
import { generateToolsPage, TOOLS_PAGE_FILE } from "../../scripts/generate/tools_page.ts";
import { toJsonSchema } from "../../supabase/functions/_shared/tools/definitions/json_schema.ts";
import { toolDefinitions } from "../../supabase/functions/_shared/tools/definitions/registry.ts";
import { createRandom } from "../support/random.ts";
import { type Node, randomArguments, validatorOf } from "../support/tool_values.ts";

const definitions = [...toolDefinitions.values()];

Deno.test("there is a tool for every provider, and seven for all of them, in order", () => {
  assertEquals(definitions.slice(0, 8).map(({ key }) => key), [
    "send_message",
    "schedule_message",
    "cancel_message",
    "get_message_status",
    "find_contact",
    "list_conversations",
    "read_conversation",
    "twilio_send_sms",
  ]);
  assertEquals(new Set(definitions.map(({ provider }) => provider)).size, 11);
  assertEquals(definitions.length, 77);
});

Deno.test("every schema is one by the meta-schema", () => {
  for (const definition of definitions) validatorOf(toJsonSchema(definition));
});

Deno.test("every text and list of every tool has an end", () => {
  const openEnds = (node: Node, path: string): string[] => {
    const isBounded = ["uuid", "date"].includes(String(node.format)) || "enum" in node ||
      "maxLength" in node || /^\^.*\$$/.test(String(node.pattern)) && !/[+*]($|[^\]])/.test(
          String(node.pattern).replaceAll(/\[[^\]]*\]/g, "x"),
        );
    const type = [node.type].flat()[0];
    return [
      ...(type === "string" && !isBounded ? [path] : []),
      ...(type === "array" && !("maxItems" in node) ? [path] : []),
      ...(type === "array" ? openEnds(node.items as Node, `${path}.items`) : []),
      ...Object.entries((node.properties ?? {}) as Record<string, Node>)
        .flatMap(([name, part]) => openEnds(part, `${path}.${name}`)),
    ];
  };

  assertEquals(definitions.flatMap((it) => openEnds(toJsonSchema(it), it.key)), []);
  assertEquals(openEnds({ type: "string", pattern: "^[a-z]+$" }, "a"), ["a"]);
});

Deno.test("every argument is described, those within lists included", () => {
  const undescribed = (node: Node, path: string): string[] =>
    Object.entries((node.properties ?? {}) as Record<string, Node>).flatMap(([name, part]) => [
      ...(/^[A-Z].*\.$/.test(String(part.description)) ? [] : [`${path}.${name}`]),
      ...undescribed((part.items ?? {}) as Node, `${path}.${name}`),
    ]);

  assertEquals(definitions.flatMap((it) => undescribed(toJsonSchema(it), it.key)), []);
});

Deno.test("what a tool's schema takes its rules take, and the reverse", () => {
  const taken = { both: 0, neither: 0 };
  for (const definition of new Map(definitions.map((it) => [it.arguments, it])).values()) {
    const seed = 20261120;
    const random = createRandom(seed);
    const schema = toJsonSchema(definition);
    const isValid = validatorOf(schema);
    for (let round = 0; round < 300; round++) {
      const value = randomArguments(random, schema);
      const result = definition.arguments.safeParse(value);
      if (isValid(value) !== result.success) {
        throw new Error(
          `${definition.key}, seed ${seed}, round ${round}: the schema ${
            result.success ? "refuses" : "takes"
          } ${JSON.stringify(value).slice(0, 500)}: ${JSON.stringify(isValid.errors)}`,
        );
      }
      taken[result.success ? "both" : "neither"]++;
    }
  }

  assert(taken.both > 1000 && taken.neither > 1000, JSON.stringify(taken));
});

Deno.test("the page of the tools is that of the definitions", async () => {
  assertEquals(await Deno.readTextFile(TOOLS_PAGE_FILE), await generateToolsPage());
});
