import type { Json } from "../database/types.ts";
import {
  type ProviderIntake,
  UnreadableWebhookError,
  type WebhookEvent,
  type WebhookRequest,
} from "../providers/provider.ts";
import { readAttemptReference, readCallId, readReference } from "./urls.ts";

/** In characters. No provider's identifiers come near; an index takes 2,704 bytes at the most. */
const LONGEST_ID = 500;

/** An event in the shape that `ingest_webhook` stores. */
export type StorableEvent = { [name: string]: Json | undefined };

/** What an authentic webhook says; one that is not as documented becomes an event of its own kind. */
export async function readEvents(
  provider: ProviderIntake,
  request: WebhookRequest,
): Promise<StorableEvent[]> {
  let events: WebhookEvent[];
  try {
    events = await provider.readWebhook(request);
  } catch (error) {
    if (!(error instanceof UnreadableWebhookError)) throw error;
    return [await unreadable(request.body, error.message)];
  }
  return await Promise.all(
    events.map(async (event) =>
      event.externalId.length > LONGEST_ID
        ? await unreadable(new TextEncoder().encode(event.externalId), "the identifier is too long")
        : toStorable(provider, event, request.url)
    ),
  );
}

async function unreadable(bytes: Uint8Array, reason: string): Promise<StorableEvent> {
  return { kind: "unreadable", externalId: await digest(bytes), reason };
}

function toStorable(provider: ProviderIntake, event: WebhookEvent, url: string): StorableEvent {
  switch (event.kind) {
    case "message":
      return { ...event, media: event.media.map((media) => ({ ...media })) };
    case "status":
      return {
        ...event,
        ...explain(provider, event.errorCode, event.errorMessage),
        ...(readAttemptReference(url) ?? readReference(event.reference ?? "")),
      };
    case "call": {
      const callId = readCallId(url) ?? readReference(event.reference ?? "")?.messageId;
      return {
        ...event,
        ...explain(provider, event.errorCode, event.errorMessage),
        ...(callId === undefined ? {} : { callId }),
      };
    }
    case "opt_out":
      // The status tells a stop from a later start that comes under the same id.
      return { ...event, status: event.isOptedOut ? "opted_out" : "opted_in" };
    case "number_order":
      return { ...event };
  }
}

/** The provider's code in our words, with its own beside. */
function explain(
  provider: ProviderIntake,
  errorCode: string | undefined,
  errorMessage: string | undefined,
): StorableEvent {
  if (errorCode === undefined) return {};
  const { code } = provider.explainErrorCode(errorCode);
  return {
    errorCode: code,
    errorMessage: errorMessage ?? `${provider.displayName} error ${errorCode}`,
    providerCode: errorCode,
  };
}

async function digest(body: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(body));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
