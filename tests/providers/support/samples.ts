import {
  type Credentials,
  type Operation,
  type OutboundMessage,
  type Provider,
  type ProviderErrorCode,
  type WebhookEvent,
  type WebhookRequest,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import type { ApiDocument, Wanted } from "./openapi.ts";

export const OPERATIONS = [
  "validateCredentials",
  "sendMessage",
  "lookUpMessage",
  "searchMessages",
  "listNumbers",
  "searchNumbers",
  "purchaseNumber",
  "configureNumber",
  "releaseNumber",
  "readUsage",
  "readBalance",
] as const;
export type OperationName = typeof OPERATIONS[number];

/** One call of a provider: what goes in, what the provider answers, what must come out. */
export interface CallSample {
  name: string;
  operation: OperationName;
  credentials: Credentials;
  input: unknown;
  answer: { status: number; json: unknown };
  output: unknown;
  /** The operation of the provider's own document that this call uses. */
  wanted: Wanted;
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
  calls: CallSample[];
  message: OutboundMessage;
  refusedMessages: { name: string; change: Partial<OutboundMessage>; code: ProviderErrorCode }[];
  /** The answer to a send in which the provider uses a status word of its own. */
  answerWithStatus(word: string): { status: number; json: unknown };
  webhooks: WebhookSample[];
  /** Signs a request as the provider does, by code that the adapter does not share. */
  sign(request: WebhookRequest, secret: string): Promise<WebhookRequest>;
  /** The provider's official document, as a file below `SPECS_DIRECTORY`, and our extract of it. */
  specification: { file: string; extract: ApiDocument };
}

/** A provider's fixture folder has a `samples.ts`; a new provider needs no line here. */
export async function loadSamples(provider: Provider): Promise<ProviderSamples> {
  const module = await import(`../fixtures/${provider.id}/samples.ts`);
  return module.default;
}

export function operationOf(
  provider: Provider,
  name: OperationName,
): Operation<unknown, unknown> | undefined {
  return provider[name] as Operation<unknown, unknown> | undefined;
}
