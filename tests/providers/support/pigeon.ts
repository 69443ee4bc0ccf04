/** A provider that does not exist, as small as the transport's tests need it. */
import { assert } from "@std/assert";
import {
  type Call,
  type Operation,
  type Page,
  type Provider,
  type ProviderError,
  type ProviderRequest,
  type Result,
  UnreadableAnswerError,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import { refusal } from "../../../supabase/functions/_shared/providers/provider_errors.ts";
import {
  createTransport,
  type TransportOptions,
} from "../../../supabase/functions/_shared/providers/transport.ts";
import { twilio } from "../../../supabase/functions/_shared/providers/twilio.ts";

export const credentials = { api_key: "wingsOfSecrecy+/=" };
export const ORIGIN = "https://api.pigeon.example";

const headers = { authorization: `Bearer ${credentials.api_key}` };

/** An operation that sends what it is given and reads back what came. */
export function asking(request: Partial<ProviderRequest>): Operation<void, unknown> {
  return {
    toRequest: () => ({ method: "GET", url: `${ORIGIN}/v1/birds`, headers, ...request }),
    readResponse({ json }) {
      if (json === undefined) throw new UnreadableAnswerError("unexpected bird");
      return json;
    },
  };
}

export const listBirds: Operation<{ pageUrl?: string }, Page<string>> = {
  toRequest: ({ pageUrl }) => ({ method: "GET", url: pageUrl ?? `${ORIGIN}/v1/birds`, headers }),
  readResponse: ({ json }) => json as Page<string>,
};

export const pigeon: Provider = {
  ...twilio,
  displayName: "Pigeon",
  hosts: () => ["api.pigeon.example"],
  readError: ({ status, text }) => ({
    code: status === 429 ? "rate_limited" : "rejected",
    owner: "provider",
    isRetryable: status === 429 || status >= 500,
    message: text,
    providerCode: text,
  }),
  refuseMessage: ({ text }) =>
    text === "" ? refusal("invalid_request", "Cannot carry nothing") : null,
};

const TIMEOUT_MS = 150;

/** One call of the pigeon, through a transport that does not wait long. */
export function call(
  options: TransportOptions,
  operation: Call<void, unknown> = asking({}),
): Promise<Result<unknown>> {
  return createTransport({ timeoutMs: TIMEOUT_MS, ...options })
    .call(pigeon, operation, undefined, credentials);
}

export function errorOf(result: Result<unknown>): ProviderError {
  assert(!result.ok, "Expected an error");
  return result.error;
}
