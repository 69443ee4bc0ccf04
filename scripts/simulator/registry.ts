import type { ProviderFactory } from "./provider.ts";
import { createTwilio } from "./providers/twilio.ts";

/** Every simulated provider. */
export const PROVIDERS: readonly ProviderFactory[] = [createTwilio];
