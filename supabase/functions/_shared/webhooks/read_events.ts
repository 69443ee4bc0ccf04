import type { Json } from "../database/types.ts";
import {
  type Provider,
  UnreadableWebhookError,
  type WebhookEvent,
  type WebhookRequest,
} from "../providers/provider.ts";
import { readAttemptReference } from "./urls.ts";

/** An event in the shape that `ingest_webhook` stores. */
export type StorableEvent = { [name: string]: Json | undefined };

/** What an authentic webhook says; one that is not as documented becomes an event of its own kind. */
export async function readEvents(
  provider: Provider,
  request: WebhookRequest,
): Promise<StorableEvent[]> {
  let events: WebhookEvent[];
  try {
    events = provider.readWebhook(request);
  } catch (error) {
    if (!(error instanceof UnreadableWebhookError)) throw error;
    return [{ kind: "unreadable", externalId: await digest(request.body), reason: error.message }];
  }
  const attempt = readAttemptReference(request.url);
  return events.map((event) => {
    if (event.kind === "message") {
      return { ...event, media: event.media.map((media) => ({ ...media })) };
    }
    return {
      ...event,
      ...explain(provider, event.errorCode, event.errorMessage),
      ...attempt,
    };
  });
}

/** The provider's code in our words, with its own beside. */
function explain(
  provider: Provider,
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
