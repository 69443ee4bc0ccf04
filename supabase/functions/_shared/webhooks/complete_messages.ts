import { createCredentialStore } from "../connections/credentials.ts";
import type { DatabaseClient } from "../database/client.ts";
import { AppError } from "../http/error.ts";
import type { InboundEmail, Operation, ProviderCore } from "../providers/provider.ts";
import { readResendError } from "../providers/resend/errors.ts";
import { readResendInbound } from "../providers/resend/inbound.ts";
import { resendIntake } from "../providers/resend/intake.ts";
import { RESEND_HOST } from "../providers/resend/request.ts";
import type { Transport } from "../providers/transport.ts";
import type { StorableEvent } from "./read_events.ts";

interface MessageReader {
  core: ProviderCore;
  read: Operation<{ externalId: string }, InboundEmail>;
}

/** The providers whose webhooks hold the head of a message only, with what reads the whole of it. */
const READERS: ReadonlyMap<string, MessageReader> = new Map([
  [resendIntake.id, {
    // Without what sends: whoever takes webhooks has to start fast.
    core: { ...resendIntake, hosts: () => [RESEND_HOST], readError: readResendError },
    read: readResendInbound,
  }],
]);

/** Well before the provider loses patience. */
const TIMEOUT_MS = 5_000;

export interface CompletionDeps {
  service: DatabaseClient;
  transport: Transport;
}

/**
 * Fetches what a webhook leaves out of a message, before it is stored: what the message answers is
 * part of that. A provider that is down is to tell us again; what it refuses stays as it was told.
 */
export async function completeMessages(
  { service, transport }: CompletionDeps,
  { providerId, connectionId }: { providerId: string; connectionId: string },
  events: StorableEvent[],
): Promise<StorableEvent[]> {
  const reader = READERS.get(providerId);
  if (!reader || !events.some(({ kind }) => kind === "message")) return events;
  const store = createCredentialStore(service);
  await store.load([connectionId], "read inbound message", crypto.randomUUID());
  const secrets = store.get(connectionId);
  if (!secrets) return events;
  return await Promise.all(events.map(async (event) => {
    if (event.kind !== "message") return event;
    const whole = await transport.call(
      reader.core,
      reader.read,
      { externalId: String(event.externalId) },
      secrets.credentials,
      { timeoutMs: TIMEOUT_MS },
    );
    if (whole.ok) {
      return { ...event, ...whole.value, media: whole.value.media.map((media) => ({ ...media })) };
    }
    if (whole.error.isRetryable) {
      throw new AppError("unavailable", "Cannot take the webhook: the message cannot be read yet");
    }
    console.warn(`Cannot read an inbound message: ${whole.error.message}`);
    return event;
  }));
}
