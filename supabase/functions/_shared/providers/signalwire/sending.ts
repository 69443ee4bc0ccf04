import { readSignalwireError } from "./errors.ts";
import {
  lookUpSignalwireMessage,
  refuseSignalwireMessage,
  searchSignalwireMessages,
  sendSignalwireMessage,
} from "./messages.ts";
import { hostOf } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const signalwireSending: ProviderSending = {
  id: "signalwire",
  displayName: "SignalWire",
  hosts: (credentials) => [hostOf(credentials)],
  readError: readSignalwireError,
  refuseMessage: refuseSignalwireMessage,
  sendMessage: sendSignalwireMessage,
  lookUpMessage: lookUpSignalwireMessage,
  searchMessages: searchSignalwireMessages,
};
