import type {
  CallContext,
  Credentials,
  OutboundMessage,
  Provider,
  ProviderErrorCode,
  WebhookEvent,
  WebhookRequest,
} from "../../../supabase/functions/_shared/providers/provider.ts";

export const OPERATIONS = [
  "validateCredentials",
  "sendMessage",
  "lookUpMessage",
  "searchMessages",
  "startCall",
  "readInbound",
  "listNumbers",
  "listEmailSenders",
  "searchNumbers",
  "purchaseNumber",
  "readNumberOrder",
  "releaseNumber",
  "readUsage",
  "readBalance",
  "configureNumber",
  "configureConnection",
] as const;
export type OperationName = typeof OPERATIONS[number];

/** The time and the nonce that every sample call is described with. */
export const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0);
export const NONCE = "0123456789abcdef0123456789abcdef";

type Fields = ReadonlyArray<readonly [name: string, value: string]>;

/** One request, exactly; what is absent must be absent. */
export interface ExpectedRequest {
  method: string;
  url: string;
  query?: Fields;
  form?: Fields;
  json?: unknown;
  xml?: string;
  /** Those that matter, such as `authorization`; others are not looked at. */
  headers?: Record<string, string>;
}

/** What the provider answers: the document's own example where it has one. */
export interface Answer {
  status: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}

/** Where an official document has a request and its answer. */
export interface DocumentPlace {
  /** Below `SPECS_DIRECTORY`. */
  file: string;
  method: string;
  /** As the document writes it: `/v2/messages/{id}`. */
  path: string;
  /** The answer's key under `responses`: `200`, `default`. */
  status: string;
  /** The name of the document's example that the answer is, where it is exactly that. */
  example?: string;
  /** What the check finds wrong where it is the document that errs, exactly as the check says it. */
  deviations?: string[];
}

/** One call of a provider: what goes in, what is asked and answered, what must come out. */
export interface CallSample {
  name: string;
  operation: OperationName;
  credentials: Credentials;
  input: unknown;
  /** In order; one, unless the operation is a procedure. */
  requests: ExpectedRequest[];
  /** As many as requests. */
  answers: Answer[];
  output: unknown;
  /** As many as requests; null where the documents that we have do not hold it. */
  documents: (DocumentPlace | null)[];
  /** Texts of `GARBAGE` (see garbage.ts) that mean something here, such as `{}` for an empty list. */
  readable?: string[];
  /** The provider leaves no other place for a secret than the URL. */
  secretInUrl?: true;
}

export interface WebhookSample {
  name: string;
  request: WebhookRequest;
  events: WebhookEvent[];
}

/** Everything that the contract suite has to know of one provider: its fixture folder's default. */
export interface ProviderSamples {
  /** Credentials that pass the field rules. Each secret is found in no other fixture. */
  credentials: Credentials;
  refusedCredentials: { name: string; input: Record<string, unknown>; fields: string[] }[];
  /** The token of `authorize`, for the providers that have it. Found in no other fixture. */
  accessToken?: string;
  /** How that token is fetched; `accessToken` is what the answer holds. */
  authorization?: {
    request: ExpectedRequest;
    answer: Answer;
    expiresInSeconds: number;
    document: DocumentPlace | null;
  };
  /** At least one for each operation, and a send for each of the features sms, mms, whatsapp, email. */
  calls: CallSample[];
  /** One that can be sent. */
  message: OutboundMessage;
  refusedMessages: { name: string; message: OutboundMessage; code: ProviderErrorCode }[];
  /** A send's answer with a status word of the provider's own; absent if sends return none. */
  answerWithStatus?(word: string): Answer;
  /** A send's answers that say no in spite of a status of success. */
  refusedAnswers?: { name: string; answer: Answer; code: ProviderErrorCode }[];
  /** A send's answers that say no by their status, as the provider documents them. */
  errorAnswers: {
    name: string;
    answer: Answer;
    code: ProviderErrorCode;
    isRetryable: boolean;
    providerCode?: string;
  }[];
  webhooks: WebhookSample[];
  /** What these webhooks are verified with. */
  webhookKey: { secret: string };
  /**
   * Signs as the provider does, by code that the adapter does not share; returns the request
   * unchanged where there is no signature.
   */
  sign(request: WebhookRequest, key: { secret: string; nowMs: number }): Promise<WebhookRequest>;
  /** What the signature covers; both false where nothing is signed (Basic, or our URL alone). */
  signed: { body: boolean; url: boolean };
  /** The provider signs in with the password that we gave it. */
  isBasic?: boolean;
  /**
   * Whether what is signed is the same in both, where that is not the exact bytes: forms that are
   * signed by their parameters (see forms.ts).
   */
  isSignedAlike?(one: WebhookRequest, other: WebhookRequest): boolean;
}

/** A provider's fixture folder has a `samples.ts`; a new provider needs no line here. */
export async function loadSamples(provider: Provider): Promise<ProviderSamples> {
  const module = await import(`../fixtures/${provider.id}/samples.ts`);
  return module.default;
}

/** What a provider's calls are described with, when they are described without the transport. */
export function contextOf({ accessToken }: ProviderSamples): CallContext {
  return accessToken === undefined
    ? { nowMs: NOW_MS, nonce: NONCE }
    : { nowMs: NOW_MS, nonce: NONCE, accessToken };
}
