import * as z from "zod/mini";

/** Field rules that several endpoints share; each message says what to send instead. */

export const uuid = () => z.string({ error: "must be a UUID" }).check(z.uuid("must be a UUID"));

/** Text that Postgres can store: it takes neither NUL nor half of a surrogate pair. */
export const storableText = () =>
  z.string({ error: "must be text" }).check(
    z.refine((value) => !value.includes("\0") && value.isWellFormed(), {
      error: "must not hold NUL or half of a character",
    }),
  );

export const text = (maxLength: number) =>
  storableText().check(
    z.minLength(1, "must not be empty"),
    z.maxLength(maxLength, `must have at most ${maxLength} characters`),
  );

/** A list whose length is looked at before its items are. */
export const listOf = <Item extends z.core.$ZodType>(item: Item, maxLength: number) =>
  z.pipe(
    z.custom<z.input<Item>[]>((value) => Array.isArray(value) && value.length <= maxLength, {
      error: `must be a list of at most ${maxLength}`,
    }),
    z.array(item),
  );
