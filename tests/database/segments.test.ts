import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { SegmentedMessage } from "sms-segments-calculator";
import { countSegments } from "../../supabase/functions/_shared/messages/segments.ts";
import { databaseTest } from "../support/engine.ts";
import { randomTexts, SEGMENT_VECTORS } from "../support/segments.ts";

/** How the database counts the parts of a text: as the functions do, and as Twilio's own calculator. */

interface Counted {
  encoding: string;
  segment_count: number;
}

async function countInDatabase(sql: postgres.Sql, texts: string[]): Promise<Counted[]> {
  const rows = await sql<Counted[]>`
    select private.segment_encoding(t.body) as encoding, private.count_segments(t.body) as segment_count
    from unnest(${texts}::text[]) with ordinality as t (body, position)
    order by t.position`;
  return rows.map(({ encoding, segment_count }) => ({ encoding, segment_count }));
}

databaseTest("the database counts the parts of every shared example", async (sql) => {
  const counted = await countInDatabase(sql, SEGMENT_VECTORS.map(({ text }) => text));

  assertEquals(
    counted.map((row, index) => ({ description: SEGMENT_VECTORS[index]!.description, ...row })),
    SEGMENT_VECTORS.map(({ description, encoding, segmentCount }) => ({
      description,
      encoding,
      segment_count: segmentCount,
    })),
  );
});

databaseTest("parts of a text that is not there are not counted", async (sql) => {
  const [row] = await sql`select private.count_segments(null) as segment_count`;
  assertEquals(row!.segment_count, null);
});

databaseTest("a text of any length is counted, as far as the type reaches", async (sql) => {
  const [row] = await sql`
    select private.count_segments(repeat('👍', 100000)) as many, private.count_segments(repeat('a', 6000000)) as most`;
  assertEquals([row!.many, row!.most], [3031, 32767]);
});

databaseTest("random texts have as many parts as Twilio's calculator says", async (sql) => {
  const texts = randomTexts(2000, 20261120).filter((text) => text !== "");
  const expected = texts.map((text) => {
    const { encodingName, segmentsCount } = new SegmentedMessage(text);
    return {
      text,
      encoding: encodingName === "GSM-7" ? "gsm7" : "ucs2",
      segment_count: segmentsCount,
    };
  });

  const inDatabase = await countInDatabase(sql, texts);
  const inFunctions = texts.map((text): Counted => {
    const { encoding, segment_count } = countSegments(text);
    return { encoding, segment_count };
  });

  assertEquals(inDatabase.map((row, index) => ({ text: texts[index], ...row })), expected);
  assertEquals(inFunctions.map((row, index) => ({ text: texts[index], ...row })), expected);
});
