import { bandwidthReading } from "./bandwidth/reading.ts";
import { clicksendReading } from "./clicksend/reading.ts";
import { messagebirdReading } from "./messagebird/reading.ts";
import { postmarkReading } from "./postmark/reading.ts";
import type { ProviderReading } from "./provider.ts";
import { resendReading } from "./resend/reading.ts";
import { sendgridReading } from "./sendgrid/reading.ts";
import { signalwireReading } from "./signalwire/reading.ts";
import { telnyxReading } from "./telnyx/reading.ts";
import { twilioReading } from "./twilio/reading.ts";
import { vonageReading } from "./vonage/reading.ts";

/** Every provider whose accounts are asked about, without what only managing them needs. */
export const readingProviders: ReadonlyMap<string, ProviderReading> = new Map(
  [
    twilioReading,
    telnyxReading,
    signalwireReading,
    clicksendReading,
    vonageReading,
    messagebirdReading,
    bandwidthReading,
    sendgridReading,
    postmarkReading,
    resendReading,
  ].map((provider) => [provider.id, provider]),
);
