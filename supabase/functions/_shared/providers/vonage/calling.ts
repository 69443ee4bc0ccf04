import { startVonageCall } from "./calls.ts";
import { readVonageError } from "./errors.ts";
import { API_HOST, REST_HOST } from "./request.ts";
import type { ProviderCalling } from "../provider.ts";

export const vonageCalling: ProviderCalling = {
  id: "vonage",
  displayName: "Vonage",
  hosts: () => [API_HOST, REST_HOST],
  readError: readVonageError,
  startCall: startVonageCall,
};
