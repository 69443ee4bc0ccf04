import { startTwilioCall } from "./calls.ts";
import { readTwilioError } from "./errors.ts";
import { TWILIO_HOST } from "./request.ts";
import type { ProviderCalling } from "../provider.ts";

export const twilioCalling: ProviderCalling = {
  id: "twilio",
  displayName: "Twilio",
  hosts: () => [TWILIO_HOST],
  readError: readTwilioError,
  startCall: startTwilioCall,
};
