/** How the benchmarks measure and report: rounds of subject and reference in turn, medians, a ratio. */

export interface Comparison {
  name: string;
  unit: string;
  /** The ratio that the subject must reach. */
  floor: number;
  subject: Contestant;
  reference: Contestant;
}

export interface Contestant {
  name: string;
  /** One round; returns how many units it did per second. */
  run(): Promise<number>;
}

const ROUNDS = 5;

/** Runs both in turn, so that whatever else the machine does meets both; true when the floor holds. */
export async function compare(
  { name, unit, floor, subject, reference }: Comparison,
): Promise<boolean> {
  console.log(`\n${name} (${ROUNDS} rounds each, in turn)`);
  const rates = { subject: [] as number[], reference: [] as number[] };
  for (let round = 1; round <= ROUNDS; round++) {
    rates.reference.push(await reference.run());
    rates.subject.push(await subject.run());
    console.log(
      `  round ${round}: ${subject.name} ${show(rates.subject.at(-1)!)}, ` +
        `${reference.name} ${show(rates.reference.at(-1)!)} ${unit}/s`,
    );
  }
  const medians = { subject: median(rates.subject), reference: median(rates.reference) };
  const ratio = medians.subject / medians.reference;
  const isEnough = ratio >= floor;
  console.log(
    `  medians: ${subject.name} ${show(medians.subject)}, ${reference.name} ` +
      `${show(medians.reference)} ${unit}/s\n  ratio ${ratio.toFixed(2)}× (at least ${floor}×): ` +
      (isEnough ? "ok" : "TOO SLOW"),
  );
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
