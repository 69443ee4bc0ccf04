/**
 * The contract that every provider adapter fulfils. An adapter is data and pure functions: it
 * describes requests and reads answers. `transport.ts` is the only code that sends them.
 */

/** A row of `service_providers`. */
export type ProviderId =
  | "twilio"
  | "telnyx"
  | "signalwire"
  | "clicksend_sms"
  | "vonage"
  | "messagebird"
  | "bandwidth"
  | "sendgrid"
  | "postmark"
  | "resend";

/** What a provider, or one of its senders, can do. */
export type Feature =
  | "sms"
  | "mms"
  | "whatsapp"
  | "voice"
  | "email"
  | "number_search"
  | "number_purchase"
  | "number_release"
  | "webhook_configuration"
  | "message_lookup"
  | "message_search"
  | "usage"
  | "balance";

/** The common status of a message; `unknown` stands for a word the adapter does not list. */
export type ProviderStatus =
  | "queued"
  | "sending"
  | "sent"
  | "delivered"
  | "read"
  | "undelivered"
  | "failed"
  | "received"
  | "unknown";

/** Credential fields by name, as checked by the adapter's `credentials` rules. Secret. */
export type Credentials = Readonly<Record<string, string>>;

/** An HTTP request that the transport sends as described. At most one of `form` and `json`. */
export interface ProviderRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute, https, on one of the adapter's `hosts`. */
  url: string;
  headers: Record<string, string>;
  /** Appended to `url`; a repeated name appears once per value. */
  query?: ReadonlyArray<readonly [string, string]>;
  form?: ReadonlyArray<readonly [string, string]>;
  json?: unknown;
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

/** One call that an adapter can describe. `readResponse` sees 2xx answers only. */
export interface Operation<Input, Output> {
  /** Throws when this input cannot be expressed: the transport then reports `invalid_request`. */
  toRequest(input: Input, credentials: Credentials): ProviderRequest;
  /** Throws `UnreadableAnswerError` (see `readJson`): the transport then reports `unreadable`. */
  readResponse(response: ProviderResponse, input: Input, credentials: Credentials): Output;
}

/** Who has to act before the same request can succeed. */
export type ErrorOwner = "caller" | "recipient" | "account" | "provider";

/** What one failure means to us, whoever reported it and by which code. */
export interface ErrorMeaning {
  /** One of ours, stable: see `PROVIDER_ERROR_CODES`. */
  code: ProviderErrorCode;
  owner: ErrorOwner;
  /** The same request may succeed later, unchanged. */
  isRetryable: boolean;
}

/** What an adapter reads out of an answer that is not 2xx. */
export interface ProviderRefusal extends ErrorMeaning {
  /** The provider's own code, as text, when it gave one. */
  providerCode?: string;
  /** The provider's own reason, or what the transport saw. */
  message: string;
  /** Milliseconds the provider asked us to wait. */
  retryAfterMs?: number;
}

/** Why a call did not succeed, in words that are safe to store and to show: no credential in it. */
export interface ProviderError extends ProviderRefusal {
  /** The provider may have acted although no readable success came back. The transport's verdict. */
  isAmbiguous: boolean;
  httpStatus?: number;
}

export const PROVIDER_ERROR_CODES = [
  "authentication_failed",
  "account_suspended",
  "permission_missing",
  "insufficient_funds",
  "invalid_request",
  "invalid_recipient",
  "unreachable_recipient",
  "recipient_opted_out",
  "invalid_sender",
  "content_refused",
  "unsupported",
  "not_found",
  "number_unavailable",
  "registration_required",
  "rate_limited",
  "provider_unavailable",
  "connection_refused",
  "timeout",
  "connection_lost",
  "unreadable",
  "rejected",
] as const;
export type ProviderErrorCode = typeof PROVIDER_ERROR_CODES[number];

/** The outcome of one call. */
export type Result<Value> = { ok: true; value: Value } | { ok: false; error: ProviderError };

/** A page of a list; `nextPageUrl` is absolute and on the adapter's hosts. */
export interface Page<Item> {
  items: Item[];
  nextPageUrl?: string;
}

/** The provider account behind a set of credentials, free of secrets. */
export interface AccountInfo {
  externalAccountId: string;
  displayName: string;
  isActive: boolean;
  /** The provider's own word for its state. */
  providerStatus: string;
}

export interface NumberCapabilities {
  sms: boolean;
  mms: boolean;
  voice: boolean;
  whatsapp: boolean;
}

/** A number that the account owns. */
export interface OwnedNumber {
  externalId: string;
  /** E.164. */
  phoneNumber: string;
  friendlyName: string;
  capabilities: NumberCapabilities;
  /** Where inbound messages are posted now, as registered; empty when nowhere the number names. */
  webhookUrl: string;
  /** `pending` while the provider is still setting it up. */
  status: "active" | "pending" | "inactive";
}

/** A number that could be bought. */
export interface AvailableNumber {
  /** E.164. */
  phoneNumber: string;
  friendlyName: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  region?: string;
  locality?: string;
  postalCode?: string;
  capabilities: NumberCapabilities;
}

export interface NumberSearch {
  /** ISO 3166-1 alpha-2. */
  country: string;
  kind: "local" | "toll_free" | "mobile";
  areaCode?: string;
  /** Digits and `*`. */
  contains?: string;
  locality?: string;
  region?: string;
  needs?: ReadonlyArray<"sms" | "mms" | "voice">;
  /** 1 to 50. */
  limit: number;
}

export interface NumberPurchase {
  /** E.164, as found by a search. */
  phoneNumber: string;
  friendlyName?: string;
  webhooks?: NumberWebhooks;
}

/** The URLs that a provider calls for one number. */
export interface NumberWebhooks {
  inboundUrl: string;
  /** Called when `inboundUrl` does not answer. */
  fallbackUrl: string;
}

export interface OutboundMessage {
  /** Addresses in the provider-neutral form: E.164, or an e-mail address. */
  from: string;
  to: string;
  channel: "sms" | "whatsapp";
  text: string;
  /** https URLs that the provider fetches. */
  mediaUrls: ReadonlyArray<string>;
  /** Where the provider reports what became of this attempt. */
  statusUrl: string;
}

/** What the provider says of one message. */
export interface MessageReceipt {
  externalId: string;
  status: ProviderStatus;
  /** The provider's own word. */
  providerStatus: string;
  /** Absent until the provider knows. Positive decimal, in `priceCurrency`. */
  price?: string;
  priceCurrency?: string;
  segmentCount?: number;
  errorCode?: string;
  errorMessage?: string;
}

/** A message found at the provider, with what is needed to recognise it as ours. */
export interface FoundMessage extends MessageReceipt {
  from: string;
  to: string;
  text: string;
  createdAt?: string;
  direction: "inbound" | "outbound";
}

/** At least one of `from` and `to`. Providers list late: finding nothing proves nothing. */
export interface MessageSearch {
  from?: string;
  to?: string;
  /** ISO 8601; nothing created before it is wanted. */
  since: string;
}

export interface UsageQuery {
  /** ISO dates, both included. */
  startDate: string;
  endDate: string;
}

/** Categories are the provider's own and may overlap: a total must not be made by adding lines. */
export interface UsageLine {
  category: string;
  count: number;
  unit: string;
  cost: string;
  currency: string;
}

export interface Balance {
  amount: string;
  currency: string;
}

/** A request that claims to come from the provider. */
export interface WebhookRequest {
  method: string;
  /** The public URL as registered at the provider, query included. */
  url: string;
  headers: Headers;
  /** The body's exact bytes. */
  body: Uint8Array;
}

export interface WebhookMedia {
  url: string;
  contentType: string;
}

/** Something a provider told us, in common words. */
export type WebhookEvent =
  | {
    kind: "message";
    externalId: string;
    channel: "sms" | "whatsapp";
    from: string;
    to: string;
    text: string;
    media: WebhookMedia[];
    segmentCount?: number;
    /** The contact's own name for themselves, where the channel has one. */
    senderName?: string;
    /** The provider already treated this message as consent being withdrawn, given or asked about. */
    optOutHint?: "stop" | "start" | "help";
  }
  | ({ kind: "status" } & MessageReceipt);

/** Thrown by `readResponse`: names the field that is not as documented, never its value. */
export class UnreadableAnswerError extends Error {
  override name = "UnreadableAnswerError";
}

/** Thrown by `readWebhook` for a body that is not as documented; holds nothing of that body. */
export class UnreadableWebhookError extends Error {
  override name = "UnreadableWebhookError";
}

/** The HTTP answer that a provider expects once its webhook has been stored. */
export interface WebhookAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** One field of a provider's credentials. The catalogue's `configuration_metadata` mirrors these. */
export interface CredentialField {
  name: string;
  label: string;
  pattern: RegExp;
  isRequired: boolean;
  isSecret: boolean;
  /** What a right value looks like and where it is found; shown when it is wrong. */
  remedy: string;
}

export interface CredentialIssue {
  field: string;
  message: string;
}

/** The outcome of checking credential fields. Messages never repeat a value. */
export type CredentialCheck =
  | { ok: true; credentials: Credentials }
  | { ok: false; issues: CredentialIssue[] };

/** Everything the product knows of a provider. An absent operation is a feature it lacks. */
export interface Provider {
  id: ProviderId;
  displayName: string;
  features: ReadonlyArray<Feature>;
  /** Hosts that its requests and next pages may go to. */
  hosts: ReadonlyArray<string>;
  credentialFields: ReadonlyArray<CredentialField>;
  /** Field rules; returns the cleaned credentials or what is wrong with which field. */
  checkCredentials(input: Readonly<Record<string, unknown>>): CredentialCheck;
  /** What webhooks are verified with; kept apart from the credentials that send. */
  webhookSecret(credentials: Credentials): string;

  /** Reads any answer that is not 2xx. */
  readError(response: ProviderResponse): ProviderRefusal;
  /** What one of the provider's own codes means, such as the `errorCode` of a receipt. */
  explainErrorCode(providerCode: string): ErrorMeaning;

  validateCredentials: Operation<void, AccountInfo>;
  /** Why this message cannot be sent by this provider at all, or null. Asked before any request. */
  refuseMessage(message: OutboundMessage): ProviderError | null;
  sendMessage: Operation<OutboundMessage, MessageReceipt>;
  lookUpMessage?: Operation<{ externalId: string }, MessageReceipt>;
  searchMessages?: Operation<MessageSearch & { pageUrl?: string }, Page<FoundMessage>>;
  listNumbers?: Operation<{ pageUrl?: string }, Page<OwnedNumber>>;
  searchNumbers?: Operation<NumberSearch, AvailableNumber[]>;
  purchaseNumber?: Operation<NumberPurchase, OwnedNumber>;
  configureNumber?: Operation<{ externalId: string; webhooks: NumberWebhooks }, OwnedNumber>;
  releaseNumber?: Operation<{ externalId: string }, void>;
  readUsage?: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>>;
  readBalance?: Operation<void, Balance>;

  /** Where this provider's webhook URLs come from: one base per connection, made by the caller. */
  webhookUrls(connectionUrl: string): NumberWebhooks;
  /** True when `secret` made this request's signature. Constant time; false for anything malformed. */
  verifyWebhook(request: WebhookRequest, secret: string): Promise<boolean>;
  /** Throws `UnreadableWebhookError`, and nothing else, for what the provider does not document. */
  readWebhook(request: WebhookRequest): WebhookEvent[];
  webhookAnswer(): WebhookAnswer;
}
