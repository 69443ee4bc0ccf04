import { dispatch } from "../../../supabase/functions/_shared/messages/dispatch.ts";
import { reconcile } from "../../../supabase/functions/_shared/messages/reconcile.ts";
import { createWorkerDeps } from "../worker_deps.ts";
import { countAccepted, countHeld, countWaiting, moveClocks } from "./clocks.ts";
import { type Plan, type Point, POINTS } from "./points.ts";
import { releaseReceipts, spoilProvider, untilProviderQuiet } from "./provider.ts";
import { Worker } from "./worker.ts";
import { type CrashWorld, queueMessages } from "./world.ts";

/** Where a worker was killed: at a point that it was waited for at, or where it happened to be. */
export interface Kill {
  worker: Plan["worker"];
  point: Point | null;
  lastPoint: string;
  failures: string[];
}

/** Small, so that one round is work for several workers. */
const BATCH_SIZE = 4;
/** Enough for each of them to find more than one batch. */
const MESSAGES_PER_ROUND = 6 * POINTS.length;
/** A worker has gone through several batches by then. */
const LONGEST_LIFE_MS = 250;
/** Of those that nobody knows of, as many are given up in each round. */
const OLD_SHARE = 0.3;
/** More than a message may need that is sent again and again. */
const MOST_DRAINS = 20;

/** How attempts were settled whose worker had been killed. */
export interface Settled {
  byReceipt: number;
  /** After a person had been told that nobody knows. */
  byLateReceipt: number;
  byLookUp: number;
}

/**
 * Kills as many dispatchers as there are points, each at its point or anywhere, then lets their leases
 * end and asks the provider. In some rounds one comes after the other, in the others all at once; in
 * some a worker that asks the provider is killed, too.
 */
export async function playRound(
  world: CrashWorld,
  { round, isAtPoints }: { round: number; isAtPoints: boolean },
  settled: Settled,
): Promise<Kill[]> {
  const kill = (worker: Plan["worker"], point: Point) =>
    isAtPoints ? killAtPoint(world, worker, point) : killSomewhere(world, worker);
  await queueMessages(world, MESSAGES_PER_ROUND);
  await spoilProvider(world, round % 4 === 1);

  const kills: Kill[] = [];
  if (round % 5 === 0) {
    for (const point of POINTS) kills.push(await kill("dispatch", point));
  } else {
    kills.push(...await Promise.all(POINTS.map((point) => kill("dispatch", point))));
  }
  await untilProviderQuiet(world);

  settled.byReceipt += await countAccepted(world);
  await moveClocks(world, OLD_SHARE);
  if (round % 2 === 0) {
    kills.push(await kill("reconcile", POINTS[round / 2 % POINTS.length]!));
    await moveClocks(world, 0);
  }
  settled.byLookUp += (await reconcile(createWorkerDeps())).accepted;
  const heldCount = await countHeld(world);
  await releaseReceipts(world);
  await untilProviderQuiet(world);
  settled.byLateReceipt += heldCount - await countHeld(world);
  return kills;
}

/** Lets workers go on that nobody kills, until nothing waits any more. */
export async function drain(world: CrashWorld): Promise<void> {
  for (let turn = 0; await countWaiting(world) > 0; turn++) {
    if (turn === MOST_DRAINS) throw new Error("Messages wait for ever");
    await dispatch(createWorkerDeps());
    await untilProviderQuiet(world);
    await moveClocks(world, 1);
    await reconcile(createWorkerDeps());
  }
}

/** Starts a worker, and kills it with SIGKILL once it stands at the point. */
async function killAtPoint(
  world: CrashWorld,
  worker: Plan["worker"],
  point: Point,
): Promise<Kill> {
  const isRecording = point === "record under way";
  const isAmongOthers = worker === "dispatch" && point.startsWith("provider");
  const occurrence = isAmongOthers ? 1 + Math.floor(world.random() * 2) : 1;
  const stops: Plan["stops"] = isRecording
    ? [{ point: "about to record", occurrence: 1 }, { point, occurrence: 1 }]
    : [{ point, occurrence }];
  const plan = { worker, batch_size: BATCH_SIZE, stops };
  const process = new Worker();
  const kill = async () => ({ worker, point, ...await process.kill() });
  try {
    await process.begin(plan);
    if (!isRecording) {
      await process.reach(point);
      return await kill();
    }
    await process.reach("about to record");
    return await whileNothingIsCounted(world, async () => {
      await process.goOn();
      await process.reach(point);
      return await kill();
    });
  } catch (error) {
    await process.kill();
    throw error;
  }
}

/** Starts a worker, and kills it some time later, wherever it is. */
async function killSomewhere(world: CrashWorld, worker: Plan["worker"]): Promise<Kill> {
  const lifeMs = world.random() * LONGEST_LIFE_MS;
  const process = new Worker();
  await process.begin({ worker, batch_size: BATCH_SIZE, stops: [] });
  await new Promise((resolve) => setTimeout(resolve, lifeMs));
  return { worker, point: null, ...await process.kill() };
}

/** Recording ends with the counters of usage: it cannot get past them before the work is done. */
async function whileNothingIsCounted<Value>(
  { sql, workspaceIds }: CrashWorld,
  work: () => Promise<Value>,
): Promise<Value> {
  return await sql.begin(async (tx) => {
    await tx`
      select from public.usage_counters where workspace_id = any (${workspaceIds})
      order by workspace_id, month, channel, is_platform
      for update`;
    return await work();
  }) as Value;
}
