import * as z from "zod/mini";
import { UnreadableAnswerError } from "./provider.ts";

/** Reads an answer by its schema, dropping every field that the schema does not name. */
export function readJson<Schema extends z.ZodMiniType>(
  schema: Schema,
  json: unknown,
): z.output<Schema> {
  const result = z.safeParse(schema, json);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join(".");
  throw new UnreadableAnswerError(path ? `unexpected ${path}` : "not the documented object");
}

/** Text beside the point: anything else reads as empty, lest a detail make a success unreadable. */
export const optionalText = z.catch(z.string(), "");

/** A decimal, given as text or as a number, on which nothing hangs; undefined for anything else. */
export const optionalDecimal = z.transform(toDecimal);

function toDecimal(given: unknown): string | undefined {
  // `String` writes a small number with an exponent.
  const isSmall = typeof given === "number" && given !== 0 && Math.abs(given) < 1e-6;
  const text = isSmall ? given.toFixed(12) : String(given).trim();
  return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
}

/** A decimal without its sign. */
export function withoutSign(value: string): string {
  return value.replace(/^-/, "");
}

/** RFC 2822 or ISO 8601 as ISO 8601 in UTC, undefined when it is no time. */
export function isoTime(text: string): string | undefined {
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs).toISOString();
}
