/** Tools as the models' makers want them told. */
import type { Json } from "../database/types.ts";

export type ToolFormat = "openai" | "anthropic" | "mcp";

export type JsonSchema = { [keyword: string]: Json };

/** A tool that is open to an agent, with the connections it can be used through. */
export interface ListedTool {
  key: string;
  label: string;
  description: string;
  /** The row's schema of the arguments. */
  schema: JsonSchema;
  isReadOnly: boolean;
  isDestructive: boolean;
  isIdempotent: boolean;
  connections: { id: string; display_name: string }[];
}

/** OpenAI takes no more: https://platform.openai.com/docs/api-reference/chat/create (read 2026-11-20). */
const LONGEST_DESCRIPTION = 1024;

/** Tools that ask the provider, beside those that reach people. */
const ASKS_PROVIDER = /_(get_balance|get_usage|search_numbers)$/;

export function toFormat(tool: ListedTool, format: ToolFormat): Json {
  const description = describe(tool);
  switch (format) {
    case "openai":
      return {
        type: "function",
        function: { name: tool.key, description, strict: true, parameters: toStrict(tool.schema) },
      };
    case "anthropic":
      return { name: tool.key, description, input_schema: tool.schema };
    case "mcp":
      return {
        name: tool.key,
        title: tool.label,
        description,
        inputSchema: tool.schema,
        annotations: {
          title: tool.label,
          readOnlyHint: tool.isReadOnly,
          destructiveHint: tool.isDestructive,
          idempotentHint: tool.isIdempotent,
          openWorldHint: tool.isDestructive || ASKS_PROVIDER.test(tool.key),
        },
      };
  }
}

/** Where there is a choice of connections, with as many of them as there is room for. */
function describe({ description, schema, connections }: ListedTool): string {
  const takesConnection = "connection_id" in (schema.properties as JsonSchema);
  if (!takesConnection || connections.length < 2) return description;
  const named = connections.map(({ id, display_name }) => `${quote(display_name)} ${id}`);
  for (let count = named.length; count > 0; count--) {
    const more = count < named.length ? ` and ${named.length - count} more` : "";
    const text = `${description} Connections, to choose from by connection_id: ${
      named.slice(0, count).join(", ")
    }${more}.`;
    if (text.length <= LONGEST_DESCRIPTION) return text;
  }
  return description;
}

/** People wrote the name: it must not look like a sentence of the description. */
function quote(name: string): string {
  return JSON.stringify(name.toWellFormed().replaceAll(/[\s\p{C}]+/gu, " ").trim());
}

/** The formats that strict function calling knows; the other keywords are listed in `toStrict`. */
const STRICT_FORMATS = [
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
];

/**
 * The schema as strict function calling takes it: every property required, what was optional takes
 * null, and what it cannot say in keywords is said in words.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas (read 2026-11-20)
 */
function toStrict(schema: JsonSchema): JsonSchema {
  const { minLength: _, maxLength, required, ...rest } = schema;
  const strict: JsonSchema = { ...rest };
  if (!STRICT_FORMATS.includes(String(rest.format))) delete strict.format;
  if (typeof maxLength === "number" && typeof rest.description === "string") {
    strict.description = `${rest.description} At most ${maxLength} characters.`;
  }
  if (isSchema(rest.items)) strict.items = toStrict(rest.items);
  if (isSchema(rest.properties)) {
    const names = Object.keys(rest.properties);
    const needed = Array.isArray(required) ? required : [];
    strict.properties = Object.fromEntries(
      Object.entries(rest.properties as { [name: string]: JsonSchema }).map(([name, property]) => [
        name,
        needed.includes(name) ? toStrict(property) : orNull(toStrict(property)),
      ]),
    );
    strict.required = names;
    strict.additionalProperties = false;
  }
  return strict;
}

function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function orNull(property: JsonSchema): JsonSchema {
  const withNull = (values: Json[]) => values.includes(null) ? values : [...values, null];
  return {
    ...property,
    type: [...new Set([property.type, "null"].flat())] as string[],
    ...(Array.isArray(property.enum) ? { enum: withNull(property.enum) } : {}),
  };
}
