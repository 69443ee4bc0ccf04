import { meaningOf, meaningOfStatus, refusal } from "./provider_errors.ts";
import { createAccessTokens } from "./access_tokens.ts";
import {
  type Call,
  type CallContext,
  type Callee,
  type Credentials,
  type MessageReceipt,
  type Operation,
  type OutboundMessage,
  type Page,
  type ProviderError,
  type ProviderErrorCode,
  type ProviderRefusal,
  type ProviderRequest,
  type ProviderResponse,
  type ProviderSending,
  RefusedAnswerError,
  type Result,
  UnreadableAnswerError,
} from "./provider.ts";
import { fetchOnce } from "./fetch_once.ts";
import { readSimulatorUrl, toSimulator } from "./simulator.ts";
import { createScrubber, secretsOf } from "./text.ts";
import { type Answer, exchange, readRetryAfter } from "./transport_exchange.ts";
import { toFetchRequest, toUrl } from "./transport_request.ts";

/** How requests leave. Everything has a default; entry points pass the environment's simulator. */
export interface TransportOptions {
  fetch?: (request: Request) => Promise<Response>;
  /** `PROVIDER_SIMULATOR_URL`: sends everything there instead; must be loopback. */
  simulatorUrl?: string | undefined;
  timeoutMs?: number;
  maxBodyBytes?: number;
  /** Milliseconds since 1970. */
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
    provider: Callee,
    operation: Call<Input, Output> | undefined,
    input: Input,
    credentials: Credentials,
    options?: CallOptions,
  ): Promise<Result<Output>>;
  /** Asks `refuseMessage` first. */
  sendMessage(
    provider: ProviderSending,
    message: OutboundMessage,
    credentials: Credentials,
    options?: CallOptions,
  ): Promise<Result<MessageReceipt>>;
  /** Follows `nextPageUrl`, over `maxPages` pages at most. */
  listAll<Input extends { pageUrl?: string }, Item>(
    provider: Callee,
    operation: Operation<Input, Page<Item>> | undefined,
    input: Input,
    credentials: Credentials,
    options?: CallOptions & { maxPages?: number },
  ): Promise<Result<CompleteList<Item>>>;
}

/** What all requests of one call have in common. */
interface Circumstances {
  credentials: Credentials;
  /** Whatever must not be in a message. */
  secrets: ReadonlyArray<string>;
  timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_PAGES = 20;
/** A page of 1,000 numbers of Twilio is about 1.5 MB. */
const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The only way out to a provider: one request, no retries, every outcome classified. */
export function createTransport(options: TransportOptions = {}): Transport {
  const simulatorUrl = readSimulatorUrl(options.simulatorUrl);
  const fetchRequest = options.fetch ?? fetchOnce;
  const now = options.now ?? Date.now;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const defaultTimeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;

  /** One request and its reading. */
  async function send<Output>(
    provider: Callee,
    { credentials, secrets, timeoutMs }: Circumstances,
    describe: () => ProviderRequest | Promise<ProviderRequest>,
    read: (response: ProviderResponse) => Output | Promise<Output>,
  ): Promise<Result<Output>> {
    const name = provider.displayName;
    let described: ProviderRequest;
    let request: Request;
    try {
      described = await describe();
      const url = toUrl(described, provider.hosts(credentials));
      if (!url) return refused("invalid_request", `Cannot call ${name}: not an address of its own`);
      request = toFetchRequest(described, simulatorUrl ? toSimulator(url, simulatorUrl) : url);
    } catch (error) {
      return undescribed(provider, error, createScrubber(secrets));
    }

    const scrub = createScrubber(secrets, described);
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

    const answer = await exchange(fetchRequest, request, { timeoutMs, maxBodyBytes });
    if (answer.response === null) return fail(answer.failure, answer.state);
    const { response, failure, state } = answer;
    const { status } = response;
    if (!described.readStatuses?.includes(status)) {
      if (status < 200 || (status >= 300 && status < 400)) {
        return fail("unreadable", `status ${status}, which is not followed`, status);
      }
      if (status >= 300) {
        return { ok: false, error: readFailure(provider, answer, isWrite, now(), scrub) };
      }
    }
    if (failure) return fail(failure, state, status);
    try {
      return { ok: true, value: await read(response) };
    } catch (error) {
      if (error instanceof RefusedAnswerError) {
        return { ok: false, error: toError(provider, error.refusal, false, status, scrub) };
      }
      // Any other error may quote the answer, which may hold a secret.
      const reason = error instanceof UnreadableAnswerError ? error.message : "not as documented";
      return fail("unreadable", `status ${status}, ${reason}`, status);
    }
  }

  const accessTokens = createAccessTokens(
    now,
    (provider, authorization, credentials, timeoutMs) =>
      send(
        provider,
        { credentials, secrets: Object.values(credentials), timeoutMs },
        () => authorization.toRequest(credentials),
        (response) => authorization.readResponse(response),
      ),
  );

  async function call<Input, Output>(
    provider: Callee,
    operation: Call<Input, Output> | undefined,
    input: Input,
    credentials: Credentials,
    { timeoutMs = defaultTimeoutMs }: CallOptions = {},
  ): Promise<Result<Output>> {
    if (!operation) {
      const message = `Cannot call ${provider.displayName}: it has no such operation`;
      return refused("unsupported", message);
    }
    const authorized = await accessTokens.get(provider, credentials, timeoutMs);
    if (!authorized.ok) return authorized;
    const accessToken = authorized.value;
    const context: CallContext = {
      nowMs: now(),
      nonce: createNonce(),
      ...(accessToken === undefined ? {} : { accessToken }),
    };
    const secrets = [...Object.values(credentials), ...secretsOf(input), accessToken ?? ""];
    const circumstances = { credentials, secrets, timeoutMs };
    const result = "steps" in operation
      ? await follow(provider, circumstances, () => operation.steps(input, credentials, context))
      : await send(
        provider,
        circumstances,
        () => operation.toRequest(input, credentials, context),
        (response) => operation.readResponse(response, input, credentials),
      );
    // The token may have been withdrawn before its time: the next call fetches another.
    if (!result.ok && result.error.httpStatus === 401) accessTokens.drop(provider, credentials);
    return result;
  }

  /** Makes the requests of a procedure one after the other; each answer leads to the next. */
  async function follow<Output>(
    provider: Callee,
    circumstances: Circumstances,
    begin: () => Generator<ProviderRequest, Output, ProviderResponse>,
  ): Promise<Result<Output>> {
    type Step = IteratorResult<ProviderRequest, Output>;
    let steps: ReturnType<typeof begin>;
    let step: Step;
    try {
      steps = begin();
      step = steps.next();
    } catch (error) {
      return undescribed(provider, error, createScrubber(circumstances.secrets));
    }
    let hasWritten = false;
    while (!step.done) {
      const request = step.value;
      let isRefused = false;
      const next: Result<Step> = await send<Step>(
        provider,
        circumstances,
        () => request,
        (response) => {
          try {
            return steps.next(response);
          } catch (error) {
            isRefused = error instanceof RefusedAnswerError;
            throw error;
          }
        },
      );
      if (!next.ok) {
        // What an earlier step changed stays changed, unless the adapter knows better.
        const isAmbiguous = next.error.isAmbiguous || (hasWritten && !isRefused);
        return { ok: false, error: { ...next.error, isAmbiguous } };
      }
      hasWritten ||= request.method !== "GET";
      step = next.value;
    }
    return { ok: true, value: step.value };
  }

  return {
    call,
    async sendMessage(provider, message, credentials, callOptions) {
      const error = provider.refuseMessage(message);
      if (error) return { ok: false, error };
      return await call(provider, provider.sendMessage, message, credentials, callOptions);
    },
    async listAll<Input extends { pageUrl?: string }, Item>(
      provider: Callee,
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

function createNonce(): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

function refused(code: ProviderErrorCode, message: string): Result<never> {
  return { ok: false, error: refusal(code, message) };
}

/** A request that an adapter cannot describe, and why: nothing was sent. */
function undescribed(
  provider: Callee,
  error: unknown,
  scrub: (message: string) => string,
): Result<never> {
  const reason = error instanceof Error ? error.message : "the request cannot be built";
  return refused("invalid_request", scrub(`Cannot call ${provider.displayName}: ${reason}`));
}

/** Whether the provider acted is a matter of status and method; what went wrong is the adapter's. */
function readFailure(
  provider: Callee,
  answer: Answer & { response: ProviderResponse },
  isWrite: boolean,
  nowMs: number,
  scrub: (message: string) => string,
): ProviderError {
  const { response } = answer;
  const { status } = response;
  let refusal: ProviderRefusal;
  try {
    refusal = provider.readError(response);
  } catch {
    refusal = { ...meaningOfStatus(status), message: `status ${status}` };
  }
  const isAmbiguous = isWrite && (status >= 500 || status === 408);
  const error = toError(provider, refusal, isAmbiguous, status, scrub);
  const retryAfterMs = readRetryAfter(response.headers, nowMs);
  if (error.retryAfterMs === undefined && retryAfterMs !== undefined) {
    error.retryAfterMs = retryAfterMs;
  }
  return error;
}

/** What the provider said, as it may be shown. */
function toError(
  provider: Callee,
  { message, providerCode, ...meaning }: ProviderRefusal,
  isAmbiguous: boolean,
  httpStatus: number,
  scrub: (message: string) => string,
): ProviderError {
  return {
    ...meaning,
    message: scrub(`${provider.displayName} refused: ${message}`),
    isAmbiguous,
    httpStatus,
    ...(providerCode === undefined ? {} : { providerCode: scrub(providerCode) }),
  };
}
