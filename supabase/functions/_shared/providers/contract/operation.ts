/** Credential fields by name, as checked by the adapter's `credentialFields` rules. Secret. */
export type Credentials = Readonly<Record<string, string>>;

/** An HTTP request that the transport sends as described. At most one of `form`, `json` and `xml`. */
export interface ProviderRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute, https, on one of the adapter's hosts. */
  url: string;
  headers: Record<string, string>;
  /** Appended to `url`; a repeated name appears once per value. */
  query?: ReadonlyArray<readonly [string, string]>;
  form?: ReadonlyArray<readonly [string, string]>;
  json?: unknown;
  xml?: string;
  /** Statuses from 300 on that the reader wants to see; any other is a failure. */
  readStatuses?: ReadonlyArray<number>;
}

/**
 * What came back, read whole and bounded by the transport. `json` is undefined when not JSON, and
 * free of what Postgres cannot store.
 */
export interface ProviderResponse {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

/** What an adapter may not make up itself: the time, chance, and a token that was fetched before. */
export interface CallContext {
  nowMs: number;
  /** 128 random bits in hexadecimal, such as the `jti` of a token. */
  nonce: string;
  /** What `authorize` returned, where the adapter has it. Secret. */
  accessToken?: string;
}

/** One call that an adapter can describe. `readResponse` sees answers of success only. */
export interface Operation<Input, Output> {
  /** Throws when this input cannot be expressed: the transport then reports `invalid_request`. */
  toRequest(
    input: Input,
    credentials: Credentials,
    context: CallContext,
  ): ProviderRequest | Promise<ProviderRequest>;
  /**
   * Throws `UnreadableAnswerError` (see `readJson`): the transport then reports `unreadable`; or
   * `RefusedAnswerError`: a refusal in spite of the status.
   */
  readResponse(
    response: ProviderResponse,
    input: Input,
    credentials: Credentials,
  ): Output | Promise<Output>;
}

/**
 * Several calls that belong together, as setting a webhook in two places. Yields each request and is
 * given its answer; ends with the result, or at the first failure. Not for sending: what came before
 * a failure stays done, and the failure is then ambiguous, unless it is a `RefusedAnswerError`.
 */
export interface Procedure<Input, Output> {
  steps(
    input: Input,
    credentials: Credentials,
    context: CallContext,
  ): Generator<ProviderRequest, Output, ProviderResponse>;
}

/** A page of a list; `nextPageUrl` is absolute and on the adapter's hosts. */
export interface Page<Item> {
  items: Item[];
  nextPageUrl?: string;
}

/** How an adapter gets the token that its requests carry, where credentials alone do not do. */
export interface Authorization {
  toRequest(credentials: Credentials): ProviderRequest;
  readResponse(response: ProviderResponse): { accessToken: string; expiresInSeconds: number };
}
