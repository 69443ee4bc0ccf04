/** The demo's voice: what it prints, and what it insists on. */

export function heading(text: string): void {
  console.log(`\n${text}`);
}

export function line(text: string): void {
  console.log(`  ${text}`);
}

export function quote(text: string): void {
  console.log(`  > ${text}`);
}

/** Returns what is there; throws the claim that turned out not to be true. */
export function expect<Value>(
  claim: string,
  value: Value,
): Exclude<Value, null | undefined | false> {
  if (value === null || value === undefined || value === false) throw new Error(claim);
  return value as Exclude<Value, null | undefined | false>;
}

const TIMEOUT_MS = 15_000;
const PAUSE_MS = 10;

/** Asks again until it is so; throws when it takes too long. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endsAt = Date.now() + TIMEOUT_MS;
  while (!await isSo()) {
    if (Date.now() > endsAt) throw new Error(`Waited ${TIMEOUT_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
