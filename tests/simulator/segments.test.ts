import { assertEquals } from "@std/assert";
import { countSegments } from "../../scripts/simulator/providers/twilio/segments.ts";
import { SEGMENT_VECTORS } from "../support/segments.ts";

for (const { description, text, segmentCount } of SEGMENT_VECTORS) {
  // Providers call an empty text one part; the product counts none.
  const expected = Math.max(segmentCount, 1);
  Deno.test(`the simulator's segments: ${description}`, () =>
    assertEquals(countSegments(text), expected));
}
