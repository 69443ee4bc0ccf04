import type { ProviderCalling } from "../provider.ts";
import { startTwilioCall } from "./calls.ts";
import { twilioCore } from "./core.ts";

export const twilioCalling: ProviderCalling = { ...twilioCore, startCall: startTwilioCall };
