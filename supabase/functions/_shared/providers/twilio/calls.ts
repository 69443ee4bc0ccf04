import { startLamlCall } from "../laml/call_operations.ts";
import { twilioApi } from "./request.ts";
import { withRetries } from "./webhook_urls.ts";

export const startTwilioCall = startLamlCall(twilioApi, {
  toStatusUrl: withRetries,
  // https://www.twilio.com/docs/voice/api/call-resource (read 2026-11-20)
  longestDocument: 4000,
});
