import type { Log } from "./types.ts";

/**
 * What the hosted project's schedules call, and every how many milliseconds. There the database asks
 * first whether anything is due; here the functions find out, by claiming what is.
 */
export const SCHEDULES: Record<string, number> = { dispatch: 5_000, maintenance: 5_000 };

/** Calls functions again and again, where the project has them. */
export function startScheduler(options: {
  schedules: Record<string, number>;
  url: string;
  secretKey: string;
  hasFunction(name: string): Promise<boolean>;
  log: Log;
}): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const clocks = Object.entries(options.schedules).map(async ([name, intervalMs]) => {
    let failures = 0;
    // A function that fails is called less and less often: its errors would fill the screen.
    while (await waitFor(intervalMs * Math.min(2 ** failures, 32), stopped.signal)) {
      if (!await options.hasFunction(name)) continue;
      const status = await call(options.url, name, options.secretKey, stopped.signal);
      if (status >= 400 && failures === 0) {
        options.log(`Cannot run ${name} on schedule: it answers ${status}`);
      }
      failures = status >= 400 ? failures + 1 : 0;
    }
  });
  return {
    async stop() {
      stopped.abort();
      await Promise.all(clocks);
    },
  };
}

async function call(
  url: string,
  name: string,
  secretKey: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    const response = await fetch(`${url}/functions/v1/${name}`, {
      method: "POST",
      headers: { apikey: secretKey },
      signal,
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return signal.aborted ? 200 : 599;
  }
}

/** True after the time, false when stopped before. */
function waitFor(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const onAbort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve(true);
    }, milliseconds);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
