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

/**
 * What is beside the point: anything else reads as `fallback`, lest a detail make a success
 * unreadable. In place of `z.catch`, with which a bundle holds every helper that zod has (10 kB).
 */
export function orElse<Schema extends z.ZodMiniType>(
  schema: Schema,
  fallback: NoInfer<z.output<Schema>>,
): z.ZodMiniTransform<z.output<Schema>, unknown> {
  return z.transform((given: unknown) => {
    const result = z.safeParse(schema, given);
    return result.success ? result.data : fallback;
  });
}

/** Text beside the point. */
export const optionalText = orElse(z.string(), "");

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
