import type { Provider, ProviderId } from "./provider.ts";
import { twilio } from "./twilio.ts";

/** Every provider that the product can use, in the order in which people are shown them. */
export const providers: ReadonlyMap<ProviderId, Provider> = new Map(
  [twilio].map((provider) => [provider.id, provider]),
);

/** The adapter for an identifier from outside, undefined when there is none. */
export function findProvider(id: string): Provider | undefined {
  return providers.get(id as ProviderId);
}
