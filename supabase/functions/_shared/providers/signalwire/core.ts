import type { ProviderCore } from "../provider.ts";
import { readSignalwireError } from "./errors.ts";
import { hostOf } from "./request.ts";

export const signalwireCore: ProviderCore = {
  id: "signalwire",
  displayName: "SignalWire",
  hosts: (credentials) => [hostOf(credentials)],
  readError: readSignalwireError,
};
