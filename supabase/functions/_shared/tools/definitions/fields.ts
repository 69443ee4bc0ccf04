/**
 * Rules for the arguments of tools. What JSON Schema can say of a rule stands beside it as keywords,
 * so that a model reads exactly what is checked; tests hold the two to each other.
 */
import * as z from "zod/mini";
import { listOf, storableText } from "../../http/fields.ts";

type Schema = z.core.$ZodType;

/** Characters as people and Postgres count them, not the halves of emoji. */
function hasAtMost(value: string, maxLength: number): boolean {
  return value.length <= maxLength ||
    (value.length <= maxLength * 2 && [...value].length <= maxLength);
}

export const text = (maxLength: number, minLength = 1) =>
  storableText().check(
    z.minLength(1, "must not be empty: leave it out instead"),
    z.refine((value) => !hasAtMost(value, minLength - 1), {
      error: `must have at least ${minLength} characters`,
    }),
    z.refine((value) => hasAtMost(value, maxLength), {
      error: `must have at most ${maxLength} characters`,
    }),
    z.meta({ minLength, maxLength }),
  );

/** Text of one form; the pattern is anchored and says the length as well. */
export const patterned = (pattern: RegExp, error: string) =>
  z.string({ error }).check(z.regex(pattern, error), z.meta({ pattern: pattern.source }));

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const id = () => formatted("uuid", "must be an id (UUID), as another tool gave it", isUuid);

function isUuid(value: string): boolean {
  return UUID.test(value);
}

const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;

export const day = () => formatted("date", "must be a day such as 2026-11-01", isDay);

function isDay(value: string): boolean {
  const [, year, month, date] = DAY.exec(value)?.map(Number) ?? [];
  if (!year || !month || !date || month > 12) return false;
  return date <= new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();
}

const MOMENT =
  /^(.{10})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$/;
const LONGEST_MOMENT = 40;
const DAY_LENGTH = "2026-11-01".length;

/** A point in time, which is the same wherever it is read. */
export const moment = () =>
  formatted(
    "date-time",
    "must be a time with an offset, such as 2026-12-01T09:00:00-05:00",
    (value) =>
      value.length <= LONGEST_MOMENT && MOMENT.test(value) && isDay(value.slice(0, DAY_LENGTH)),
    { maxLength: LONGEST_MOMENT },
  );

function formatted(
  format: string,
  error: string,
  isValid: (value: string) => boolean,
  keywords: Record<string, unknown> = {},
) {
  return z.string({ error }).check(z.refine(isValid, { error }), z.meta({ format, ...keywords }));
}

const LONGEST_URL = 2048;
const HTTPS = "must be a public URL that begins with https://";

/** Where it leads is looked at with the other things that no schema can say. */
export const httpsUrl = () =>
  storableText().check(
    z.refine((value) => value.startsWith("https://"), { error: HTTPS }),
    z.refine((value) => hasAtMost(value, LONGEST_URL), {
      error: `must have at most ${LONGEST_URL} characters`,
    }),
    z.meta({ pattern: "^https://", maxLength: LONGEST_URL }),
  );

export const whole = (minimum: number, maximum: number) => {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int({ error }).check(z.minimum(minimum, error), z.maximum(maximum, error));
};

export const yesOrNo = () => z.boolean({ error: "must be true or false" });

export const oneOf = <Word extends string>(...words: [Word, ...Word[]]) =>
  z.enum(words, { error: `must be one of ${words.join(", ")}` });

/** A list that is not empty. */
export const several = <Item extends Schema>(item: Item, maxItems: number) =>
  listOf(item, maxItems).check(
    z.refine((items) => items.length > 0, { error: "must not be empty: leave it out instead" }),
    z.meta({ minItems: 1, maxItems }),
  );

export const required = <Field extends z.ZodMiniType>(field: Field, description: string) =>
  field.check(z.describe(description)) as Field;

/** Null and absent are the same: strict function calling has models give every argument. */
export const optional = <Field extends Schema>(field: Field, description: string) =>
  z.optional(z.nullable(field)).check(z.describe(description));
