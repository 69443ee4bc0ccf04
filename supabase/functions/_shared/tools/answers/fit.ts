import type { Json } from "../../database/types.ts";
import type { JsonObject } from "../operations/ask.ts";

/** About a thousand tokens: what a model still reads in full, many times in one run. */
const MAX_ANSWER_BYTES = 4_000;
const USUAL_TEXT_LENGTH = 1_000;
/** For one item that is too large by itself. */
const SHORT_TEXT_LENGTH = 200;
/** When an item of a list was, to the second, in the words of the tools that page by it. */
const TIMES = ["at", "last_message_at"];

/**
 * The result without nulls and within the bounds: the longest list loses what is oldest, or else its
 * end; only then are texts cut short.
 */
export function fitAnswer(result: JsonObject, maxBytes = MAX_ANSWER_BYTES): JsonObject {
  const whole = shortenTexts(withoutNulls(result), USUAL_TEXT_LENGTH) as JsonObject;
  const shorter = shortenList(whole, maxBytes);
  return bytesOf(shorter) <= maxBytes
    ? shorter
    : shortenTexts(shorter, SHORT_TEXT_LENGTH) as JsonObject;
}

function bytesOf(value: Json): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

function withoutNulls(value: Json): Json {
  return mapParts(value, withoutNulls, (part) => part !== null && part !== undefined);
}

function shortenTexts(value: Json, maxLength: number): Json {
  if (typeof value !== "string") return mapParts(value, (part) => shortenTexts(part, maxLength));
  const characters = [...value];
  return characters.length <= maxLength ? value : `${characters.slice(0, maxLength).join("")}…`;
}

function shortenList(result: JsonObject, maxBytes: number): JsonObject {
  const [longest] = Object.entries(result)
    .filter((entry): entry is [string, Json[]] => Array.isArray(entry[1]) && entry[1].length > 1)
    .sort(([, one], [, other]) => bytesOf(other) - bytesOf(one));
  if (!longest || bytesOf(result) <= maxBytes) return result;
  const [name, listed] = longest;
  const [first, last] = [timeOf(listed[0]), timeOf(listed.at(-1))];
  const isOldestFirst = first !== undefined && last !== undefined && first < last;
  const items = isOldestFirst ? listed.toReversed() : listed;
  /** The result with so many of the items, and how to get at the others. */
  const keep = (count: number): JsonObject => {
    const kept = items.slice(0, count);
    const oldest = timeOf(kept.at(-1));
    const leftOut = items.length - count;
    return {
      ...result,
      [name]: isOldestFirst ? kept.toReversed() : kept,
      ...(oldest === undefined ? {} : { next_before: oldest }),
      ...(oldest === undefined || oldest === timeOf(items[count]) ? { left_out: leftOut } : {}),
    };
  };
  let count = items.length - 1;
  while (count > 1 && bytesOf(keep(count)) > maxBytes) count--;
  // Pages are told apart by whole seconds: what is of the same second belongs on one of them.
  let boundary = count;
  while (boundary > 1 && isOfOneSecond(items[boundary - 1], items[boundary])) boundary--;
  return keep(isOfOneSecond(items[boundary - 1], items[boundary]) ? count : boundary);
}

function isOfOneSecond(one: Json | undefined, other: Json | undefined): boolean {
  return timeOf(one) !== undefined && timeOf(one) === timeOf(other);
}

function timeOf(item: Json | undefined): string | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const name = TIMES.find((time) => typeof item[time] === "string");
  return name === undefined ? undefined : item[name] as string;
}

function mapParts(
  value: Json,
  map: (part: Json) => Json,
  isKept: (part: Json | undefined) => boolean = () => true,
): Json {
  if (Array.isArray(value)) return value.filter(isKept).map(map);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => isKept(part)).map(([name, part]) => [
      name,
      map(part!),
    ]),
  );
}
