import { bandwidthIntake } from "./bandwidth/intake.ts";
import { clicksendIntake } from "./clicksend/intake.ts";
import { messagebirdIntake } from "./messagebird/intake.ts";
import { postmarkIntake } from "./postmark/intake.ts";
import { resendIntake } from "./resend/intake.ts";
import { sendgridIntake } from "./sendgrid/intake.ts";
import { signalwireIntake } from "./signalwire/intake.ts";
import { telnyxIntake } from "./telnyx/intake.ts";
import { twilioIntake } from "./twilio/intake.ts";
import { vonageIntake } from "./vonage/intake.ts";
import type { ProviderIntake } from "./provider.ts";

/** Every provider that posts webhooks to us, without what the function that takes them never needs. */
const providers: ReadonlyMap<string, ProviderIntake> = new Map(
  [
    twilioIntake,
    telnyxIntake,
    signalwireIntake,
    clicksendIntake,
    vonageIntake,
    messagebirdIntake,
    bandwidthIntake,
    sendgridIntake,
    postmarkIntake,
    resendIntake,
  ].map((provider: ProviderIntake) => [provider.id, provider]),
);

/** The part of an adapter for an identifier from outside, undefined when there is none. */
export function findIntake(id: string): ProviderIntake | undefined {
  return providers.get(id);
}
