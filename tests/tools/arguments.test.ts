import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { toJsonSchema } from "../../supabase/functions/_shared/tools/definitions/json_schema.ts";
import {
  parseToolArguments,
  type ToolDefinition,
  toolDefinitions,
} from "../../supabase/functions/_shared/tools/definitions/registry.ts";
import { ENOUGH, type Node, SOME_ID } from "../support/tool_values.ts";

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

Deno.test("a variable of a template is given once, and a name has two characters or more", () => {
  const [send, find] = ["send_message", "find_contact"].map((key) => toolDefinitions.get(key)!);
  const day = { name: "day", value: "Monday" };
  const template_variables = [day, { ...day, name: "hour" }, day];

  const twice = { contact_id: SOME_ID, template: "reminder", template_variables };
  assertEquals(flawOf(send!, twice).field, "template_variables.2.name");
  for (const query of ["A", "🙂"]) assertEquals(flawOf(find!, { query }).field, "query");
  assertEquals(parseToolArguments(find!, { query: "🙂漢" }), { arguments: { query: "🙂漢" } });
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
  const name = `\u0000\ud800${"x".repeat(1_000_000)}`;
  const { field, message } = flawOf(toolDefinitions.get("get_message_status")!, {
    ...ENOUGH.get_message_status,
    [name]: 1,
  });

  assertEquals(field, `?\ufffd${"x".repeat(98)}`);
  assert(message.length < 300, message);
});
