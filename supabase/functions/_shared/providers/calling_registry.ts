import type { ProviderCalling } from "./provider.ts";
import { signalwireCalling } from "./signalwire/calling.ts";
import { telnyxCalling } from "./telnyx/calling.ts";
import { twilioCalling } from "./twilio/calling.ts";
import { vonageCalling } from "./vonage/calling.ts";

/** Every provider that voice calls can be started with, without what starting one never needs. */
export const callingProviders: ReadonlyMap<string, ProviderCalling> = new Map(
  [twilioCalling, telnyxCalling, signalwireCalling, vonageCalling].map((
    provider,
  ) => [provider.id, provider]),
);
