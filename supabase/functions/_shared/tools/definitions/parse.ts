/** Holds the arguments that a model gave to a tool's definition. */
import * as z from "zod/mini";
import type { Json } from "../../database/types.ts";
import type { Flaw, ToolArguments, ToolDefinition } from "./tool.ts";

/** A name is repeated in answers and rows: one that was made up may be of any length. */
const LONGEST_FIELD = 100;

/** The arguments without nulls, or the first thing wrong with them and what to give instead. */
export function parseToolArguments(
  definition: ToolDefinition,
  value: unknown,
): { arguments: ToolArguments } | { flaw: Flaw } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {
      flaw: {
        field: "arguments",
        message: `arguments must be an object with the arguments of ${definition.key}`,
      },
    };
  }
  const result = z.safeParse(definition.arguments, value);
  if (!result.success) return { flaw: describe(result.error.issues[0]!, value, definition) };
  const given = Object.fromEntries(
    Object.entries(result.data as Record<string, Json | undefined>)
      .filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null),
  );
  const flaw = definition.findFlaw?.(given);
  return flaw
    ? { flaw: { field: flaw.field, message: `${flaw.field} ${flaw.message}` } }
    : { arguments: given };
}

function describe(
  issue: z.core.$ZodIssue,
  value: object,
  { key, arguments: rules }: ToolDefinition,
): Flaw {
  if (issue.code === "unrecognized_keys") {
    const field = nameOf([...issue.path, issue.keys[0]!]);
    const known = Object.keys(rules.shape).join(", ");
    return {
      field,
      message: issue.path.length > 0
        ? `${field} is not known there: leave it out`
        : `${field} is no argument of ${key}: ${known ? `it takes ${known}` : "it takes none"}`,
    };
  }
  const field = nameOf(issue.path);
  if (valueAt(value, issue.path) === undefined) {
    return { field, message: `${field} is missing: the tool needs it` };
  }
  return { field, message: `${field} ${issue.message}` };
}

/** Fit to be kept by the database, whatever the name was. */
function nameOf(path: readonly PropertyKey[]): string {
  return path.map(String).join(".").slice(0, LONGEST_FIELD).toWellFormed()
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f]/g, "?");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, name) =>
      typeof parent === "object" && parent !== null
        ? (parent as Record<PropertyKey, unknown>)[name]
        : undefined,
    value,
  );
}
