// 3GPP TS 23.038: the GSM 7-bit default alphabet and its extension table.
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION = "\f^{}\\[~]|€";
const SEPTETS = new Map<string, number>([
  ...[...BASIC].map((character) => [character, 1] as const),
  ...[...EXTENSION].map((character) => [character, 2] as const),
]);

/**
 * How many parts a text is sent in: 160 or 153 septets each, 70 or 67 UTF-16 units otherwise. A count of
 * its own, so that the product's is held against another's, as it is at a provider.
 */
export function countSegments(text: string): number {
  const characters = [...text];
  const septets = characters.map((character) => SEPTETS.get(character));
  const isGsm = septets.every((size) => size !== undefined);
  const sizes = isGsm
    ? septets.filter((size) => size !== undefined)
    : characters.map((character) => character.length);
  const [single, part] = isGsm ? [160, 153] : [70, 67];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= single) return 1;
  return countParts(sizes, part);
}

/** A character is never split, so a part may end up shorter than it could be. */
function countParts(sizes: readonly number[], partSize: number): number {
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > partSize) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return parts;
}
