import type { ProviderCore } from "../provider.ts";
import { readVonageError } from "./errors.ts";
import { API_HOST, REST_HOST } from "./request.ts";

export const vonageCore: ProviderCore = {
  id: "vonage",
  displayName: "Vonage",
  hosts: () => [API_HOST, REST_HOST],
  readError: readVonageError,
};
