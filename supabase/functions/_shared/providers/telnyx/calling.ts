import type { ProviderCalling } from "../provider.ts";
import { startTelnyxCall } from "./calls.ts";
import { telnyxCore } from "./core.ts";

export const telnyxCalling: ProviderCalling = { ...telnyxCore, startCall: startTelnyxCall };
