import { watchLauncher } from "./launcher.ts";

const SIGNALS: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

// One Ctrl-C arrives twice below `deno task`: from the terminal and passed on by the task.
const ECHO_MS = 1_000;

/** Aborts at the first Ctrl-C or the like. A later one does not wait for the children. */
export function onStopRequest(announce: () => void): AbortSignal {
  const request = new AbortController();
  let stoppingSince = 0;
  const stop = () => {
    if (request.signal.aborted) return;
    stoppingSince = Date.now();
    announce();
    request.abort();
  };
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      if (request.signal.aborted && Date.now() - stoppingSince > ECHO_MS) Deno.exit(1);
      stop();
    });
  }
  watchLauncher(stop);
  return request.signal;
}
