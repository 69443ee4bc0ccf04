/** Measures speed as ratios against references in the same run. */
import postgres from "postgres";
import { compareBulkInsert } from "./bench/bulk_insert.ts";
import { compareBundles } from "./bench/bundles.ts";
import { compareCampaigns } from "./bench/campaign.ts";
import { fillLargeWorld } from "./bench/large_world.ts";
import { compare } from "./bench/measure.ts";
import { compareQueues } from "./bench/queue.ts";
import { compareReading } from "./bench/reading.ts";
import { compareWebhooks } from "./bench/webhooks.ts";
import { createBenchWorkspace } from "./bench/world.ts";
import { readArguments, runScript } from "./stack/arguments.ts";
import { StackError } from "./stack/errors.ts";
import { deleteStackData } from "./stack/reset.ts";
import { startStack } from "./stack/stack.ts";
import type { Stack } from "./stack/types.ts";

const NAMES = ["bundles", "queue", "webhooks", "campaign", "reading", "bulk"];

const HELP =
  `Usage: npx -y deno@2.9.6 task bench [bundles] [queue] [webhooks] [campaign] [reading] [bulk]

Compares the cold start of every function, bundled, with that of an empty handler. Starts stacks of
its own for the others and compares: the queue with graphile-worker; the intake of webhooks with a
bare insert; accepting a campaign of 200,000 recipients with COPY of the same rows; reading a million
messages under row level security with reading them as the owner; and inserting 200,000 messages in
one statement with inserting them into a bare copy of the table.
Prints what both took and their ratio; exits with 1 when a size or a ratio misses its limit.`;

await runScript(async () => {
  const { positionals } = readArguments(HELP, {});
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown) throw new StackError(`Cannot measure ${unknown}: there are ${NAMES.join(", ")}`);
  const names = positionals.length > 0 ? positionals : NAMES;
  const results = [
    ...(names.includes("bundles") ? await compareBundles() : []),
    ...await onStackFor(names, ["queue", "webhooks", "campaign"], measureThroughput),
    ...await onStackFor(names, ["reading", "bulk"], measureLargeWorld),
  ];
  Deno.exit(results.every((isFastEnough) => isFastEnough) ? 0 : 1);
});

type Measure = (sql: postgres.Sql, stack: Stack, names: string[]) => Promise<boolean[]>;

async function measureThroughput(sql: postgres.Sql, stack: Stack, names: string[]) {
  const workspace = await createBenchWorkspace(sql);
  const results = [];
  if (names.includes("queue")) {
    results.push(await compare(await compareQueues(sql, stack.databaseUrl, workspace)));
  }
  if (names.includes("webhooks")) {
    results.push(await compare(await compareWebhooks(sql, stack, workspace)));
  }
  if (names.includes("campaign")) {
    results.push(await compare(await compareCampaigns(sql, workspace)));
  }
  return results;
}

async function measureLargeWorld(sql: postgres.Sql, stack: Stack, names: string[]) {
  await fillLargeWorld(stack.adminDatabaseUrl);
  const results = [];
  if (names.includes("reading")) results.push(await compareReading(sql));
  if (names.includes("bulk")) results.push(await compare(await compareBulkInsert(sql)));
  return results;
}

/** Measures those of `group` that were asked for, on a stack of its own: none meets the rows of others. */
async function onStackFor(names: string[], group: string[], measure: Measure): Promise<boolean[]> {
  const wanted = group.filter((name) => names.includes(name));
  if (wanted.length === 0) return [];
  const dataDirectory = await Deno.makeTempDir({ prefix: "switchboard-bench-" });
  console.log(`Starting a stack for ${wanted.join(" and ")}`);
  const stack = await startStack({
    dataDirectory,
    port: 0,
    databasePort: 0,
    simulatorPort: 0,
    scheduler: false,
  });
  const sql = postgres(stack.databaseUrl, { max: 8, onnotice: () => {} });
  try {
    return await measure(sql, stack, wanted);
  } finally {
    await sql.end();
    await stack.stop();
    await deleteStackData(dataDirectory);
    await Deno.remove(dataDirectory, { recursive: true });
  }
}
