import { readResendError } from "./errors.ts";
import {
  lookUpResendMessage,
  refuseResendMessage,
  searchResendMessages,
  sendResendMessage,
} from "./messages.ts";
import { RESEND_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const resendSending: ProviderSending = {
  id: "resend",
  displayName: "Resend",
  hosts: () => [RESEND_HOST],
  readError: readResendError,
  refuseMessage: refuseResendMessage,
  sendMessage: sendResendMessage,
  lookUpMessage: lookUpResendMessage,
  searchMessages: searchResendMessages,
};
