/** How carriers send and bill a text. The same as private.count_segments, for whoever writes one. */
export interface Segments {
  encoding: "gsm7" | "ucs2";
  /** None for an empty text. */
  segment_count: number;
  /** Code points: what one would type, roughly. */
  character_count: number;
  /** Septets, of which some characters take two; or UTF-16 units. */
  unit_count: number;
  /** What still fits into the last part. */
  units_left: number;
}

// 3GPP TS 23.038: the GSM 7-bit default alphabet and its extension table, without the escape to it.
const EXTENSION = "\\f^{}\\\\[~\\]|€";
const IS_EXTENSION = new RegExp(`[${EXTENSION}]`);
const IS_OUTSIDE_GSM = new RegExp(
  `[^\\n\\r !-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ${EXTENSION}]`,
);

/** Units that fit into 140 bytes, and beside the header of 6 bytes that each of several parts has. */
const CAPACITY = { gsm7: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } };

export function countSegments(text: string): Segments {
  const encoding = IS_OUTSIDE_GSM.test(text) ? "ucs2" : "gsm7";
  const { single, part } = CAPACITY[encoding];
  const sizes = Array.from(
    text,
    (character) => encoding === "ucs2" ? character.length : IS_EXTENSION.test(character) ? 2 : 1,
  );
  const unitCount = sizes.reduce((sum, size) => sum + size, 0);
  const parts = unitCount <= single ? [unitCount] : fillParts(sizes, part);
  const capacity = unitCount <= single ? single : part;
  return {
    encoding,
    segment_count: unitCount === 0 ? 0 : parts.length,
    character_count: sizes.length,
    unit_count: unitCount,
    units_left: capacity - parts.at(-1)!,
  };
}

/** The units of each part: a character is never split, so that a part may end up one short. */
function fillParts(sizes: number[], capacity: number): number[] {
  const parts = [0];
  for (const size of sizes) {
    const used = parts.at(-1)!;
    if (used + size > capacity) parts.push(size);
    else parts[parts.length - 1] = used + size;
  }
  return parts;
}
