import type { StorageAccess } from "../environment.ts";
import { keyHeaders } from "../http/key_headers.ts";
import { logDefect } from "../log_defect.ts";
import type { ClaimedJob, Outcome } from "./job.ts";
import { putBack } from "./outcome.ts";

const BUCKET = "message-media";
/** Longer than any provider queues a message before it fetches what belongs to it: Twilio, 10 h. */
const EXPIRES_IN_SECONDS = 12 * 60 * 60;
const TIMEOUT_MS = 5_000;

/** Whether it is the path of a stored file: what is not stored is an https URL. */
function isStored(medium: string): boolean {
  return !medium.startsWith("https://");
}

/**
 * Gives stored files URLs that their provider can fetch, in one call for the batch. A job whose file
 * is gone fails; one whose URL cannot be had now is put back. Others are not held up by either.
 */
export async function signMedia<J extends ClaimedJob>(
  storage: StorageAccess,
  jobs: J[],
): Promise<{ jobs: J[]; outcomes: Outcome[] }> {
  const needsUrls = (job: J) => job.media_urls.some(isStored);
  const paths = new Set(jobs.filter(needsUrls).flatMap((job) => job.media_urls.filter(isStored)));
  if (paths.size === 0) return { jobs, outcomes: [] };
  let urls: ReadonlyMap<string, string> | null = null;
  try {
    urls = await requestUrls(storage, [...paths]);
  } catch (error) {
    logDefect("Signing media", error);
  }
  const ready: J[] = [];
  const outcomes: Outcome[] = [];
  for (const job of jobs) {
    if (!needsUrls(job)) {
      ready.push(job);
    } else if (!urls) {
      outcomes.push(putBack(job, "The stored media cannot be reached"));
    } else {
      const media_urls = job.media_urls.map((medium) => urls.get(medium) ?? medium);
      if (media_urls.some(isStored)) outcomes.push(missing(job));
      else ready.push({ ...job, media_urls });
    }
  }
  return { jobs: ready, outcomes };
}

function missing(job: ClaimedJob): Outcome {
  return {
    message_id: job.message_id,
    outcome: "rejected",
    error_code: "media_not_found",
    error_message: "A stored file of the message is no longer there",
    owner: "caller",
    is_retryable: false,
  };
}

/** By path; a file that is not there has none. */
async function requestUrls(
  { url, publicUrl, secretKey }: StorageAccess,
  paths: string[],
): Promise<ReadonlyMap<string, string>> {
  const answer = await fetch(`${url}/object/sign/${BUCKET}`, {
    method: "POST",
    headers: { ...keyHeaders(secretKey), "content-type": "application/json" },
    body: JSON.stringify({ expiresIn: EXPIRES_IN_SECONDS, paths }),
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`Cannot sign media: status ${answer.status}`);
  }
  const signed: unknown = await answer.json();
  if (!Array.isArray(signed)) throw new Error("Cannot sign media: the answer is no list");
  const urls = new Map<string, string>();
  for (const { path, signedURL } of signed) {
    // Nothing but the file that was asked for, whatever the answer says.
    if (typeof signedURL === "string" && signedURL.startsWith(`/object/sign/${BUCKET}/${path}?`)) {
      urls.set(path, encodeURI(publicUrl + signedURL));
    }
  }
  return urls;
}
