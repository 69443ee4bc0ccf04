import { bandwidth } from "./bandwidth.ts";
import { clicksend } from "./clicksend.ts";
import { messagebird } from "./messagebird.ts";
import { postmark } from "./postmark.ts";
import type { Provider, ProviderId } from "./provider.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { signalwire } from "./signalwire.ts";
import { telnyx } from "./telnyx.ts";
import { twilio } from "./twilio.ts";
import { vonage } from "./vonage.ts";

/** Every provider that the product can use, in the order in which people are shown them. */
export const providers: ReadonlyMap<ProviderId, Provider> = new Map(
  [
    twilio,
    telnyx,
    signalwire,
    clicksend,
    vonage,
    messagebird,
    bandwidth,
    sendgrid,
    postmark,
    resend,
  ].map((provider) => [provider.id, provider]),
);

/** The adapter for an identifier from outside, undefined when there is none. */
export function findProvider(id: string): Provider | undefined {
  return providers.get(id as ProviderId);
}
