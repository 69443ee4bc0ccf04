import { readPostmarkError } from "./errors.ts";
import {
  lookUpPostmarkMessage,
  refusePostmarkMessage,
  searchPostmarkMessages,
  sendPostmarkMessage,
} from "./messages.ts";
import { POSTMARK_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const postmarkSending: ProviderSending = {
  id: "postmark",
  displayName: "Postmark",
  hosts: () => [POSTMARK_HOST],
  readError: readPostmarkError,
  refuseMessage: refusePostmarkMessage,
  sendMessage: sendPostmarkMessage,
  lookUpMessage: lookUpPostmarkMessage,
  searchMessages: searchPostmarkMessages,
};
