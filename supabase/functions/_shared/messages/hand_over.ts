import type { CredentialStore } from "../connections/credentials.ts";
import { dataOf } from "../database/answer.ts";
import { AppError } from "../http/error.ts";
import type { MessageReceipt, ProviderError } from "../providers/provider.ts";
import { findProvider } from "../providers/registry.ts";
import { statusWebhookUrl } from "../webhooks/urls.ts";
import type { DispatchDeps } from "./dispatch.ts";

/** A row of `claim_outbound_jobs`. */
export interface Job {
  lease_token: string;
  step: "send" | "look_up";
  message_id: string;
  attempt_number: number;
  attempt_started_at: string;
  connection_id: string;
  provider: string;
  from_address: string;
  to_address: string;
  body: string;
  media_urls: string[];
}

/** What `record_attempts` takes for one message. */
export interface Outcome {
  message_id: string;
  outcome: "accepted" | "rejected" | "unknown";
  external_id?: string;
  status?: string;
  error_code?: string;
  error_message?: string;
  provider_code?: string;
  is_retryable?: boolean;
  retry_after_ms?: number;
  segment_count?: number;
  price?: string;
  price_currency?: string;
}

/** Well within a lease, whatever the provider's lists are like. */
const LOOK_UP_LIMITS = { maxPages: 3, timeoutMs: 5_000 };

/** Hands one message over, once, and says what is known of it afterwards. Never throws. */
export async function handOver(
  { transport, webhooksUrl }: DispatchDeps,
  credentials: CredentialStore,
  job: Job,
): Promise<Outcome> {
  const provider = findProvider(job.provider);
  const secrets = credentials.get(job.connection_id);
  if (!provider || !secrets) return disconnected(job);
  try {
    const result = await transport.sendMessage(provider, {
      from: job.from_address,
      to: job.to_address,
      channel: "sms",
      text: job.body,
      mediaUrls: job.media_urls,
      statusUrl: statusWebhookUrl(webhooksUrl, job.provider, secrets.webhookToken, {
        messageId: job.message_id,
        attemptNumber: job.attempt_number,
      }),
    }, secrets.credentials);
    return result.ok ? accepted(job, result.value) : refused(job, result.error);
  } catch (error) {
    // A defect of ours, after which nobody knows how far it came.
    logDefect("A hand-over", error);
    return { message_id: job.message_id, outcome: "unknown", error_code: "internal" };
  }
}

/** Asks the provider what became of an attempt whose outcome nobody recorded. Never throws. */
export async function lookUp(
  { transport, service }: DispatchDeps,
  credentials: CredentialStore,
  job: Job,
): Promise<Outcome> {
  const unknown: Outcome = { message_id: job.message_id, outcome: "unknown" };
  const provider = findProvider(job.provider);
  const secrets = credentials.get(job.connection_id);
  if (!provider || !secrets) return unknown;
  try {
    const found = await transport.listAll(
      provider,
      provider.searchMessages,
      { from: job.from_address, to: job.to_address, since: job.attempt_started_at },
      secrets.credentials,
      LOOK_UP_LIMITS,
    );
    if (!found.ok || !found.value.isComplete) return unknown;
    const same = found.value.items.filter((item) =>
      item.direction === "outbound" && item.text === job.body
    );
    const [context] = dataOf(
      await service.rpc("read_look_up", {
        message_id: job.message_id,
        external_ids: same.map((item) => item.externalId),
      }),
    );
    if (!context || context.has_unsettled_twin) return unknown;
    const [candidate, ...others] = same.filter((item) =>
      !context.known_external_ids.includes(item.externalId)
    );
    // Two of the same text cannot be told apart: that is for a receipt, or for a person.
    return candidate && others.length === 0 ? accepted(job, candidate) : unknown;
  } catch (error) {
    logDefect("A look-up", error);
    return unknown;
  }
}

/** Says what kind of error it was, and nothing that it might quote. */
export function logDefect(what: string, error: unknown): void {
  const kind = error instanceof AppError ? error.code : error instanceof Error ? error.name : "?";
  console.error(`${what} failed: ${kind}`);
}

function accepted(job: Job, receipt: MessageReceipt): Outcome {
  return {
    message_id: job.message_id,
    outcome: "accepted",
    external_id: receipt.externalId,
    status: receipt.status,
    ...(receipt.segmentCount === undefined ? {} : { segment_count: receipt.segmentCount }),
    ...(receipt.price === undefined || receipt.priceCurrency === undefined
      ? {}
      : { price: receipt.price, price_currency: receipt.priceCurrency }),
    ...(receipt.errorCode === undefined ? {} : { error_code: receipt.errorCode }),
    ...(receipt.errorMessage === undefined ? {} : { error_message: receipt.errorMessage }),
  };
}

function refused(job: Job, error: ProviderError): Outcome {
  return {
    message_id: job.message_id,
    outcome: error.isAmbiguous ? "unknown" : "rejected",
    error_code: error.code,
    error_message: error.message,
    is_retryable: error.isRetryable,
    ...(error.providerCode === undefined ? {} : { provider_code: error.providerCode }),
    ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
  };
}

/** Nothing was done: a message is to be tried again, a look-up made again. */
export function putBack(job: Job): Outcome {
  if (job.step === "look_up") return { message_id: job.message_id, outcome: "unknown" };
  return {
    message_id: job.message_id,
    outcome: "rejected",
    error_code: "internal",
    error_message: "The credentials could not be read",
    is_retryable: true,
  };
}

function disconnected(job: Job): Outcome {
  return {
    message_id: job.message_id,
    outcome: "rejected",
    error_code: "sender_inactive",
    error_message: "The connection was disconnected, or its secrets cannot be read",
    is_retryable: false,
  };
}
