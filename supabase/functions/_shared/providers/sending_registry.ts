import { bandwidthSending } from "./bandwidth/sending.ts";
import { clicksendSending } from "./clicksend/sending.ts";
import { messagebirdSending } from "./messagebird/sending.ts";
import { postmarkSending } from "./postmark/sending.ts";
import { resendSending } from "./resend/sending.ts";
import { sendgridSending } from "./sendgrid/sending.ts";
import { signalwireSending } from "./signalwire/sending.ts";
import { telnyxSending } from "./telnyx/sending.ts";
import { twilioSending } from "./twilio/sending.ts";
import { vonageSending } from "./vonage/sending.ts";
import type { ProviderSending } from "./provider.ts";

/** Every provider that messages are handed over to, without what the dispatcher never needs. */
const providers: ReadonlyMap<string, ProviderSending> = new Map(
  [
    twilioSending,
    telnyxSending,
    signalwireSending,
    clicksendSending,
    vonageSending,
    messagebirdSending,
    bandwidthSending,
    sendgridSending,
    postmarkSending,
    resendSending,
  ].map((provider: ProviderSending) => [provider.id, provider]),
);

/** The part of an adapter for an identifier from outside, undefined when there is none. */
export function findSending(id: string): ProviderSending | undefined {
  return providers.get(id);
}
