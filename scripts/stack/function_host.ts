import { join, relative, sep } from "node:path";
import { errorResponse } from "./envelope.ts";
import { describeError } from "./errors.ts";
import { FunctionProcess } from "./function_process.ts";
import { forwardedHeaders, type Origin } from "./proxy.ts";
import type { Log } from "./types.ts";

/** Serves the functions of a project, each by a process of its own from its first use on. */
export class FunctionHost {
  #projectDirectory: string;
  #directory: string;
  #environment: () => Promise<Record<string, string>>;
  #log: Log;
  #processes = new Map<string, FunctionProcess>();
  #retiring = new Set<FunctionProcess>();
  #watcher: Deno.FsWatcher | undefined;
  #isStopped = false;

  constructor(options: {
    projectDirectory: string;
    /** Asked anew for each process, since the files it comes from may change. */
    environment: () => Promise<Record<string, string>>;
    log: Log;
  }) {
    this.#projectDirectory = options.projectDirectory;
    this.#directory = join(options.projectDirectory, "supabase", "functions");
    this.#environment = options.environment;
    this.#log = options.log;
    this.#watch();
  }

  /** Whether the project has a function of this name. */
  async has(name: string): Promise<boolean> {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) return false;
    try {
      return (await Deno.stat(join(this.#directory, name, "index.ts"))).isFile;
    } catch {
      return false;
    }
  }

  /** Answers a request for `/<name>/…`, which is the path that the function sees, too. */
  async handle(request: Request, path: string, origin: Origin): Promise<Response> {
    const name = path.split(/[/?]/)[1] ?? "";
    if (!await this.has(name)) {
      return errorResponse(404, "not_found", `Cannot find a function named ${name}`);
    }
    const process = await this.#startReady(name);
    if (process === undefined) {
      return errorResponse(
        503,
        "unavailable",
        `Cannot start function ${name}: see the lines marked [${name}] in the log`,
      );
    }
    try {
      return await process.handle(request, path, forwardedHeaders(request, origin));
    } catch (error) {
      if (request.signal.aborted) throw error;
      return errorResponse(
        503,
        "unavailable",
        `Cannot finish the request: function ${name} ended; see the lines marked [${name}] in the log`,
      );
    }
  }

  /** Ends every process. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#watcher?.close();
    const processes = [...this.#processes.values(), ...this.#retiring];
    await Promise.all(processes.map((process) => process.stop()));
  }

  // A change may retire a process while it starts; then the next one is meant.
  async #startReady(name: string): Promise<FunctionProcess | undefined> {
    for (;;) {
      const process = await this.#start(name);
      if (await process.booted && process.isUsable) return process;
      if (!process.isRetired) return undefined;
    }
  }

  async #start(name: string): Promise<FunctionProcess> {
    const running = this.#processes.get(name);
    if (running?.isUsable) return running;
    const environment = await this.#environment();
    // Another request may have started it while the environment was read.
    const startedMeanwhile = this.#processes.get(name);
    if (startedMeanwhile?.isUsable) return startedMeanwhile;
    if (this.#isStopped) throw new Error("Cannot start a function: the stack is stopping");
    const process = new FunctionProcess({
      name,
      projectDirectory: this.#projectDirectory,
      environment,
      log: this.#log,
    });
    this.#processes.set(name, process);
    return process;
  }

  async #watch(): Promise<void> {
    try {
      this.#watcher = Deno.watchFs(this.#directory, { recursive: true });
    } catch (error) {
      // No functions, or too many watched files on this machine: neither is a reason to stop.
      this.#log(`Cannot watch supabase/functions for changes: ${describeError(error)}`);
      return;
    }
    for await (const event of this.#watcher) {
      if (event.kind === "access") continue;
      for (const path of event.paths) this.#onChange(relative(this.#directory, path));
    }
  }

  #onChange(path: string): void {
    const [first = "", ...rest] = path.split(sep);
    // Code below a function's own folder is its own; anything else may be everybody's.
    const isOwnCode = rest.length > 0 && !first.startsWith("_");
    for (const [name, process] of this.#processes) {
      if (!process.isUsable || (isOwnCode && name !== first)) continue;
      this.#log(`[${name}] ${path} changed; it starts again at the next request`);
      this.#processes.delete(name);
      this.#retiring.add(process);
      process.retire().finally(() => this.#retiring.delete(process));
    }
  }
}
