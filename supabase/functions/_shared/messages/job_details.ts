import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { ClaimedJob, EmailPart, Job, TemplatePart } from "./job.ts";

/** Reads what only e-mails and templates have, in one call where there are any. */
export async function addDetails(service: DatabaseClient, jobs: ClaimedJob[]): Promise<Job[]> {
  const ids = jobs.filter((job) => job.channel !== "sms").map((job) => job.message_id);
  const rows = ids.length === 0
    ? []
    : dataOf(await service.rpc("read_outbound_details", { message_ids: ids }));
  const detailsById = new Map(rows.map((row) => [row.message_id, row]));
  return jobs.map((job) => {
    const { template = null, email = null } = detailsById.get(job.message_id) ?? {};
    return {
      ...job,
      template: template as TemplatePart | null,
      email: email as EmailPart | null,
    };
  });
}
