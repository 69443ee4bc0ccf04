import { readMessageBirdError } from "./errors.ts";
import { lookUpMessageBirdMessage, searchMessageBirdMessages } from "./history.ts";
import { refuseMessageBirdMessage, sendMessageBirdMessage } from "./messages.ts";
import { CONVERSATIONS_HOST, NUMBERS_HOST, REST_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const messagebirdSending: ProviderSending = {
  id: "messagebird",
  displayName: "MessageBird",
  hosts: () => [REST_HOST, NUMBERS_HOST, CONVERSATIONS_HOST],
  readError: readMessageBirdError,
  refuseMessage: refuseMessageBirdMessage,
  sendMessage: sendMessageBirdMessage,
  lookUpMessage: lookUpMessageBirdMessage,
  searchMessages: searchMessageBirdMessages,
};
