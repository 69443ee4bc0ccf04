/**
 * The digits of a pattern, for providers that look for digits anywhere in a number: wildcards around
 * them say the same. Those between digits cannot be expressed.
 */
export function containedDigits(pattern: string | undefined): string | undefined {
  const digits = pattern?.replace(/^\*+|\*+$/g, "");
  if (digits?.includes("*")) throw new Error("a wildcard between digits cannot be searched for");
  return digits || undefined;
}

/** Which numbers hold the pattern, for providers among whose numbers is chosen from here. */
export function holdsPattern(pattern: string | undefined): (phoneNumber: string) => boolean {
  const digits = (pattern ?? "").replaceAll(/[^\d*]/g, "").replaceAll("*", "\\d");
  const expression = new RegExp(digits);
  return (phoneNumber) => expression.test(phoneNumber);
}
