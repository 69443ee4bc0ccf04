/**
 * Measures how long a fresh isolate takes to its first answer over HTTP, for every function that is
 * bundled in the directory given, in turn with an empty handler. `bundles.ts` runs it.
 */
import { pathToFileURL } from "node:url";
import { EMPTY, limitsOf, listFunctions } from "./bundles.ts";
import { type Caller, compareLatency } from "./measure.ts";

const ISOLATE = new URL("./isolate.ts", import.meta.url);

const [directory = ""] = Deno.args;
const results = [];
for (const name of await listFunctions()) {
  results.push(
    await compareLatency({
      name: `Cold start of ${name}: a fresh isolate to its first answer`,
      ceiling: limitsOf(name).coldStartRatio,
      subject: coldStartOf(name),
      reference: coldStartOf(EMPTY),
    }),
  );
}
Deno.exit(results.every((isFastEnough) => isFastEnough) ? 0 : 1);

function coldStartOf(name: string): Caller {
  const bundle = pathToFileURL(`${directory}/${name}.js`).href;
  return {
    name: name === EMPTY ? "empty handler" : name,
    async call() {
      const startedAt = performance.now();
      const isolate = new Worker(`${ISOLATE.href}?bundle=${encodeURIComponent(bundle)}`, {
        type: "module",
      });
      try {
        const port = await portOf(isolate);
        // Refused by each function at its own first guard: nothing behind it is there to ask.
        const answer = await fetch(`http://127.0.0.1:${port}/${name}/nobody/nothing`, {
          method: "POST",
          headers: { connection: "close" },
        });
        await answer.body?.cancel();
        if (answer.status >= 500) throw new Error(`${name} answers ${answer.status}`);
        return performance.now() - startedAt;
      } finally {
        isolate.terminate();
      }
    },
  };
}

async function portOf(isolate: Worker): Promise<number> {
  return await new Promise((resolve, reject) => {
    isolate.onmessage = ({ data }) => resolve(data);
    isolate.onerror = (event) => reject(new Error(`Cannot start the isolate: ${event.message}`));
  });
}
