import type { ProviderCalling } from "../provider.ts";
import { startSignalwireCall } from "./calls.ts";
import { signalwireCore } from "./core.ts";

export const signalwireCalling: ProviderCalling = {
  ...signalwireCore,
  startCall: startSignalwireCall,
};
