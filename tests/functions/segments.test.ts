import { assertEquals } from "@std/assert";
import { countSegments } from "../../supabase/functions/_shared/messages/segments.ts";
import { SEGMENT_VECTORS } from "../support/segments.ts";

for (const { description, text, encoding, segmentCount } of SEGMENT_VECTORS) {
  Deno.test(`segments: ${description}`, () => {
    const counted = countSegments(text);
    assertEquals([counted.encoding, counted.segment_count], [encoding, segmentCount]);
  });
}

Deno.test("segments tell a writer what a text takes and what still fits", () => {
  const detailsOf = (text: string) => {
    const { character_count, unit_count, units_left } = countSegments(text);
    return { character_count, unit_count, units_left };
  };

  assertEquals(detailsOf(""), { character_count: 0, unit_count: 0, units_left: 160 });
  assertEquals(detailsOf("5 €"), { character_count: 3, unit_count: 4, units_left: 156 });
  assertEquals(detailsOf("Да 👍"), { character_count: 4, unit_count: 5, units_left: 65 });
  assertEquals(detailsOf("a".repeat(161)), {
    character_count: 161,
    unit_count: 161,
    units_left: 145,
  });
  assertEquals(detailsOf(`${"a".repeat(152)}€${"a".repeat(150)}`), {
    character_count: 303,
    unit_count: 304,
    units_left: 1,
  });
});
