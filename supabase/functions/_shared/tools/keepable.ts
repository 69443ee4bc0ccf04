import type { Json } from "../database/types.ts";
import type { JsonObject } from "./operations/ask.ts";

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 10;
const EXCERPT_LENGTH = 2_000;
const LONGEST_NAME = 64;

/** What somebody gave in place of arguments, as the database can keep it: whole, or its beginning. */
export function keepable(given: unknown): JsonObject {
  if (given === undefined || given === null || isDeeperThan(given, MAX_DEPTH)) return {};
  const text = JSON.stringify(given);
  const isObject = typeof given === "object" && !Array.isArray(given);
  return isObject && text.length <= MAX_LENGTH && isStorable(text)
    ? given as { [name: string]: Json }
    : { given: text.slice(0, EXCERPT_LENGTH).replaceAll("\\", "/").toWellFormed() };
}

/** The same of a name that somebody made up. */
export function keepableName(name: string): string {
  return name.slice(0, LONGEST_NAME).replace(/[^\x20-\x7e]/g, "?") || "?";
}

/** Never looks further than the depth: what is nested without end would end us. */
function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((part) => isDeeperThan(part, depth - 1));
}

/** Postgres takes neither NUL nor half of a surrogate pair, which JSON text writes as escapes. */
function isStorable(text: string): boolean {
  return !/\\u(0000|d[89a-f])/i.test(text);
}
