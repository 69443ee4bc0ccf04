import { mapConcurrently } from "../concurrency.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { OwnedNumber } from "../providers/provider.ts";
import type { Transport } from "../providers/transport.ts";
import type { OpenConnection } from "./open_connection.ts";
import { connectionWebhookUrl, redactedWebhookUrl } from "../webhooks/urls.ts";

const CONCURRENT_REQUESTS = 5;

/** A connection as far as its numbers need it. Holds secrets: never answer with it. */
export type NumberConnection = Pick<
  OpenConnection,
  "id" | "provider" | "credentials" | "settings" | "webhookToken"
>;

export interface NumberWebhookDeps {
  transport: Transport;
  service: DatabaseClient;
  webhooksUrl: string;
}

/** Points numbers at us, and writes down for each whether the provider took it and why not. */
export async function configureNumberWebhooks(
  { transport, service, webhooksUrl }: NumberWebhookDeps,
  { id, provider, credentials, settings, webhookToken }: NumberConnection,
  numbers: ReadonlyArray<Pick<OwnedNumber, "externalId" | "phoneNumber">>,
): Promise<void> {
  if (!provider.configureNumber || numbers.length === 0) return;
  const webhooks = provider.webhookUrls(
    connectionWebhookUrl(webhooksUrl, provider.id, webhookToken),
  );
  const results = await mapConcurrently(
    numbers,
    CONCURRENT_REQUESTS,
    async ({ externalId, phoneNumber }) => {
      const input = { externalId, phoneNumber, webhooks, settings };
      const result = await transport.call(provider, provider.configureNumber, input, credentials);
      return {
        external_id: externalId,
        is_configured: result.ok,
        webhook_url: result.ok ? redactedWebhookUrl(webhooksUrl, provider.id) : null,
        error: result.ok ? null : result.error.message,
      };
    },
  );
  dataOf(await service.rpc("record_number_webhooks", { connection_id: id, results }));
}

/**
 * Takes our URLs off the numbers that still have them; one that its owner has pointed elsewhere is
 * theirs. What fails is logged and left, since the address is void from now on.
 */
export async function clearNumberWebhooks(
  { transport, webhooksUrl }: NumberWebhookDeps,
  { provider, credentials, settings, webhookToken }: NumberConnection,
): Promise<void> {
  if (!provider.configureNumber) return;
  const owned = await transport.listAll(provider, provider.listNumbers, {}, credentials);
  if (!owned.ok) return console.warn(`Cannot clear webhooks: ${owned.error.message}`);
  const ours = connectionWebhookUrl(webhooksUrl, provider.id, webhookToken);
  const targets = owned.value.items.filter((number) => number.webhookUrl.startsWith(ours));
  const webhooks = { inboundUrl: "", fallbackUrl: "" };
  await mapConcurrently(targets, CONCURRENT_REQUESTS, async ({ externalId, phoneNumber }) => {
    const input = { externalId, phoneNumber, webhooks, settings };
    const result = await transport.call(provider, provider.configureNumber, input, credentials);
    if (!result.ok) console.warn(`Cannot clear a webhook: ${result.error.message}`);
  });
}
