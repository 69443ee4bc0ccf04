import { assertEquals } from "@std/assert";
// @ts-types="npm:@types/papaparse@5.5.2"
import Papa from "papaparse";
import { readRecords } from "../../supabase/functions/messages/csv_records.ts";

/** Numbers below `limit`, the same in every run. */
function seeded(seed: number) {
  let state = seed;
  return (limit: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}

const VALUES = [
  "",
  "a",
  "äöü",
  'say "hi"',
  "two\nlines",
  "a;b,c",
  '"',
  "\n",
  "🦖",
  'in"side',
  " x ",
];

function write(random: (limit: number) => number, delimiter: string): string {
  const rows = Array.from(
    { length: random(40) },
    () =>
      Array.from({ length: 1 + random(5) }, () => {
        const value = VALUES[random(VALUES.length)]!;
        // A quote that does not begin a value needs none around it.
        const isPlain = !value.includes(delimiter) && !value.includes("\n") &&
          !value.startsWith('"');
        return isPlain && random(2) === 0 ? value : `"${value.replaceAll('"', '""')}"`;
      }).join(delimiter),
  );
  return rows.join("\n") + (random(2) === 0 ? "\n" : "");
}

async function* cut(text: string, random: (limit: number) => number) {
  // Larger than what is read at once, so that pieces end anywhere in a row.
  for (let start = 0; start < text.length;) {
    const end = start + 1 + random(30_000);
    yield await Promise.resolve(text.slice(start, end));
    start = end;
  }
}

Deno.test("CSV is read as a library for it reads it, wherever the pieces end", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const delimiter = [",", ";", "\t"][random(3)]!;
    // Every third is long enough to be read in several turns.
    const text = seed % 3 === 0
      ? Array.from({ length: 600 }, () => write(random, delimiter)).join("\n")
      : write(random, delimiter);
    const expected = Papa.parse<string[]>(text, { delimiter, newline: "\n" }).data;
    // A last line that is empty is no record here.
    if (text === "" || text.endsWith("\n")) expected.pop();

    const records: string[][] = [];
    for await (const part of readRecords(cut(text, random), () => delimiter)) {
      records.push(...part.records);
    }

    assertEquals(records.length, expected.length, `seed ${seed}`);
    assertEquals(records, expected, `seed ${seed}`);
  }
});

Deno.test("a quote that is never closed is refused, for it would hold everything after it", async () => {
  const read = async () => {
    for await (const _ of readRecords(cut('a,"b\nc,d', seeded(1)), () => ",")) { /* Read on. */ }
  };

  const error = await read().then(() => null, (error) => error);

  assertEquals(error?.code, "invalid_request");
});
