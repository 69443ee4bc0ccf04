import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fallbackFor } from "../../../scripts/stack/fallback.ts";
import { deleteStackData } from "../../../scripts/stack/reset.ts";
import { startStack } from "../../../scripts/stack/stack.ts";
import type { Stack, StackOptions } from "../../../scripts/stack/types.ts";
import { eventually } from "../../support/poll.ts";

const DEV = fileURLToPath(new URL("../../../scripts/dev.ts", import.meta.url));
const SEED = fileURLToPath(new URL("../../../supabase/seed.sql", import.meta.url));
const FIXTURE = fileURLToPath(new URL("../fixtures/project", import.meta.url));

/** A copy of the fixture project which a test may change, with the data folder of its stacks. */
export class Project implements AsyncDisposable {
  readonly lines: string[] = [];

  private constructor(readonly directory: string, readonly dataDirectory: string) {}

  static async create(): Promise<Project> {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "switchboard-stack-" }));
    await copyFolder(FIXTURE, join(root, "project"));
    await addDemoPeople(join(root, "project", "supabase", "seed.sql"));
    return new Project(join(root, "project"), join(root, "project", ".stack"));
  }

  /** Starts a stack on free ports; what it logs is added to `lines`. */
  start(options: StackOptions = {}): Promise<Stack> {
    return startStack({
      projectDirectory: this.directory,
      dataDirectory: this.dataDirectory,
      port: 0,
      databasePort: 0,
      simulatorPort: 0,
      scheduler: false,
      log: (line) => this.lines.push(line),
      ...options,
    });
  }

  /** The numbers of all processes that work for this project's stacks. */
  async processes(): Promise<number[]> {
    const { stdout } = await new Deno.Command("ps", { args: ["-ww", "-eo", "pid=,args="] })
      .output();
    const places = [this.directory, fallbackFor(this.dataDirectory)];
    return new TextDecoder().decode(stdout).split("\n")
      .filter((line) => places.some((place) => line.includes(place)))
      .map((line) => Number(line.trim().split(" ")[0]));
  }

  /** Runs `scripts/dev.ts` for this project. */
  dev(...args: string[]): Dev {
    return new Dev(this, args);
  }

  /** Writes a file of the project. */
  async write(path: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.directory, path), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await deleteStackData(this.dataDirectory);
    await Deno.remove(join(this.directory, ".."), { recursive: true });
  }
}

/** Puts the people of the real seed, its first statement, in front of the fixture's own. */
async function addDemoPeople(seed: string): Promise<void> {
  const [people] = /do \$\$.*?\$\$;/s.exec(await Deno.readTextFile(SEED)) ?? [];
  await Deno.writeTextFile(seed, `${people}\n${await Deno.readTextFile(seed)}`);
}

/** `scripts/dev.ts` as a person runs it. */
export class Dev implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly process: Deno.ChildProcess;
  /** Settles when it has ended and its output is read. */
  readonly ended: Promise<Deno.CommandStatus>;

  constructor(project: Project, args: string[]) {
    const ports = ["--port", "0", "--database-port", "0", "--simulator-port", "0"];
    this.process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", DEV, "--project-directory", project.directory, ...ports, ...args],
      env: { DATABASE_URL: "", INIT_CWD: "" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = Promise.all([
      collect(this.process.stdout, (text) => this.stdout += text),
      collect(this.process.stderr, (text) => this.stderr += text),
    ]);
    this.ended = this.process.status.then(async (status) => {
      await output;
      return status;
    });
  }

  /** Waits until it has printed something. */
  async printed(text: string): Promise<void> {
    await eventually(`"${text}" in ${this.stdout}`, () => {
      return Promise.resolve(this.stdout.includes(text));
    });
  }

  /** Sends a signal and waits for the end. */
  async end(signal: Deno.Signal): Promise<Deno.CommandStatus> {
    this.process.kill(signal);
    return await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.process.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.ended;
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) onText(text);
}

/** Whether a process exists. */
export async function isAlive(pid: number): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", 'kill -0 "$0"', String(pid)],
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.copyFile(join(from, name), join(to, name));
  }
}
