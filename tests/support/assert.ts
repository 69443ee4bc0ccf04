/** The functions of `@std/assert` that the tests use, over Node's own, for networks without JSR. */
import assertStrict from "node:assert/strict";

export function assert(value: unknown, message?: string): asserts value {
  assertStrict.ok(value, message);
}

export function assertEquals<Value>(actual: Value, expected: Value, message?: string): void {
  assertStrict.deepEqual(actual, expected, message);
}

export function assertNotEquals<Value>(actual: Value, expected: Value, message?: string): void {
  assertStrict.notDeepEqual(actual, expected, message);
}

export function assertExists<Value>(
  actual: Value,
  message?: string,
): asserts actual is NonNullable<Value> {
  assertStrict.ok(actual !== undefined && actual !== null, message ?? "Expected a value");
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assertStrict.match(actual, expected, message);
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  assertStrict.ok(
    actual.includes(expected),
    message ?? `Expected "${actual}" to hold "${expected}"`,
  );
}

// deno-lint-ignore no-explicit-any
type ErrorClass<Kind extends Error> = abstract new (...args: any[]) => Kind;

export function assertThrows<Kind extends Error = Error>(
  action: () => unknown,
  kind?: ErrorClass<Kind>,
  part?: string,
): Kind {
  try {
    action();
  } catch (error) {
    return checkError(error, kind, part);
  }
  throw new assertStrict.AssertionError({ message: "Expected the function to throw" });
}

export async function assertRejects<Kind extends Error = Error>(
  action: () => PromiseLike<unknown>,
  kind?: ErrorClass<Kind>,
  part?: string,
): Promise<Kind> {
  try {
    await action();
  } catch (error) {
    return checkError(error, kind, part);
  }
  throw new assertStrict.AssertionError({ message: "Expected the function to reject" });
}

function checkError<Kind extends Error>(
  error: unknown,
  kind: ErrorClass<Kind> | undefined,
  part: string | undefined,
): Kind {
  assertStrict.ok(error instanceof (kind ?? Error), `Unexpected error: ${error}`);
  if (part !== undefined) assertStringIncludes(error.message, part);
  return error as Kind;
}
