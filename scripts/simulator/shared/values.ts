/** What a body holds, whatever it may be, as what it should be. */

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The values of an object that are texts. */
export function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).map(([name, one]) => [name, textOf(one)]),
  );
}

/** 32 hexadecimal digits. */
export function newHex(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
