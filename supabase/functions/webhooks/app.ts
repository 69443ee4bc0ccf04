import { dataOf } from "../_shared/database/answer.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";
import { runInBackground } from "../_shared/background.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { AppError } from "../_shared/http/error.ts";
import type { Provider, WebhookRequest } from "../_shared/providers/provider.ts";
import { findProvider } from "../_shared/providers/registry.ts";
import { storableText } from "../_shared/providers/text.ts";
import { createIntake } from "../_shared/webhooks/intake.ts";
import { readEvents } from "../_shared/webhooks/read_events.ts";
import type { WebhookSecrets, WebhookSecretStore } from "../_shared/webhooks/secrets.ts";
import { connectionWebhookUrl } from "../_shared/webhooks/urls.ts";

export interface WebhooksDeps {
  service: DatabaseClient;
  secrets: WebhookSecretStore;
  /** The public URL that providers sign, whatever URL a gateway hands us. */
  webhooksUrl: string;
}

/** Takes everything that providers post: verified, stored and applied before the answer. */
export function createApp({ service, secrets, webhooksUrl }: WebhooksDeps) {
  const intake = createIntake(service);

  function countRefusal(provider: Provider, reason: string, connectionId?: string): void {
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

  return createBaseApp({ name: "webhooks", isBrowserFacing: false })
    .on(["GET", "POST"], "/:provider/:token", async (c) => {
      const provider = findProvider(c.req.param("provider"));
      if (!provider) throw new AppError("not_found", "Cannot take the webhook: unknown provider");
      const token = c.req.param("token");
      const request: WebhookRequest = {
        method: c.req.method,
        url: connectionWebhookUrl(webhooksUrl, provider.id, token) + queryOf(c.req.url),
        headers: c.req.raw.headers,
        body: new Uint8Array(await c.req.arrayBuffer()),
      };

      const connection = await secrets.find(provider.id, token);
      if (!connection) {
        countRefusal(provider, "unknown_token");
        throw new AppError("not_found", "Cannot take the webhook: unknown address");
      }
      // Keys that were replaced a moment ago are read again before a signature is called wrong.
      const isAuthentic = await verify(provider, request, connection) ||
        await verify(provider, request, await secrets.findAgain(provider.id, token));
      if (!isAuthentic) {
        countRefusal(provider, "signature_invalid", connection.connectionId);
        throw new AppError("signature_invalid", "Cannot take the webhook: wrong signature");
      }

      const states = await intake.take({
        connection_id: connection.connectionId,
        events: await readEvents(provider, request),
        body: storableText(new TextDecoder().decode(request.body)),
      });
      if (states.includes("disconnected")) {
        throw new AppError("not_found", "Cannot take the webhook: unknown address");
      }
      const answer = provider.webhookAnswer();
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    });
}

async function verify(
  provider: Provider,
  request: WebhookRequest,
  secrets: WebhookSecrets | null,
): Promise<boolean> {
  for (const key of secrets?.keys ?? []) {
    if (await provider.verifyWebhook(request, key)) return true;
  }
  return false;
}

/** The query exactly as it came: a parsed one could be spelled differently from what was signed. */
function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start);
}
