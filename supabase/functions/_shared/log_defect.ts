import { AppError } from "./http/error.ts";

/** Says what kind of error it was, and nothing that it might quote. */
export function logDefect(what: string, error: unknown): void {
  const kind = error instanceof AppError ? error.code : error instanceof Error ? error.name : "?";
  console.error(`${what} failed: ${kind}`);
}
