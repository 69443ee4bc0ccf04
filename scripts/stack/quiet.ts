import { AsyncLocalStorage } from "node:async_hooks";
import type { Log } from "./types.ts";

const sinks = new AsyncLocalStorage<Log>();
let isInstalled = false;

/**
 * Runs something whose errors and warnings go to `sink`. The Data API writes a stack trace for each
 * statement that Postgres refuses, and a refused statement is everyday life to row level security.
 */
export function withErrorsTo<T>(sink: Log, run: () => T): T {
  if (!isInstalled) {
    isInstalled = true;
    for (const level of ["error", "warn"] as const) {
      const original = console[level];
      console[level] = (...data: unknown[]) => {
        const current = sinks.getStore();
        if (current === undefined) return original(...data);
        current(data.map((item) => item instanceof Error ? item.stack : String(item)).join(" "));
      };
    }
  }
  return sinks.run(sink, run);
}
