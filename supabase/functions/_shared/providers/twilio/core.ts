import type { ProviderCore } from "../provider.ts";
import { readTwilioError } from "./errors.ts";
import { TWILIO_HOST } from "./request.ts";

export const twilioCore: ProviderCore = {
  id: "twilio",
  displayName: "Twilio",
  hosts: () => [TWILIO_HOST],
  readError: readTwilioError,
};
