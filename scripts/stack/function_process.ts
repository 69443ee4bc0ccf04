import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { Child, settlesWithin } from "./processes.ts";
import { forward } from "./proxy.ts";
import type { Log } from "./types.ts";

const RUNNER = fileURLToPath(new URL("./function_runner.ts", import.meta.url));
const BOOT_PATIENCE_MS = 60_000;
const ANSWER_PATIENCE_MS = 30_000;
const STOP_PATIENCE_MS = 6_000;

/** How to start one function. */
export interface FunctionSettings {
  name: string;
  /** The folder that holds `supabase/`. */
  projectDirectory: string;
  environment: Record<string, string>;
  log: Log;
}

/** One Deno process that serves one function. */
export class FunctionProcess {
  #settings: FunctionSettings;
  #child: Child;
  #port: number | undefined;
  #client = Deno.createHttpClient({ poolIdleTimeout: false });
  #requestsUnderWay = 0;
  #isRetired = false;
  #allAnswered: () => void = () => {};
  /** Settles when it accepts requests: true, or ended before: false. */
  readonly booted: Promise<boolean>;

  constructor(settings: FunctionSettings) {
    this.#settings = settings;
    // Nothing that the function writes by itself begins like this.
    const word = crypto.randomUUID();
    let report: () => void = () => {};
    const listening = new Promise<void>((resolve) => report = resolve);
    const functions = join(settings.projectDirectory, "supabase", "functions");
    this.#child = new Child({
      command: Deno.execPath(),
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--allow-net",
        "--allow-env",
        "--allow-sys",
        `--allow-read=${settings.projectDirectory},${join(fileURLToPath(import.meta.url), "..")}`,
        RUNNER,
        join(functions, settings.name, "index.ts"),
        word,
      ],
      cwd: settings.projectDirectory,
      env: {
        ...inheritedEnvironment(),
        ...settings.environment,
        DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
        NO_COLOR: "1",
      },
      clearEnv: true,
      heldInput: true,
      onLine: (line) => {
        if (line.startsWith(word)) {
          this.#port = Number(line.slice(word.length));
          report();
          return;
        }
        // Deno.serve says so at every start, and the address is nobody's business.
        if (!line.startsWith("Listening on http")) settings.log(`[${settings.name}] ${line}`);
      },
    });
    this.booted = this.#waitUntil(listening);
    this.#child.ended.then(({ code, signal }) => this.#onEnd(signal ?? `code ${code}`));
  }

  /** True once it was told to end, which is no fault of its own. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** False once it ended or was told to. */
  get isUsable(): boolean {
    return this.#child.isRunning && !this.#isRetired;
  }

  /** Sends a request to the function. Fails where the process ends before it answers. */
  async handle(request: Request, path: string, headers: Headers): Promise<Response> {
    this.#requestsUnderWay++;
    let isCounted = true;
    return await forward(
      request,
      new URL(`http://127.0.0.1:${this.#port}${path}`),
      headers,
      this.#client,
      () => {
        if (!isCounted) return;
        isCounted = false;
        if (--this.#requestsUnderWay === 0) this.#allAnswered();
      },
    );
  }

  /** Takes no further request, answers those under way, finishes its background work, ends. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    if (this.#requestsUnderWay > 0) {
      const allAnswered = new Promise<void>((resolve) => this.#allAnswered = resolve);
      await settlesWithin(Promise.race([allAnswered, this.#child.ended]), ANSWER_PATIENCE_MS);
    }
    await this.#end();
  }

  /** Ends without waiting for answers. */
  async stop(): Promise<void> {
    this.#isRetired = true;
    this.#allAnswered();
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#child.closeInput();
    await this.#child.endWithin(STOP_PATIENCE_MS);
  }

  #onEnd(how: string): void {
    this.#client.close();
    if (this.#isRetired) return;
    this.#settings.log(
      `[${this.#settings.name}] ended with ${how}; it starts again at the next request`,
    );
  }

  async #waitUntil(listening: Promise<void>): Promise<boolean> {
    await settlesWithin(Promise.race([listening, this.#child.ended]), BOOT_PATIENCE_MS);
    if (this.#port !== undefined) return true;
    if (this.#child.isRunning && !this.#isRetired) {
      this.#settings.log(
        `[${this.#settings.name}] serves nothing after ${BOOT_PATIENCE_MS / 1000} s; it is stopped`,
      );
    }
    await this.#end();
    return false;
  }
}

// A function sees what it would see on the platform, and what Deno needs to find its cache.
function inheritedEnvironment(): Record<string, string> {
  const names = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "DENO_CERT", "DENO_TLS_CA_STORE"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
