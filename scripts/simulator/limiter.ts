/** Runs at most so many tasks of one lane at once; lanes do not hold each other up. */
export class LaneLimiter {
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, Array<() => void>>();
  readonly #maximumPerLane: number;

  constructor(maximumPerLane: number) {
    this.#maximumPerLane = maximumPerLane;
  }

  /** Runs the task as soon as its lane has room. */
  async run<Value>(lane: string, task: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(lane) ?? 0;
    if (running < this.#maximumPerLane) this.#running.set(lane, running + 1);
    else await this.#turn(lane);
    try {
      return await task();
    } finally {
      this.#leave(lane);
    }
  }

  async #turn(lane: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const queue = this.#waiting.get(lane);
      if (queue) queue.push(resolve);
      else this.#waiting.set(lane, [resolve]);
    });
  }

  /** Hands the place to the next one in line, or gives it up. */
  #leave(lane: string): void {
    const next = this.#waiting.get(lane)?.shift();
    if (next) return next();
    this.#waiting.delete(lane);
    const left = (this.#running.get(lane) ?? 1) - 1;
    if (left > 0) this.#running.set(lane, left);
    else this.#running.delete(lane);
  }
}
