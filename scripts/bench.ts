/** Measures speed as ratios against references in the same run. */
import postgres from "postgres";
import { compare } from "./bench/measure.ts";
import { compareQueues } from "./bench/queue.ts";
import { compareWebhooks } from "./bench/webhooks.ts";
import { createBenchWorkspace } from "./bench/world.ts";
import { readArguments, runScript } from "./stack/arguments.ts";
import { StackError } from "./stack/errors.ts";
import { deleteStackData } from "./stack/reset.ts";
import { startStack } from "./stack/stack.ts";

const NAMES = ["queue", "webhooks"];

const HELP = `Usage: npx -y deno@2.9.6 task bench [queue] [webhooks]

Starts a stack of its own and compares the queue with graphile-worker and the intake of webhooks
with a bare insert. Prints every round, both medians and their ratio; exits with 1 when a ratio is
below its floor.`;

await runScript(async () => {
  const { positionals } = readArguments(HELP, {});
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown) throw new StackError(`Cannot measure ${unknown}: there are ${NAMES.join(" and ")}`);
  Deno.exit(await measure(positionals.length > 0 ? positionals : NAMES) ? 0 : 1);
});

async function measure(names: string[]): Promise<boolean> {
  const dataDirectory = await Deno.makeTempDir({ prefix: "switchboard-bench-" });
  console.log("Starting a stack for the benchmarks");
  const stack = await startStack({
    dataDirectory,
    port: 0,
    databasePort: 0,
    simulatorPort: 0,
    scheduler: false,
  });
  const sql = postgres(stack.databaseUrl, { max: 8, onnotice: () => {} });
  let isFastEnough = true;
  try {
    const workspace = await createBenchWorkspace(sql);
    if (names.includes("queue")) {
      isFastEnough = await compare(await compareQueues(sql, stack.databaseUrl, workspace)) &&
        isFastEnough;
    }
    if (names.includes("webhooks")) {
      isFastEnough = await compare(await compareWebhooks(sql, stack, workspace)) && isFastEnough;
    }
  } finally {
    await sql.end();
    await stack.stop();
    await deleteStackData(dataDirectory);
    await Deno.remove(dataDirectory, { recursive: true });
  }
  return isFastEnough;
}
