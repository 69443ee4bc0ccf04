import { createCredentialStore } from "../connections/credentials.ts";
import type { NumberConnection } from "../connections/number_webhooks.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Provider } from "../providers/provider.ts";
import { findProvider } from "../providers/registry.ts";

/** Opens connections for the machinery; those that were disconnected or cannot be read are left out. */
export async function openConnections(
  service: DatabaseClient,
  rows: ReadonlyArray<{ connection_id: string; provider: string }>,
  reason: string,
): Promise<Map<string, NumberConnection>> {
  const ids = [...new Set(rows.map((row) => row.connection_id))];
  const store = createCredentialStore(service);
  await store.load(ids, reason, crypto.randomUUID());
  const settings = dataOf(await service.from("connections").select("id, settings").in("id", ids));
  const settingsById = new Map(settings.map((row) => [row.id, row.settings]));
  const providerById = new Map(rows.map((row) => [row.connection_id, findProvider(row.provider)]));
  return new Map(ids.flatMap((id) => {
    const secrets = store.get(id);
    const provider: Provider | undefined = providerById.get(id);
    if (!secrets || !provider) return [];
    const { credentials, webhookToken } = secrets;
    return [[id, {
      id,
      provider,
      credentials,
      settings: settingsById.get(id) as Record<string, string>,
      webhookToken,
    }]];
  }));
}
