/** Asks again until `read` returns something, at most `timeoutMs`; the bound is a failure. */
export async function eventually<Value>(
  what: string,
  read: () => Promise<Value | null | undefined | false>,
  timeoutMs = 10_000,
): Promise<Value> {
  const endsAt = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > endsAt) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
