import type { ProviderCalling } from "../provider.ts";
import { startVonageCall } from "./calls.ts";
import { vonageCore } from "./core.ts";

export const vonageCalling: ProviderCalling = { ...vonageCore, startCall: startVonageCall };
