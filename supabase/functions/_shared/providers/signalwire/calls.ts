import { startLamlCall } from "../laml/call_operations.ts";
import { signalwireApi } from "./request.ts";

/**
 * The document names `Twiml` as what may stand in place of `Url`, but not among the fields.
 * `CreateCallRequest` in signalwire/docs, compatibility/openapi.yaml at 668371b2.
 */
export const startSignalwireCall = startLamlCall(signalwireApi, {
  toStatusUrl: (url) => url,
  longestDocument: Infinity,
});
