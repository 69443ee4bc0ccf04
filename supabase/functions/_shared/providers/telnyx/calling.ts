import { startTelnyxCall } from "./calls.ts";
import { readTelnyxError } from "./errors.ts";
import { TELNYX_HOST } from "./request.ts";
import type { ProviderCalling } from "../provider.ts";

export const telnyxCalling: ProviderCalling = {
  id: "telnyx",
  displayName: "Telnyx",
  hosts: () => [TELNYX_HOST],
  readError: readTelnyxError,
  startCall: startTelnyxCall,
};
