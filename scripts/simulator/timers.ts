/** Thrown into waits that were cut short because the simulator closed or was reset. */
export class Cancelled extends Error {
  override name = "Cancelled";
}

/** Waits that can all be cut short, so that closing leaves no timer behind. */
export class Timers {
  readonly #cancellations = new Set<() => void>();

  /** Waits; rejects with `Cancelled` when `cancelAll` is called first. */
  async sleep(delayMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#cancellations.delete(cancel);
        resolve();
      }, delayMs);
      const cancel = () => {
        clearTimeout(timer);
        this.#cancellations.delete(cancel);
        reject(new Cancelled("Cannot wait: simulator closed or reset"));
      };
      this.#cancellations.add(cancel);
    });
  }

  /** Ends every wait. */
  cancelAll(): void {
    for (const cancel of [...this.#cancellations]) cancel();
  }
}
