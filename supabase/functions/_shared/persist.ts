import { logDefect } from "./log_defect.ts";

const TRIES = 3;

/** Writes down what must not be lost for a hiccup; undefined when no try did it, which is logged. */
export async function persist<Value>(
  what: string,
  write: () => Promise<Value>,
): Promise<Value | undefined> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      return await write();
    } catch (error) {
      logDefect(what, error);
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
  return undefined;
}
