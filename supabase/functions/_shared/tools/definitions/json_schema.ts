/** The JSON Schemas of the definitions, as the rows hold them. Only generators and tests need it: it is large. */
import * as z from "zod/mini";
import type { Json } from "../../database/types.ts";
import type { ToolDefinition } from "./tool.ts";

type Node = { [keyword: string]: Json };

export function toJsonSchema(definition: ToolDefinition): Node {
  const { $schema: _, ...schema } = z.toJSONSchema(definition.arguments);
  return plain({ ...schema, required: schema.required ?? [] }) as Node;
}

/** A type or null as a list of types, which is what all of the models' formats take. */
function plain(value: unknown): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value as Json;
  const node = Object.fromEntries(
    Object.entries(value).map(([keyword, part]) => [keyword, plain(part)]),
  );
  const [inner, none, ...more] = Array.isArray(node.anyOf) ? node.anyOf as Node[] : [];
  if (inner === undefined) return node;
  if (none?.type !== "null" || more.length > 0) throw new Error("Cannot flatten a union of types");
  const { anyOf: _, ...outer } = node;
  const choices = Array.isArray(inner.enum) ? { enum: [...inner.enum, null] } : {};
  return { ...inner, ...choices, ...outer, type: [inner.type as string, "null"] };
}
