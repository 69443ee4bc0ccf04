/** Works through `items` with at most `limit` under way; results stand in the order of the items. */
export async function mapConcurrently<Item, Value>(
  items: ReadonlyArray<Item>,
  limit: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const results = new Array<Value>(items.length);
  let next = 0;
  async function takeTurns(): Promise<void> {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, takeTurns));
  return results;
}
