/** How the benchmarks measure and report: subject and reference in turn, medians, a ratio. */

export interface Comparison {
  name: string;
  unit: string;
  /** The ratio that the subject must reach. */
  floor: number;
  /** Where a round takes long; 5 else. */
  rounds?: number;
  subject: Contestant;
  reference: Contestant;
}

export interface Contestant {
  name: string;
  /** One round; returns how many units it did per second. */
  run(): Promise<number>;
}

export interface LatencyComparison {
  name: string;
  /** The ratio that the subject must not exceed. */
  ceiling: number;
  subject: Caller;
  reference: Caller;
}

export interface Caller {
  name: string;
  /** One call, the same for both at the same index; returns how many milliseconds it took. */
  call(index: number): Promise<number>;
}

const ROUNDS = 5;
const CALLS = 200;
const WARM_UP_CALLS = 50;

/** Runs both in turn, so that whatever else the machine does meets both; true when the floor holds. */
export async function compare(
  { name, unit, floor, rounds = ROUNDS, subject, reference }: Comparison,
): Promise<boolean> {
  console.log(`\n${name} (${rounds === 1 ? "one round" : `${rounds} rounds`} each, in turn)`);
  const rates = { subject: [] as number[], reference: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    rates.reference.push(await reference.run());
    rates.subject.push(await subject.run());
    console.log(
      `  round ${round}: ${subject.name} ${show(rates.subject.at(-1)!)}, ` +
        `${reference.name} ${show(rates.reference.at(-1)!)} ${unit}/s`,
    );
  }
  const medians = { subject: median(rates.subject), reference: median(rates.reference) };
  console.log(
    `  medians: ${subject.name} ${show(medians.subject)}, ${reference.name} ` +
      `${show(medians.reference)} ${unit}/s`,
  );
  const ratio = medians.subject / medians.reference;
  return judge(ratio, `at least ${floor}×`, ratio >= floor);
}

/** The same for the time of single calls; true when the ceiling holds. */
export async function compareLatency(
  { name, ceiling, subject, reference }: LatencyComparison,
): Promise<boolean> {
  const times = { subject: [] as number[], reference: [] as number[] };
  const callers = [["reference", reference], ["subject", subject]] as const;
  for (let index = -WARM_UP_CALLS; index < CALLS; index++) {
    // Each is first in every second turn: what it reads is then in memory for the other.
    for (const [role, caller] of index % 2 === 0 ? callers : callers.toReversed()) {
      const time = await caller.call(Math.abs(index));
      if (index >= 0) times[role].push(time);
    }
  }
  console.log(`\n${name} (${CALLS} calls each, in turn)`);
  return judgeTimes({
    ceiling,
    subject: { name: subject.name, times: times.subject },
    reference: { name: reference.name, times: times.reference },
  });
}

/** What was timed elsewhere, each under its name. */
export interface Times {
  name: string;
  /** Milliseconds. */
  times: number[];
}

/** Prints both and their ratio; true when the ceiling holds. */
export function judgeTimes(
  { ceiling, subject, reference }: { ceiling: number; subject: Times; reference: Times },
): boolean {
  console.log(
    `  p50 / p95: ${subject.name} ${showTimes(subject.times)}, ` +
      `${reference.name} ${showTimes(reference.times)} ms`,
  );
  const ratio = median(subject.times) / median(reference.times);
  return judge(ratio, `at most ${ceiling}×`, ratio <= ceiling);
}

function judge(ratio: number, limit: string, isEnough: boolean): boolean {
  console.log(`  ratio ${ratio.toFixed(2)}× (${limit}): ${isEnough ? "ok" : "TOO SLOW"}`);
  return isEnough;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Units per second of `count` units done by `work`. */
export async function rateOf(count: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return count / ((performance.now() - startedAt) / 1000);
}

function show(rate: number): string {
  return Math.round(rate).toLocaleString("en");
}

/** Median and 95th percentile. */
export function showTimes(times: number[]): string {
  const p95 = times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;
  return `${median(times).toFixed(2)} / ${p95.toFixed(2)}`;
}
