import { readJson } from "../json.ts";
import { callForm, callSchema, toCallReceipt } from "../laml/calls.ts";
import type { CallReceipt, Operation, OutboundCall } from "../provider.ts";
import { projectRequest, UUID } from "./request.ts";

const call = callSchema(UUID);

/**
 * The document names `Twiml` as what may stand in place of `Url`, but not among the fields.
 * `CreateCallRequest` in signalwire/docs, compatibility/openapi.yaml at 668371b2.
 */
export const startSignalwireCall: Operation<OutboundCall, CallReceipt> = {
  toRequest(call, credentials) {
    const form = callForm(call, call.statusUrl);
    return projectRequest(credentials, "POST", "/Calls", { form });
  },
  readResponse: ({ json }) => toCallReceipt(readJson(call, json)),
};
