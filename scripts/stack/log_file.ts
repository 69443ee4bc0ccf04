import { join } from "node:path";

/** Collects what a child writes that nobody needs to watch; begins anew at each start. */
export class LogFile {
  readonly path: string;
  #file: Deno.FsFile;

  constructor(directory: string, name: string) {
    this.path = join(directory, name);
    this.#file = Deno.openSync(this.path, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
  }

  /** Appends one line. */
  write(line: string): void {
    this.#file.writeSync(new TextEncoder().encode(line + "\n"));
  }

  close(): void {
    this.#file.close();
  }
}
