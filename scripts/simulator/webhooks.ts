import { type HttpAnswer, HttpClient, type RequestFailure } from "./http_client.ts";
import { LaneLimiter } from "./limiter.ts";
import type { BoundedLog } from "./log.ts";

const MAXIMUM_DELIVERIES_PER_ACCOUNT = 64;

/** One try to deliver a webhook. */
export interface Attempt {
  at: string;
  duration_ms: number;
  status: number | null;
  failure: RequestFailure | null;
}

/** When a provider tries again, and how long it waits. */
export interface RetryPolicy {
  maximumRetries: number;
  attemptTimeoutMs: number;
  /** Over all attempts. */
  totalTimeoutMs: number;
  shouldRetry(attempt: Attempt): boolean;
}

/** A webhook that is ready to be sent: signed, and with its URL free of any fragment. */
export interface Webhook {
  provider: string;
  accountSid: string;
  /** Such as `status` or `inbound`. */
  purpose: string;
  messageSid: string;
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  /** What it says, for the log. */
  parameters: Record<string, string>;
  policy: RetryPolicy;
}

/** A webhook and what became of it. */
export interface Delivery {
  sequence: number;
  at: string;
  provider: string;
  account_sid: string;
  purpose: string;
  message_sid: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  parameters: Record<string, string>;
  /** `refused`: the URL is not on this machine. `dropped`: a fault swallowed it. */
  outcome: "answered" | "failed" | "refused" | "dropped";
  status: number | null;
  response_content_type: string | null;
  response_body: string;
  attempts: Attempt[];
}

/** Sends webhooks over real HTTP, to this machine only, and logs how they were answered. */
export class WebhookSender {
  readonly #limiter = new LaneLimiter(MAXIMUM_DELIVERIES_PER_ACCOUNT);
  readonly #log: BoundedLog<Delivery>;
  readonly #client = new HttpClient();
  #sequence = 0;

  constructor(log: BoundedLog<Delivery>) {
    this.#log = log;
  }

  /** Sends a webhook as its policy says. Never throws: the outcome is in the delivery. */
  async send(webhook: Webhook): Promise<Delivery> {
    if (!isLoopback(webhook.url)) return this.note(webhook, "refused");
    return await this.#limiter.run(webhook.accountSid, () => this.#tryUntilDone(webhook));
  }

  /** Logs a webhook that is not sent. */
  note(webhook: Webhook, outcome: "refused" | "dropped"): Delivery {
    return this.#record(webhook, outcome, undefined, []);
  }

  /** Breaks off whatever is under way. */
  abortAll(): void {
    this.#client.abortAll();
  }

  /** Breaks off, for good. */
  close(): void {
    this.#client.close();
  }

  async #tryUntilDone(webhook: Webhook): Promise<Delivery> {
    const deadline = performance.now() + webhook.policy.totalTimeoutMs;
    const attempts: Attempt[] = [];
    while (true) {
      const timeoutMs = Math.min(webhook.policy.attemptTimeoutMs, deadline - performance.now());
      const { attempt, answer } = await this.#try(webhook, Math.max(1, timeoutMs));
      attempts.push(attempt);
      const mayRetry = attempts.length <= webhook.policy.maximumRetries &&
        performance.now() < deadline && webhook.policy.shouldRetry(attempt);
      if (!mayRetry) return this.#record(webhook, answer ? "answered" : "failed", answer, attempts);
    }
  }

  async #try(
    webhook: Webhook,
    timeoutMs: number,
  ): Promise<{ attempt: Attempt; answer: HttpAnswer | undefined }> {
    const at = new Date().toISOString();
    const started = performance.now();
    const { method, url, headers, body } = webhook;
    const outcome = await this.#client.send({ method, url, headers, body, timeoutMs });
    const answer = "answer" in outcome ? outcome.answer : undefined;
    const attempt = {
      at,
      duration_ms: Math.round(performance.now() - started),
      status: answer?.status ?? null,
      failure: "failure" in outcome ? outcome.failure : null,
    };
    return { attempt, answer };
  }

  #record(
    webhook: Webhook,
    outcome: Delivery["outcome"],
    answer: HttpAnswer | undefined,
    attempts: Attempt[],
  ): Delivery {
    const delivery: Delivery = {
      sequence: ++this.#sequence,
      at: attempts[0]?.at ?? new Date().toISOString(),
      provider: webhook.provider,
      account_sid: webhook.accountSid,
      purpose: webhook.purpose,
      message_sid: webhook.messageSid,
      method: webhook.method,
      url: webhook.url,
      headers: webhook.headers,
      parameters: webhook.parameters,
      outcome,
      status: answer?.status ?? null,
      response_content_type: answer?.contentType ?? null,
      response_body: answer?.body ?? "",
      attempts,
    };
    this.#log.push(delivery);
    return delivery;
  }
}

/** A simulator that posted to the internet would be a hazard, so it does not. */
function isLoopback(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "http:") return false;
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
