import { readTelnyxError } from "./errors.ts";
import { lookUpTelnyxMessage, refuseTelnyxMessage, sendTelnyxMessage } from "./messages.ts";
import { TELNYX_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const telnyxSending: ProviderSending = {
  id: "telnyx",
  displayName: "Telnyx",
  hosts: () => [TELNYX_HOST],
  readError: readTelnyxError,
  refuseMessage: refuseTelnyxMessage,
  sendMessage: sendTelnyxMessage,
  lookUpMessage: lookUpTelnyxMessage,
};
