import { startSignalwireCall } from "./calls.ts";
import { readSignalwireError } from "./errors.ts";
import { hostOf } from "./request.ts";
import type { ProviderCalling } from "../provider.ts";

export const signalwireCalling: ProviderCalling = {
  id: "signalwire",
  displayName: "SignalWire",
  hosts: (credentials) => [hostOf(credentials)],
  readError: readSignalwireError,
  startCall: startSignalwireCall,
};
