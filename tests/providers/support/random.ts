/** The same numbers from 0 to 1 on every run, so that a failure can be repeated (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes damaged in one to four places: changed, cut out, repeated or made up. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  let mutated = [...bytes];
  const below = (limit: number) => Math.floor(random() * limit);
  for (let change = below(4); change >= 0; change--) {
    const from = below(mutated.length + 1);
    const to = from + below(12);
    const made = Array.from({ length: below(12) }, () => below(256));
    const kind = below(5);
    if (kind === 0) mutated[from] = below(256);
    else if (kind === 1) mutated.splice(from, to - from);
    else if (kind === 2) mutated.splice(from, 0, ...mutated.slice(from, to));
    else if (kind === 3) mutated.splice(from, to - from, ...made);
    else mutated = mutated.slice(0, from);
  }
  return new Uint8Array(mutated);
}
