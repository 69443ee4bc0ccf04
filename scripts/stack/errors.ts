/** A failure that whoever runs the stack can act on: its message is one line that holds the remedy. */
export class StackError extends Error {
  override name = "StackError";
}

/** The one-line text to print for anything thrown; a stack trace helps nobody at the terminal. */
export function describeError(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
