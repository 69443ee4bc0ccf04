/** Texts and the parts they are sent in, for everything that counts them. */
import vectors from "./segment_vectors.json" with { type: "json" };

export interface SegmentVector {
  description: string;
  text: string;
  encoding: string;
  segmentCount: number;
}

/** Texts are kept as pieces, each with how often it comes. */
export const SEGMENT_VECTORS: SegmentVector[] = vectors.map((vector) => ({
  description: vector.description,
  text: vector.pieces.map(([piece, count]) => String(piece).repeat(Number(count))).join(""),
  encoding: vector.encoding,
  segmentCount: vector.segment_count,
}));

/** Characters of every kind, each a grapheme of its own: Twilio's calculator keeps graphemes whole. */
const ALPHABETS = [
  [..."Hello you, 10% off @ £5! ÇéàÅΩß\r\n"],
  [..."Deal of the day €[{^~|\\}]\f"],
  [..."Привет, ça va “bien” – ok`\t\u00a0日本"],
  [..."Yes я ok 👍🎉𝒳😀"],
];

/** Where counts change. */
const LIMITS = [70, 134, 160, 201, 306];
const MOST_CHARACTERS = 310;

/** The same texts for the same seed: half of any length, half about as long as some parts can hold. */
export function randomTexts(count: number, seed: number): string[] {
  let state = seed;
  const below = (limit: number) => {
    // Park and Miller's generator.
    state = state * 16807 % 2147483647;
    return Math.floor(state / 2147483647 * limit);
  };
  const oneOf = <Value>(values: Value[]): Value => values[below(values.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const main = ALPHABETS[index % ALPHABETS.length]!;
    const other = oneOf(ALPHABETS);
    const otherShare = below(3) * 5;
    const length = index % 8 < 4 ? below(MOST_CHARACTERS) : oneOf(LIMITS) - below(5);
    return Array.from({ length }, () => oneOf(below(100) < otherShare ? other : main)).join("");
  });
}
