/** Work that was started on behalf of an account and is not finished, so that tests need not sleep. */
export class PendingWork {
  readonly #pending = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  /** Notes that work began. Call the answer once, when it ended. */
  begin(accountSid: string): () => void {
    this.#pending.set(accountSid, this.count(accountSid) + 1);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      const left = this.count(accountSid) - 1;
      if (left > 0) this.#pending.set(accountSid, left);
      else this.#pending.delete(accountSid);
      if (left <= 0) { for (const wake of [...this.#waiting]) wake(); }
    };
  }

  /** How much is pending, for one account or for all. */
  count(accountSid?: string): number {
    if (accountSid !== undefined) return this.#pending.get(accountSid) ?? 0;
    let total = 0;
    for (const pending of this.#pending.values()) total += pending;
    return total;
  }

  /** Waits until nothing is pending, for at most `timeoutMs`. Answers whether that came true. */
  async idle(accountSid: string | undefined, timeoutMs: number): Promise<boolean> {
    if (this.count(accountSid) === 0) return true;
    return await new Promise<boolean>((resolve) => {
      const finish = (isIdle: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve(isIdle);
      };
      const wake = () => {
        if (this.count(accountSid) === 0) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#waiting.add(wake);
    });
  }
}
