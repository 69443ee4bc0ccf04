// Runs one edge function: `function_runner.ts <index.ts> <word>`. Says on which port it listens, in
// a line that begins with the word, and leaves when its input ends, which is how the stack stops it
// and how it notices the stack's death.

const FINISH_PATIENCE_MS = 5_000;
const [entry, word] = Deno.args;
if (entry === undefined) throw new Error("Cannot run a function: no file given");

const background = new Set<Promise<unknown>>();

// The platform's global for work that goes on after the answer.
Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil(work: Promise<unknown>): void {
      const settled = work.catch((error: unknown) => console.error(error)).finally(() => {
        background.delete(settled);
      });
      background.add(settled);
    },
  },
});

const serve = Deno.serve as (...args: unknown[]) => Deno.HttpServer<Deno.NetAddr>;
Object.assign(Deno, {
  serve(...args: unknown[]) {
    const server = serve(...args);
    console.log(`${word} ${server.addr.port}`);
    return server;
  },
});

async function leaveWhenInputEnds(): Promise<void> {
  for await (const _ of Deno.stdin.readable);
  await Promise.race([
    Promise.all(background),
    new Promise((resolve) => setTimeout(resolve, FINISH_PATIENCE_MS)),
  ]);
  Deno.exit(0);
}

leaveWhenInputEnds();
await import(new URL(entry, "file:///").href);
