import { bandwidthReconciling } from "./bandwidth/reconciling.ts";
import { clicksendReconciling } from "./clicksend/reconciling.ts";
import { messagebirdReconciling } from "./messagebird/reconciling.ts";
import { postmarkReconciling } from "./postmark/reconciling.ts";
import type { ProviderReconciling } from "./provider.ts";
import { resendReconciling } from "./resend/reconciling.ts";
import { sendgridReconciling } from "./sendgrid/reconciling.ts";
import { signalwireReconciling } from "./signalwire/reconciling.ts";
import { telnyxReconciling } from "./telnyx/reconciling.ts";
import { twilioReconciling } from "./twilio/reconciling.ts";
import { vonageReconciling } from "./vonage/reconciling.ts";

/** Every provider that can be asked what became of a message, without what asking never needs. */
export const reconcilingProviders: ReadonlyMap<string, ProviderReconciling> = new Map(
  [
    twilioReconciling,
    telnyxReconciling,
    signalwireReconciling,
    clicksendReconciling,
    vonageReconciling,
    messagebirdReconciling,
    bandwidthReconciling,
    sendgridReconciling,
    postmarkReconciling,
    resendReconciling,
  ].map((provider) => [provider.id, provider]),
);
