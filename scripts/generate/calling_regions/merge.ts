/** A prefix speaks for those below it when they agree, or when most of the ten do. */
const MOST = 6;

/** Few prefixes that say what `leaves` say, and of what is not among them what its neighbours say. */
export function mergePrefixes<Value>(
  root: string,
  leaves: Map<string, Value>,
  rootValue: Value,
): Map<string, Value> {
  const isInner = new Set(
    [...leaves.keys()].flatMap((leaf) =>
      Array.from({ length: leaf.length - 1 }, (_, index) => leaf.slice(0, index + 1))
    ),
  );
  const values = new Map<string, Value>();
  const keyOf = (value: Value): string => {
    const key = JSON.stringify(value);
    values.set(key, value);
    return key;
  };

  const spoken = new Map<string, string | undefined>();
  const listen = (prefix: string): string | undefined => {
    const leaf = leaves.get(prefix);
    const key = leaf !== undefined
      ? keyOf(leaf)
      : isInner.has(prefix)
      ? majorityOf(childrenOf(prefix).map(listen))
      : undefined;
    spoken.set(prefix, key);
    return key;
  };
  listen(root);

  const merged = new Map([[root, rootValue]]);
  const speak = (prefix: string, inherited: string) => {
    const key = spoken.get(prefix) ?? inherited;
    if (key !== inherited) merged.set(prefix, values.get(key)!);
    if (isInner.has(prefix)) { for (const child of childrenOf(prefix)) speak(child, key); }
  };
  for (const child of childrenOf(root)) speak(child, keyOf(rootValue));
  return merged;
}

function majorityOf(keys: Array<string | undefined>): string | undefined {
  const known = keys.filter((key) => key !== undefined);
  return known.find((key) => {
    const count = known.filter((other) => other === key).length;
    return count === known.length || count >= MOST;
  });
}

const childrenOf = (prefix: string): string[] =>
  Array.from({ length: 10 }, (_, digit) => `${prefix}${digit}`);
