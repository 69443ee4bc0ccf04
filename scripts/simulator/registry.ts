import type { ProviderFactory } from "./provider.ts";
import { createBandwidth } from "./providers/bandwidth.ts";
import { createClickSend } from "./providers/clicksend.ts";
import { createMessageBird } from "./providers/messagebird.ts";
import { createPostmark } from "./providers/postmark.ts";
import { createResend } from "./providers/resend.ts";
import { createSendgrid } from "./providers/sendgrid.ts";
import { createSignalwire } from "./providers/signalwire.ts";
import { createTelnyx } from "./providers/telnyx.ts";
import { createTwilio } from "./providers/twilio.ts";
import { createVonage } from "./providers/vonage.ts";

/** Every simulated provider. */
export const PROVIDERS: readonly ProviderFactory[] = [
  createTwilio,
  createSignalwire,
  createClickSend,
  createMessageBird,
  createTelnyx,
  createVonage,
  createBandwidth,
  createSendgrid,
  createPostmark,
  createResend,
];
