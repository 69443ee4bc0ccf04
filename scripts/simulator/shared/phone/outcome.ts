import type { Change } from "../courier.ts";
import type { PhoneMessage } from "./message.ts";

/** How a message ends: the statuses that it passes, in the provider's words, and an error. */
export interface Outcome {
  statuses: readonly string[];
  errorCode: string | null;
}

/** The error comes with the last status. */
export function changesOf({ statuses, errorCode }: Outcome): Change<PhoneMessage>[] {
  return statuses.map((status, index) =>
    index === statuses.length - 1 ? { status, errorCode } : { status }
  );
}
