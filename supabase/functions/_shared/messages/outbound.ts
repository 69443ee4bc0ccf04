import type { EmailAttachment, OutboundEmail, OutboundMessage } from "../providers/provider.ts";
import { statusWebhookUrl, writeReference } from "../webhooks/urls.ts";
import type { EmailPart, Job, LeasedAttempt } from "./job.ts";

/** An attempt as providers give it back. */
export function referenceOf(attempt: LeasedAttempt): string {
  return writeReference({ messageId: attempt.message_id, attemptNumber: attempt.attempt_number });
}

/** A job as its provider's adapter takes it. */
export function toOutbound(
  job: Job,
  webhooksUrl: string,
  webhookToken: string,
  attachments: EmailAttachment[],
): OutboundMessage {
  const attempt = { messageId: job.message_id, attemptNumber: job.attempt_number };
  const common = {
    from: job.from_address,
    to: job.to_address,
    text: job.body,
    statusUrl: statusWebhookUrl(webhooksUrl, job.provider, webhookToken, attempt),
    reference: referenceOf(job),
  };
  const { channel } = job;
  if (channel === "sms") return { ...common, channel, mediaUrls: job.media_urls };
  if (channel === "whatsapp") {
    const { template } = job;
    if (!template) return { ...common, channel, mediaUrls: job.media_urls };
    const { external_id: externalId, language, variables } = template;
    return {
      ...common,
      channel,
      mediaUrls: job.media_urls,
      template: { externalId, language, variables },
    };
  }
  if (!job.email) throw new Error("An e-mail came without its details");
  return { ...common, channel, ...toEmail(job.email), attachments };
}

type EmailFields = Pick<
  OutboundEmail,
  "fromName" | "cc" | "bcc" | "replyTo" | "subject" | "html" | "headers"
>;

function toEmail(email: EmailPart): EmailFields {
  return {
    ...(email.from_name === null ? {} : { fromName: email.from_name }),
    ...(email.reply_to === null ? {} : { replyTo: email.reply_to }),
    cc: email.cc,
    bcc: email.bcc,
    subject: email.subject,
    html: email.html,
    headers: { ...email.headers, ...threadingHeaders(email) },
  };
}

/**
 * Providers choose the `Message-ID` themselves. An answer repeats what it answers referred to, so
 * an id of ours among the references comes back whatever they chose.
 */
function threadingHeaders(email: EmailPart): Record<string, string> {
  const { reference_ids, internet_message_id } = email;
  const references = [...reference_ids, internet_message_id].map((id) => `<${id}>`).join(" ");
  const answered = reference_ids.at(-1);
  return {
    References: references,
    ...(answered === undefined ? {} : { "In-Reply-To": `<${answered}>` }),
  };
}
