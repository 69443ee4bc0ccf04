/** How a call is started wherever Twilio's API is offered. */
import { readJson } from "../json.ts";
import type { CallReceipt, Operation, OutboundCall } from "../provider.ts";
import { type LamlApi, lamlRequest } from "./api.ts";
import { callForm, callSchema, toCallReceipt } from "./calls.ts";

export function startLamlCall(api: LamlApi, { toStatusUrl, longestDocument }: {
  toStatusUrl(url: string): string;
  /** In characters. */
  longestDocument: number;
}): Operation<OutboundCall, CallReceipt> {
  const answer = callSchema(api.callId);
  return {
    toRequest(call, credentials) {
      const form = callForm(call, toStatusUrl(call.statusUrl), longestDocument);
      return lamlRequest(api, credentials, "POST", "/Calls", { form });
    },
    readResponse: ({ json }) => toCallReceipt(readJson(answer, json)),
  };
}
