import { join } from "node:path";
import { StackError } from "./errors.ts";

/** Held while a stack uses a data folder. The system lets go of it however the process ends. */
export class StackLock {
  #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Takes the lock, or refuses with a line that names who holds it. */
  static async take(dataDirectory: string, action: string): Promise<StackLock> {
    const path = join(dataDirectory, "lock");
    const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
    if (!await file.tryLock(true)) {
      file.close();
      const holder = (await Deno.readTextFile(path)).trim();
      throw new StackError(
        `Cannot ${action}: a stack is running as process ${holder}; stop it with Ctrl-C first`,
      );
    }
    await file.truncate();
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
    return new StackLock(file);
  }

  /** Lets go. */
  release(): void {
    this.#file.close();
  }
}
