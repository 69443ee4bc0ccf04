import { assertEquals } from "@std/assert";
import { countSegments } from "../../scripts/simulator/providers/twilio/segments.ts";

const CASES: Array<[description: string, text: string, segments: number]> = [
  ["nothing", "", 1],
  ["160 septets", "a".repeat(160), 1],
  ["161 septets", "a".repeat(161), 2],
  ["two full parts", "a".repeat(306), 2],
  ["three parts", "a".repeat(307), 3],
  ["a euro sign counts twice", "€".repeat(80), 1],
  ["a euro sign more", `${"€".repeat(80)}a`, 2],
  ["an extension character does not straddle parts", `${"a".repeat(152)}€${"a".repeat(152)}`, 3],
  ["capital cedilla is GSM", "Ç".repeat(160), 1],
  ["small cedilla is not", "ç".repeat(71), 2],
  ["70 units of UCS-2", "я".repeat(70), 1],
  ["71 units", "я".repeat(71), 2],
  ["two full parts of UCS-2", "я".repeat(134), 2],
  ["three parts of UCS-2", "я".repeat(135), 3],
  ["an emoji is two units", "👍".repeat(35), 1],
  ["a pair is not split", `${"я".repeat(66)}👍${"я".repeat(66)}`, 3],
  ["one emoji turns the whole text", `${"a".repeat(69)}👍`, 2],
  ["a backtick is not GSM", `${"a".repeat(70)}\``, 2],
  ["line breaks are GSM", "\r\n".repeat(80), 1],
];

for (const [description, text, segments] of CASES) {
  Deno.test(`segments: ${description}`, () => assertEquals(countSegments(text), segments));
}
