import { readJson } from "../json.ts";
import { callForm, callSchema, toCallReceipt } from "../laml/calls.ts";
import type { CallReceipt, Operation, OutboundCall } from "../provider.ts";
import { accountRequest } from "./request.ts";
import { CALL_ID } from "./request.ts";
import { withRetries } from "./webhook_urls.ts";

// https://www.twilio.com/docs/voice/api/call-resource (read 2026-11-20)
const LONGEST_TWIML = 4000;

const call = callSchema(CALL_ID);

export const startTwilioCall: Operation<OutboundCall, CallReceipt> = {
  toRequest(call, credentials) {
    const form = callForm(call, withRetries(call.statusUrl), LONGEST_TWIML);
    return accountRequest(credentials, "POST", "/Calls.json", { form });
  },
  readResponse: ({ json }) => toCallReceipt(readJson(call, json)),
};
