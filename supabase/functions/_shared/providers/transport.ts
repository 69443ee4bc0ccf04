import { meaningOf, meaningOfStatus, refusal } from "./provider_errors.ts";
import {
  type Credentials,
  type MessageReceipt,
  type Operation,
  type OutboundMessage,
  type Page,
  type Provider,
  type ProviderError,
  type ProviderErrorCode,
  type ProviderRequest,
  type ProviderResponse,
  type Result,
  UnreadableAnswerError,
} from "./provider.ts";
import { readSimulatorUrl, toSimulator } from "./simulator.ts";
import { createScrubber } from "./text.ts";
import { type Answer, exchange, readRetryAfter } from "./transport_exchange.ts";

/** How requests leave. Everything has a default; entry points pass the environment's simulator. */
export interface TransportOptions {
  fetch?: (request: Request) => Promise<Response>;
  /** `PROVIDER_SIMULATOR_URL`: sends everything there instead; must be loopback. */
  simulatorUrl?: string | undefined;
  timeoutMs?: number;
  maxBodyBytes?: number;
  /** Milliseconds since 1970, to read a `Retry-After` that is a date. */
  now?: () => number;
}

export interface CallOptions {
  timeoutMs?: number;
}

/** Every item that was found; not complete when the bound on pages was reached first. */
export interface CompleteList<Item> {
  items: Item[];
  isComplete: boolean;
}

export interface Transport {
  /** An absent operation is a feature that the provider lacks: `unsupported`, without a request. */
  call<Input, Output>(
    provider: Provider,
    operation: Operation<Input, Output> | undefined,
    input: Input,
    credentials: Credentials,
    options?: CallOptions,
  ): Promise<Result<Output>>;
  /** Asks `refuseMessage` first. */
  sendMessage(
    provider: Provider,
    message: OutboundMessage,
    credentials: Credentials,
    options?: CallOptions,
  ): Promise<Result<MessageReceipt>>;
  /** Follows `nextPageUrl`, over `maxPages` pages at most. */
  listAll<Input extends { pageUrl?: string }, Item>(
    provider: Provider,
    operation: Operation<Input, Page<Item>> | undefined,
    input: Input,
    credentials: Credentials,
    options?: CallOptions & { maxPages?: number },
  ): Promise<Result<CompleteList<Item>>>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_PAGES = 20;
/** A page of 1,000 numbers of Twilio is about 1.5 MB. */
const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The only way out to a provider: one request, no retries, every outcome classified. */
export function createTransport(options: TransportOptions = {}): Transport {
  const simulatorUrl = readSimulatorUrl(options.simulatorUrl);
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const now = options.now ?? Date.now;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const defaultTimeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;

  async function call<Input, Output>(
    provider: Provider,
    operation: Operation<Input, Output> | undefined,
    input: Input,
    credentials: Credentials,
    callOptions: CallOptions = {},
  ): Promise<Result<Output>> {
    const name = provider.displayName;
    if (!operation) return refused("unsupported", `Cannot call ${name}: it has no such operation`);

    let described: ProviderRequest;
    let request: Request;
    try {
      described = operation.toRequest(input, credentials);
      const url = toUrl(described, provider.hosts);
      if (!url) return refused("invalid_request", `Cannot call ${name}: not an address of its own`);
      request = toFetchRequest(described, simulatorUrl ? toSimulator(url, simulatorUrl) : url);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "the request cannot be built";
      const scrub = createScrubber(credentials);
      return refused("invalid_request", scrub(`Cannot call ${name}: ${reason}`));
    }

    const scrub = createScrubber(credentials, described);
    const isWrite = described.method !== "GET";
    const fail = (code: ProviderErrorCode, state: string, httpStatus?: number): Result<never> => ({
      ok: false,
      error: {
        ...meaningOf(code),
        message: scrub(`Cannot call ${name}: ${state}`),
        isAmbiguous: isWrite && code !== "connection_refused",
        ...(httpStatus === undefined ? {} : { httpStatus }),
      },
    });

    const timeoutMs = callOptions.timeoutMs ?? defaultTimeoutMs;
    const answer = await exchange(send, request, { timeoutMs, maxBodyBytes });
    if (answer.response === null) return fail(answer.failure, answer.state);
    const { response, failure, state } = answer;
    if (response.status < 200 || (response.status >= 300 && response.status < 400)) {
      return fail(
        "unreadable",
        `status ${response.status}, which is not followed`,
        response.status,
      );
    }
    if (response.status >= 300) {
      return { ok: false, error: readFailure(provider, answer, isWrite, now(), scrub) };
    }
    if (failure) return fail(failure, state, response.status);
    try {
      return { ok: true, value: operation.readResponse(response, input, credentials) };
    } catch (error) {
      // Any other error may quote the answer, which may hold a secret.
      const reason = error instanceof UnreadableAnswerError ? error.message : "not as documented";
      return fail("unreadable", `status ${response.status}, ${reason}`, response.status);
    }
  }

  return {
    call,
    async sendMessage(provider, message, credentials, callOptions) {
      const error = provider.refuseMessage(message);
      if (error) return { ok: false, error };
      return await call(provider, provider.sendMessage, message, credentials, callOptions);
    },
    async listAll<Input extends { pageUrl?: string }, Item>(
      provider: Provider,
      operation: Operation<Input, Page<Item>> | undefined,
      input: Input,
      credentials: Credentials,
      { maxPages = DEFAULT_MAX_PAGES, ...callOptions }: CallOptions & { maxPages?: number } = {},
    ): Promise<Result<CompleteList<Item>>> {
      const items: Item[] = [];
      let pageInput = input;
      for (let page = 0; page < maxPages; page++) {
        const result = await call(provider, operation, pageInput, credentials, callOptions);
        if (!result.ok) return result;
        items.push(...result.value.items);
        const { nextPageUrl } = result.value;
        if (nextPageUrl === undefined) return { ok: true, value: { items, isComplete: true } };
        pageInput = { ...input, pageUrl: nextPageUrl };
      }
      return { ok: true, value: { items, isComplete: false } };
    },
  };
}

function refused(code: ProviderErrorCode, message: string): Result<never> {
  return { ok: false, error: refusal(code, message) };
}

/** The whole address, or null when it is not https on one of the provider's own hosts. */
function toUrl(request: ProviderRequest, hosts: ReadonlyArray<string>): URL | null {
  const url = URL.parse(request.url);
  // `host` holds any port that is not 443, so that no other port is ever on the list.
  if (!url || url.protocol !== "https:" || !hosts.includes(url.host)) return null;
  if (url.username || url.password) return null;
  url.hash = "";
  for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
  return url;
}

/**
 * Every request gets a connection of its own. When a kept connection breaks, Deno's fetch sends a
 * request again by itself, also a POST that the provider has read: that would be a second text.
 */
function toFetchRequest(described: ProviderRequest, url: URL): Request {
  const headers = new Headers({
    accept: "application/json",
    connection: "close",
    ...described.headers,
  });
  let body: BodyInit | null = null;
  if (described.form) {
    body = new URLSearchParams(described.form.map(([name, value]) => [name, value]));
    headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
  } else if (described.json !== undefined) {
    body = JSON.stringify(described.json);
    headers.set("content-type", "application/json");
  }
  return new Request(url, { method: described.method, headers, body, redirect: "manual" });
}

/** Whether the provider acted is a matter of status and method; what went wrong is the adapter's. */
function readFailure(
  provider: Provider,
  answer: Answer & { response: ProviderResponse },
  isWrite: boolean,
  nowMs: number,
  scrub: (message: string) => string,
): ProviderError {
  const { response } = answer;
  const { status } = response;
  let error: ProviderError;
  const isAmbiguous = isWrite && (status >= 500 || status === 408);
  try {
    error = { ...provider.readError(response), isAmbiguous, httpStatus: status };
  } catch {
    const message = `status ${status}`;
    error = { ...meaningOfStatus(status), message, isAmbiguous, httpStatus: status };
  }
  error.message = scrub(`${provider.displayName} refused: ${error.message}`);
  if (error.providerCode !== undefined) error.providerCode = scrub(error.providerCode);
  const retryAfterMs = readRetryAfter(response.headers, nowMs);
  if (error.retryAfterMs === undefined && retryAfterMs !== undefined) {
    error.retryAfterMs = retryAfterMs;
  }
  return error;
}
