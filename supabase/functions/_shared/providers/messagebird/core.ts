import type { ProviderCore } from "../provider.ts";
import { readMessageBirdError } from "./errors.ts";
import { CONVERSATIONS_HOST, NUMBERS_HOST, REST_HOST } from "./request.ts";

export const messagebirdCore: ProviderCore = {
  id: "messagebird",
  displayName: "MessageBird",
  hosts: () => [REST_HOST, NUMBERS_HOST, CONVERSATIONS_HOST],
  readError: readMessageBirdError,
};
