import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { toJsonSchema } from "../../supabase/functions/_shared/tools/definitions/json_schema.ts";
import {
  parseToolArguments,
  type ToolDefinition,
  toolDefinitions,
} from "../../supabase/functions/_shared/tools/definitions/registry.ts";
import { generateToolsPage, TOOLS_PAGE_FILE } from "../../scripts/generate/tools_page.ts";
import { createRandom } from "../support/random.ts";
import { type Node, randomArguments, validatorOf } from "../support/tool_values.ts";

const SOME_ID = "a0000000-0000-4000-8000-000000000001";

/** Arguments that each family takes, with everything in them that has to be there. */
const ENOUGH: Record<string, Node> = {
  send_sms: { contact_id: SOME_ID, body: "Hello" },
  send_mms: { contact_id: SOME_ID, media_urls: ["https://files.example.com/cat.png"] },
  send_whatsapp: { contact_id: SOME_ID, body: "Hello" },
  send_email: { contact_id: SOME_ID, text: "Hello" },
  start_call: { contact_id: SOME_ID, body: "Hello" },
  get_balance: {},
  get_usage: { start_date: "2026-11-01", end_date: "2026-11-01" },
  get_sms_history: {},
  get_mms_history: {},
  get_email_history: {},
  get_delivery_receipts: { message_id: SOME_ID },
  search_numbers: { country: "US" },
  send_message: { contact_id: SOME_ID, body: "Hello" },
  schedule_message: { contact_id: SOME_ID, body: "Hello", scheduled_at: "2026-12-01T09:00:00Z" },
  cancel_message: { message_id: SOME_ID },
  get_message_status: { message_id: SOME_ID },
  find_contact: { query: "Ann" },
  list_conversations: {},
  read_conversation: { conversation_id: SOME_ID },
};

const definitions = [...toolDefinitions.values()];
const propertiesOf = (definition: ToolDefinition) =>
  toJsonSchema(definition).properties as Record<string, Node>;

function flawOf(definition: ToolDefinition, value: unknown) {
  const parsed = parseToolArguments(definition, value);
  if (!("flaw" in parsed)) {
    throw new Error(`${definition.key} takes ${JSON.stringify(value).slice(0, 200)}`);
  }
  assertStringIncludes(parsed.flaw.message, parsed.flaw.field);
  return parsed.flaw;
}

/** Every tool with arguments that it takes, and one of its arguments to spoil. */
function eachArgument(): [ToolDefinition, Node, string, Node][] {
  return definitions.flatMap((definition) =>
    Object.entries(propertiesOf(definition)).map((
      [name, property],
    ): [ToolDefinition, Node, string, Node] => [
      definition,
      ENOUGH[definition.family]!,
      name,
      property,
    ])
  );
}

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

Deno.test("every tool takes what is enough for it, and null is as good as nothing", () => {
  for (const definition of definitions) {
    const enough = ENOUGH[definition.family]!;
    const nulls = Object.fromEntries(
      Object.keys(propertiesOf(definition)).map((name) => [name, null]),
    );

    assertEquals(parseToolArguments(definition, { ...nulls, ...enough }), {
      arguments: enough as never,
    });
  }
});

Deno.test("an argument that a tool does not have is refused by its name", () => {
  for (const definition of definitions) {
    for (const extra of ["workspace_id", "body2", "constructor", "__proto__", "toString"]) {
      const value = JSON.parse(
        JSON.stringify(ENOUGH[definition.family]).replace(/^\{/, `{"${extra}":{},`)
          .replace(",}", "}"),
      );

      assertEquals(flawOf(definition, value).field, extra, definition.key);
    }
  }
});

Deno.test("an argument of the wrong type is refused by its name", () => {
  for (const [definition, enough, name, { type }] of eachArgument()) {
    const wrong = {
      string: [7, {}, ["x"], true],
      integer: ["7", {}, [7]],
      boolean: ["true", 1],
      array: ["x", 7, {}],
    };
    for (const value of wrong[[type].flat()[0] as keyof typeof wrong]) {
      assertEquals(flawOf(definition, { ...enough, [name]: value }).field, name, definition.key);
    }
  }
});

Deno.test("an argument that has to be there is refused as missing, by its name", () => {
  for (const definition of definitions) {
    const enough = ENOUGH[definition.family]!;
    for (const name of toJsonSchema(definition).required as string[]) {
      const { [name]: _, ...rest } = enough;

      assertEquals(flawOf(definition, rest), {
        field: name,
        message: `${name} is missing: the tool needs it`,
      });
      assertEquals(flawOf(definition, { ...enough, [name]: null }).field, name);
    }
  }
});

Deno.test("NUL and half of a character are refused in every text by its name", () => {
  for (const [definition, enough, name, { type }] of eachArgument()) {
    if ([type].flat()[0] !== "string") continue;
    for (const text of ["a\u0000b", "a\ud800b"]) {
      assertEquals(flawOf(definition, { ...enough, [name]: text }).field, name, definition.key);
    }
  }
});

Deno.test("a huge text is refused in every argument by its name, and an empty one", () => {
  const huge = "x".repeat(2_000_000);
  for (const [definition, enough, name, { type }] of eachArgument()) {
    if ([type].flat()[0] !== "string") continue;
    for (const text of [huge, ""]) {
      assertEquals(flawOf(definition, { ...enough, [name]: text }).field, name, definition.key);
    }
  }
});

Deno.test("a huge list is refused before its items are looked at", () => {
  const definition = toolDefinitions.get("send_message")!;
  const urls = Array.from({ length: 100_000 }, () => "http://files.example.com");

  assertEquals(flawOf(definition, { ...ENOUGH.send_message, media_urls: urls }), {
    field: "media_urls",
    message: "media_urls must be a list of at most 10",
  });
});

Deno.test("a URL that is not https, or leads to the inside, is refused by its place", () => {
  const urls = [
    "http://files.example.com/cat.png",
    "ftp://files.example.com",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/cat.png",
    "https://user@files.example.com",
  ];
  for (const [definition, enough, name] of eachArgument()) {
    if (name !== "media_urls") continue;
    const [first] = (propertiesOf(definition).media_urls!.maxItems === 1)
      ? []
      : ["https://example.com"];
    for (const url of urls) {
      const media_urls = first === undefined ? [url] : [first, url];

      assertEquals(
        flawOf(definition, { ...enough, media_urls }).field,
        `media_urls.${media_urls.length - 1}`,
      );
    }
  }
});

Deno.test("whoever is written to is named exactly once", () => {
  const who = { contact_id: SOME_ID, conversation_id: SOME_ID, to: "+14155550100" };
  const reaching = definitions.filter(({ isDestructive }) => isDestructive);
  for (const definition of reaching) {
    const { contact_id: _, ...rest } = ENOUGH[definition.family]!;

    assertEquals(flawOf(definition, rest).field, "contact_id", definition.key);
    for (const [name, value] of Object.entries(who)) {
      assert("arguments" in parseToolArguments(definition, { ...rest, [name]: value }), name);
    }
    assertEquals(flawOf(definition, { ...rest, ...who }).field, "conversation_id");
    assertEquals(flawOf(definition, { ...rest, contact_id: SOME_ID, to: who.to }).field, "to");
  }
  assertEquals(reaching.length, 28);
});

Deno.test("a message says something, and template words go with a template", () => {
  const send = toolDefinitions.get("send_message")!;
  const to = { contact_id: SOME_ID };
  const template_variables = [{ name: "day", value: "Monday" }];

  assertEquals(flawOf(send, to), {
    field: "body",
    message: "body is missing: give one of body, html, template, media_urls",
  });
  assertEquals(flawOf(send, { ...to, body: "Hi", template_variables }).field, "template_variables");
  assertEquals(
    flawOf(send, { ...to, body: "Hi", template_language: "en" }).field,
    "template_language",
  );
  const filled = { ...to, template: "reminder", template_language: "en", template_variables };
  assertEquals(parseToolArguments(send, filled), { arguments: filled });
  assertEquals(
    flawOf(send, { ...filled, template_variables: [{ name: "day", value: "Monday", then: "x" }] })
      .field,
    "template_variables.0.then",
  );
});

Deno.test("days that are the wrong way round are refused", () => {
  const days = { start_date: "2026-11-02", end_date: "2026-11-01" };

  assertEquals(flawOf(toolDefinitions.get("twilio_get_usage")!, days).field, "end_date");
});

Deno.test("a scheduled time may be a local one", () => {
  const schedule = toolDefinitions.get("schedule_message")!;
  const at = (scheduled_at: string) => ({ ...ENOUGH.schedule_message, scheduled_at });

  const local = { ...at("2026-12-01T09:00:00"), time_zone: "recipient", unless: ["replied"] };
  assertEquals(parseToolArguments(schedule, local), { arguments: local });
  assertEquals(flawOf(schedule, at("tomorrow")).field, "scheduled_at");
});

Deno.test("arguments that are no object are refused", () => {
  for (const value of [null, undefined, "{}", 7, [], [{}]]) {
    assertEquals(flawOf(toolDefinitions.get("send_message")!, value), {
      field: "arguments",
      message: "arguments must be an object with the arguments of send_message",
    });
  }
});

Deno.test("a made-up name of an argument comes back short, and fit to be kept", () => {
  const name = `\u0000${"x".repeat(1_000_000)}\ud800`;
  const { field, message } = flawOf(toolDefinitions.get("get_message_status")!, {
    ...ENOUGH.get_message_status,
    [name]: 1,
  });

  assertEquals(field, `?${"x".repeat(99)}`);
  assert(message.length < 300, message);
});

Deno.test("the page of the tools is that of the definitions", async () => {
  assertEquals(await Deno.readTextFile(TOOLS_PAGE_FILE), await generateToolsPage());
});
