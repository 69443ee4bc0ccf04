/** Measures speed as ratios against references in the same run. */
import postgres from "postgres";
import { compareAgentTools } from "./bench/agent_tools.ts";
import { compareBulkInsert } from "./bench/bulk_insert.ts";
import { compareBundles } from "./bench/bundles.ts";
import { compareCampaigns } from "./bench/campaign.ts";
import { compareDispatch } from "./bench/dispatch.ts";
import { fillLargeWorld } from "./bench/large_world.ts";
import { compare } from "./bench/measure.ts";
import { compareNeighbours } from "./bench/neighbour.ts";
import { compareOpenTransaction } from "./bench/open_transaction.ts";
import { compareQueues } from "./bench/queue.ts";
import { compareReading } from "./bench/reading.ts";
import { compareUsage } from "./bench/usage.ts";
import { compareWebhooks } from "./bench/webhooks.ts";
import { createBenchWorkspace } from "./bench/world.ts";
import { readArguments, runScript } from "./stack/arguments.ts";
import { StackError } from "./stack/errors.ts";
import { deleteStackData } from "./stack/reset.ts";
import { startStack } from "./stack/stack.ts";
import type { Stack } from "./stack/types.ts";

interface Context {
  sql: postgres.Sql;
  stack: Stack;
  /** How long a steady stream is kept up. */
  seconds: number;
}

interface Group {
  /** What all of it are measured in. */
  prepare?(stack: Stack): Promise<void>;
  benches: Record<string, (context: Context) => Promise<boolean | boolean[]>>;
}

/** Each group has a stack of its own: none meets the rows of others. */
const GROUPS: Group[] = [
  {
    benches: {
      "queue": async ({ sql, stack }) =>
        await compare(
          await compareQueues(sql, stack.databaseUrl, await createBenchWorkspace(sql), {
            jobs: 20_000,
            rounds: 5,
          }),
        ),
      "usage": async ({ sql }) => await compare(compareUsage(sql, await createBenchWorkspace(sql))),
      "dispatch": async ({ sql }) => await compareDispatch(sql, await createBenchWorkspace(sql)),
      "webhooks": async ({ sql, stack }) =>
        await compare(await compareWebhooks(sql, stack, await createBenchWorkspace(sql))),
      "campaign": async ({ sql }) =>
        await compare(await compareCampaigns(sql, await createBenchWorkspace(sql))),
      "agent-tools": async ({ sql, stack }) => await compareAgentTools(sql, stack),
    },
  },
  {
    benches: {
      "queue-100k": async ({ sql, stack }) =>
        await compare(
          await compareQueues(sql, stack.databaseUrl, await createBenchWorkspace(sql), {
            jobs: 100_000,
            rounds: 3,
          }),
        ),
    },
  },
  {
    benches: {
      "open-transaction": async ({ sql, seconds }) =>
        await compareOpenTransaction(sql, await createBenchWorkspace(sql), seconds),
    },
  },
  {
    benches: {
      "neighbour": async ({ sql }) =>
        await compareNeighbours(
          sql,
          await createBenchWorkspace(sql),
          await createBenchWorkspace(sql),
        ),
    },
  },
  {
    prepare: (stack) => fillLargeWorld(stack.adminDatabaseUrl),
    benches: {
      "reading": async ({ sql }) => await compareReading(sql),
      "bulk": async ({ sql }) => await compare(await compareBulkInsert(sql)),
    },
  },
];

const NAMES = ["bundles", ...GROUPS.flatMap(({ benches }) => Object.keys(benches))];

const HELP = `Usage: npx -y deno@2.9.6 task bench [name …] [--seconds 60]

Without names it measures everything, on stacks of its own:

  bundles           the size of each function, and its cold start against an empty handler's
  queue             claiming and recording 20,000 jobs against graphile-worker
  usage             the same with usage counted against not counted
  dispatch          10,000 messages to a loopback provider against the HTTP client alone
  webhooks          the intake of inbound messages against a bare insert
  campaign          accepting a campaign of 200,000 recipients against COPY of the same rows
  agent-tools       the tools of an agent against the join that finds them, and its round trips
  queue-100k        as queue, with 100,000 jobs
  open-transaction  3,000 messages/s for --seconds while a transaction is held open, against without
  neighbour         the wait of one message beside 500,000 of another workspace against without them
  reading           reading a million messages under row level security against as their owner
  bulk              inserting 200,000 messages in one statement against into a bare copy

Prints the medians of both and their ratio; exits with 1 when a size or a ratio misses its limit.`;

await runScript(async () => {
  const { positionals, values } = readArguments(HELP, {
    seconds: { type: "string", default: "60" },
  });
  const unknown = positionals.find((name) => !NAMES.includes(name));
  if (unknown) throw new StackError(`Cannot measure ${unknown}: there are ${NAMES.join(", ")}`);
  const seconds = Number(values.seconds);
  if (!(seconds >= 1)) {
    throw new StackError(`Cannot use ${values.seconds} for --seconds: give a number from 1`);
  }
  const names = positionals.length > 0 ? positionals : NAMES;
  const results = names.includes("bundles") ? await compareBundles() : [];
  for (const group of GROUPS) results.push(...await measureGroup(group, names, seconds));
  Deno.exit(results.every((isFastEnough) => isFastEnough) ? 0 : 1);
});

/** Measures those of a group that were asked for. */
async function measureGroup(
  { prepare, benches }: Group,
  names: string[],
  seconds: number,
): Promise<boolean[]> {
  const wanted = Object.entries(benches).filter(([name]) => names.includes(name));
  if (wanted.length === 0) return [];
  const dataDirectory = await Deno.makeTempDir({ prefix: "switchboard-bench-" });
  console.log(`Starting a stack for ${wanted.map(([name]) => name).join(", ")}`);
  const stack = await startStack({
    dataDirectory,
    port: 0,
    databasePort: 0,
    simulatorPort: 0,
    scheduler: false,
  });
  const sql = postgres(stack.databaseUrl, { max: 8, onnotice: () => {} });
  try {
    await prepare?.(stack);
    const results = [];
    for (const [, measure] of wanted) results.push(await measure({ sql, stack, seconds }));
    return results.flat();
  } finally {
    await sql.end();
    await stack.stop();
    await deleteStackData(dataDirectory);
    await Deno.remove(dataDirectory, { recursive: true });
  }
}
