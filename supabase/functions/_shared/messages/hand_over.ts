import type { CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { logDefect } from "../log_defect.ts";
import type { EmailAttachment } from "../providers/provider.ts";
import { findSending } from "../providers/sending_registry.ts";
import type { DispatchDeps } from "./dispatch.ts";
import type { Job, Outcome } from "./job.ts";
import { accepted, disconnected, putBack, refused } from "./outcome.ts";
import { toOutbound } from "./outbound.ts";

/** Hands one message over, once, and says what is known of it afterwards. Never throws. */
export async function handOver(
  { transport, service, webhooksUrl }: DispatchDeps,
  credentials: CredentialStore,
  job: Job,
): Promise<Outcome> {
  const provider = findSending(job.provider);
  const secrets = credentials.get(job.connection_id);
  if (!provider || !secrets) return disconnected(job);
  let attachments: EmailAttachment[];
  try {
    attachments = await readAttachments(service, job);
  } catch (error) {
    logDefect("Reading attachments", error);
    return putBack(job, "The attachments could not be read");
  }
  try {
    const message = toOutbound(job, webhooksUrl, secrets.webhookToken, attachments);
    const result = await transport.sendMessage(provider, message, secrets.credentials);
    return result.ok ? accepted(job, result.value) : refused(job, result.error);
  } catch (error) {
    // A defect of ours, after which nobody knows how far it came.
    logDefect("A hand-over", error);
    return { message_id: job.message_id, outcome: "unknown", error_code: "internal" };
  }
}

export function hasAttachments(job: Job): boolean {
  return (job.email?.attachment_count ?? 0) > 0;
}

async function readAttachments(service: DatabaseClient, job: Job): Promise<EmailAttachment[]> {
  if (!hasAttachments(job)) return [];
  const rows = dataOf(
    await service.rpc("read_email_attachments", { message_id: job.message_id }),
  );
  if (rows.length !== job.email?.attachment_count) throw new Error("Attachments are missing");
  return rows.map((row) => ({
    fileName: row.file_name,
    contentType: row.content_type,
    content: row.content,
    ...(row.content_id === null ? {} : { contentId: row.content_id }),
  }));
}
