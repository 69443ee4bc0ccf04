/** Keeps the newest entries of a list that would otherwise grow without end. */
export class BoundedLog<Entry> {
  #entries: Entry[] = [];
  readonly #maximumEntries: number;

  constructor(maximumEntries: number) {
    this.#maximumEntries = maximumEntries;
  }

  /** Appends an entry. The oldest are dropped in batches, so that appending stays cheap. */
  push(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#maximumEntries * 1.25) {
      this.#entries = this.#entries.slice(-this.#maximumEntries);
    }
  }

  /** The newest `limit` entries that match, oldest first, and how many match altogether. */
  newest(matches: (entry: Entry) => boolean, limit: number): { total: number; entries: Entry[] } {
    const found = this.#entries.filter(matches);
    return { total: found.length, entries: limit === 0 ? [] : found.slice(-limit) };
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries = [];
  }
}
