/** Lets the platform finish work after the answer was sent; a failure is logged, not thrown. */
export function runInBackground(name: string, work: Promise<unknown>): void {
  const guarded = work.catch((error) => {
    console.error(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
  });
  const runtime = (globalThis as { EdgeRuntime?: { waitUntil(work: Promise<unknown>): void } })
    .EdgeRuntime;
  runtime?.waitUntil(guarded);
}
