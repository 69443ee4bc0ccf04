import { linesOf } from "./lines.ts";
import type { Plan, Point } from "./points.ts";

const SCRIPT = new URL("./worker_process.ts", import.meta.url).pathname;
const PATIENCE_MS = 30_000;

/** A worker in a process of its own. */
export class Worker {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #said: string[] = [];
  readonly #hearing: Promise<void>;
  #wake = Promise.withResolvers<void>();

  /** Starts a process that waits for its plan. */
  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      // Else each start waits for a lock on all the others' packages.
      args: ["run", "-A", "--no-check", "--node-modules-dir=manual", SCRIPT],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#hearing = this.#hear();
  }

  async begin(plan: Plan): Promise<void> {
    await this.#until("ready");
    await this.#tell(JSON.stringify(plan));
  }

  /** Waits until it stands at a point of its plan. */
  async reach(point: Point): Promise<void> {
    await this.#until(`at ${point}`);
  }

  /** From the point at which it stands. */
  async goOn(): Promise<void> {
    await this.#tell("go on");
  }

  /** SIGKILL; answers the last point that it came by, and what failed before. */
  async kill(): Promise<{ lastPoint: string; failures: string[] }> {
    this.#child.kill("SIGKILL");
    const { signal } = await this.#child.status;
    await this.#hearing;
    await this.#stdin.abort().catch(() => {});
    if (signal !== "SIGKILL") throw new Error("A worker ended before it was killed");
    return {
      lastPoint: this.#said.findLast((line) => !line.startsWith("failed")) ?? "",
      failures: this.#said.filter((line) => line.startsWith("failed")),
    };
  }

  async #hear(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      this.#said.push(line);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }
    this.#wake.reject(new Error("The worker ended"));
    this.#wake.promise.catch(() => {});
  }

  async #tell(line: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${line}\n`));
  }

  async #until(line: string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`Waited in vain for a worker: ${line}, after ${this.#said}`)),
      PATIENCE_MS,
    );
    try {
      while (!this.#said.includes(line)) await Promise.race([this.#wake.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
