import * as z from "zod/mini";
import { optionalDecimal, readJson } from "../json.ts";
import { refusePhoneMessage } from "../phone_message.ts";
import type { MessageReceipt, Operation, OutboundMessage, ProviderError } from "../provider.ts";
import { refusal } from "../provider_errors.ts";
import { messagesRequest } from "./request.ts";
import { toSegmentCount } from "./words.ts";

/** A number, a short code, or a name with at least one letter. */
const SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{1,11})$/;

export function refuseBandwidthMessage(message: OutboundMessage): ProviderError | null {
  if (message.channel !== "sms") {
    const reason = `Cannot send by Bandwidth: channel ${message.channel} is not supported`;
    return refusal("unsupported", reason);
  }
  // How many media there may be is not documented: their sizes count.
  const limits = { sender: SENDER, longestText: 2048, mostMedia: Infinity };
  return refusePhoneMessage("Bandwidth", message, limits);
}

const accepted = z.object({
  id: z.string().check(z.minLength(1)),
  segmentCount: optionalDecimal,
});

/** Every answer means that the message waits: no word says so, but the status 202. */
export const sendBandwidthMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials, context) {
    if (message.channel !== "sms") throw new Error("no text message");
    const { from, to, text, mediaUrls, reference } = message;
    return messagesRequest(credentials, context, {
      json: {
        applicationId: credentials.application_id,
        to: [to],
        from,
        ...(text === "" ? {} : { text }),
        ...(mediaUrls.length > 0 ? { media: mediaUrls } : {}),
        tag: reference,
      },
    });
  },
  readResponse({ json }) {
    const { id, segmentCount } = readJson(accepted, json);
    return {
      externalId: id,
      status: "queued",
      providerStatus: "accepted",
      ...toSegmentCount(segmentCount),
    };
  },
};
