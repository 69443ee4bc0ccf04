import { dataOf } from "../_shared/database/answer.ts";
import { runInBackground } from "../_shared/background.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { AppError, errorResponse } from "../_shared/http/error.ts";
import type { ProviderIntake, WebhookRequest } from "../_shared/providers/provider.ts";
import { findIntake } from "../_shared/providers/intake_registry.ts";
import { storableText } from "../_shared/providers/text.ts";
import { completeMessages, type CompletionDeps } from "../_shared/webhooks/complete_messages.ts";
import { createIntake } from "../_shared/webhooks/intake.ts";
import { readEvents } from "../_shared/webhooks/read_events.ts";
import type { WebhookSecrets, WebhookSecretStore } from "../_shared/webhooks/secrets.ts";
import { connectionWebhookUrl } from "../_shared/webhooks/urls.ts";

/** Inbound mail brings its attachments along; nothing else comes near. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export interface WebhooksDeps extends CompletionDeps {
  secrets: WebhookSecretStore;
  /** The public URL that providers sign, whatever URL a gateway hands us. */
  webhooksUrl: string;
  /** Called when a message was offered to an agent that has a webhook. */
  kickOffers(): void;
}

/** Takes everything that providers post: verified, stored and applied before the answer. */
export function createApp({ service, transport, secrets, webhooksUrl, kickOffers }: WebhooksDeps) {
  const intake = createIntake(service, kickOffers);

  function countRefusal(provider: ProviderIntake, reason: string, connectionId?: string): void {
    const refusal = {
      provider: provider.id,
      reason,
      ...(connectionId === undefined ? {} : { connection_id: connectionId }),
    };
    runInBackground(
      "Counting a refused webhook",
      Promise.resolve(service.rpc("count_webhook_refusal", refusal)).then(dataOf),
    );
  }

  return createBaseApp({ name: "webhooks", maxBodyBytes: MAX_BODY_BYTES })
    .on(["GET", "POST"], "/:provider/:token", async (c) => {
      const provider = findIntake(c.req.param("provider"));
      if (!provider) throw new AppError("not_found", "Cannot take the webhook: unknown provider");
      const token = c.req.param("token");
      const connection = await secrets.find(provider.id, token);
      if (!connection) {
        countRefusal(provider, "unknown_token");
        throw new AppError("not_found", "Cannot take the webhook: unknown address");
      }
      // Read only now: nobody without an address makes us hold a large body.
      const request: WebhookRequest = {
        method: c.req.method,
        url: connectionWebhookUrl(webhooksUrl, provider.id, token) + queryOf(c.req.url),
        headers: c.req.raw.headers,
        body: new Uint8Array(await c.req.arrayBuffer()),
      };
      // Keys that were replaced a moment ago are read again before a signature is called wrong.
      const isAuthentic = await verify(provider, request, connection) ||
        await verify(provider, request, await secrets.findAgain(provider.id, token));
      if (!isAuthentic) {
        countRefusal(provider, "signature_invalid", connection.connectionId);
        const refusal = errorResponse(
          new AppError("signature_invalid", "Cannot take the webhook: wrong signature"),
        );
        // Some providers try again only after another status: the key may merely be late.
        return provider.retryStatus === undefined
          ? refusal
          : new Response(refusal.body, { status: provider.retryStatus, headers: refusal.headers });
      }

      const { connectionId } = connection;
      const states = await intake.take({
        connection_id: connectionId,
        events: await completeMessages(
          { service, transport },
          { providerId: provider.id, connectionId },
          await readEvents(provider, request),
        ),
        // Some providers repeat the address in the body, and those who read events are not to know it.
        body: storableText(new TextDecoder().decode(request.body)).replaceAll(token, "…"),
      });
      if (states.includes("disconnected")) {
        throw new AppError("not_found", "Cannot take the webhook: unknown address");
      }
      const answer = provider.webhookAnswer();
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    });
}

async function verify(
  provider: ProviderIntake,
  request: WebhookRequest,
  secrets: WebhookSecrets | null,
): Promise<boolean> {
  for (const key of secrets?.keys ?? []) {
    if (await provider.verifyWebhook(request, { secret: key, nowMs: Date.now() })) return true;
  }
  return false;
}

/** The query exactly as it came: a parsed one could be spelled differently from what was signed. */
function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start);
}
