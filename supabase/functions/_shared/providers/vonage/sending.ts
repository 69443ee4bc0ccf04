import { readVonageError } from "./errors.ts";
import { refuseVonageMessage, sendVonageMessage } from "./messages.ts";
import { lookUpVonageMessage, searchVonageMessages } from "./reports.ts";
import { API_HOST, REST_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const vonageSending: ProviderSending = {
  id: "vonage",
  displayName: "Vonage",
  hosts: () => [API_HOST, REST_HOST],
  readError: readVonageError,
  refuseMessage: refuseVonageMessage,
  sendMessage: sendVonageMessage,
  lookUpMessage: lookUpVonageMessage,
  searchMessages: searchVonageMessages,
};
