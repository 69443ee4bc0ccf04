import type { Log } from "./types.ts";

/** The account a child runs as; undefined keeps ours. */
export interface Account {
  uid: number;
  gid: number;
}

/** How to start a child. */
export interface ChildOptions {
  command: string;
  args: string[];
  cwd?: string;
  env?: Record<string, string>;
  /** True gives the child `env` and nothing of ours. */
  clearEnv?: boolean;
  account?: Account | undefined;
  /** Keeps the child's input open until we end: a child that reads it notices our death. */
  heldInput?: boolean;
  onLine?: Log;
}

/** Splits a byte stream into lines and hands over each. Ends when the stream ends. */
async function eachLine(stream: ReadableStream<Uint8Array>, onLine: Log): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  }
  if (rest !== "") onLine(rest);
}

/** A child process whose output is read line by line and whose end is known. */
export class Child {
  readonly pid: number;
  /** Settles once the process has ended and its output is read. */
  readonly ended: Promise<Deno.CommandStatus>;
  isRunning = true;
  #process: Deno.ChildProcess;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  constructor(options: ChildOptions) {
    const onLine = options.onLine ?? (() => {});
    this.#process = new Deno.Command(options.command, {
      args: options.args,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.clearEnv === undefined ? {} : { clearEnv: options.clearEnv }),
      ...(options.account ?? {}),
      stdin: options.heldInput ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
      // Ctrl-C reaches a whole process group: only we may hear it, to stop children in order.
      detached: true,
    }).spawn();
    this.pid = this.#process.pid;
    if (options.heldInput) this.#input = this.#process.stdin.getWriter();
    const output = Promise.all([
      eachLine(this.#process.stdout, onLine),
      eachLine(this.#process.stderr, onLine),
    ]);
    this.ended = this.#process.status.then(async (status) => {
      this.isRunning = false;
      // A grandchild may hold the pipes open: what it writes later is not worth waiting for.
      await settlesWithin(output, 500);
      return status;
    });
  }

  /** Ends the held input, which asks the child to leave by itself. */
  async closeInput(): Promise<void> {
    const input = this.#input;
    this.#input = undefined;
    await input?.close().catch(() => {});
  }

  /** Sends a signal; an ended child is left alone. */
  kill(signal: Deno.Signal): void {
    if (!this.isRunning) return;
    try {
      this.#process.kill(signal);
    } catch {
      // It ended between the check and the signal.
    }
  }

  /** Asks with a signal, waits, and kills what has not ended in time. */
  async stop(signal: Deno.Signal, patienceMs: number): Promise<void> {
    this.kill(signal);
    await this.endWithin(patienceMs);
  }

  /** Waits for the child to end, then kills it. */
  async endWithin(patienceMs: number): Promise<void> {
    if (!await settlesWithin(this.ended, patienceMs)) this.kill("SIGKILL");
    await this.ended;
    await this.closeInput();
  }
}

/** Resolves after a time. */
export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Whether a promise settles in time; leaves no timer behind. */
export async function settlesWithin(
  promise: Promise<unknown>,
  milliseconds: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const settled = promise.then(() => true, () => true);
  try {
    return await Promise.race([settled, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a finished command left behind. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end; aborting kills it. */
export async function runCommand(
  command: string,
  args: string[],
  options: {
    cwd?: string;
    env?: Record<string, string>;
    account?: Account | undefined;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<Finished> {
  const output = await new Deno.Command(command, {
    args,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.account ?? {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).output();
  options.signal?.throwIfAborted();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}
