import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Credentials } from "../providers/provider.ts";

/** The secrets of one connection, for the length of a run. */
export interface ConnectionSecrets {
  credentials: Credentials;
  webhookToken: string;
}

export interface CredentialStore {
  /** Reads the secrets of the connections that are not yet known, in one logged call. */
  load(connectionIds: string[], reason: string, batchId: string): Promise<void>;
  /** Undefined for a connection that was disconnected. */
  get(connectionId: string): ConnectionSecrets | undefined;
}

/** Made for one run and dropped with it, so that no secret outlives a minute. */
export function createCredentialStore(service: DatabaseClient): CredentialStore {
  const known = new Map<string, ConnectionSecrets | undefined>();
  return {
    async load(connectionIds, reason, batchId) {
      const missing = [...new Set(connectionIds)].filter((id) => !known.has(id));
      if (missing.length === 0) return;
      const rows = dataOf(
        await service.rpc("read_connection_credentials", {
          connection_ids: missing,
          reason,
          batch_id: batchId,
        }),
      );
      for (const id of missing) known.set(id, undefined);
      for (const row of rows) {
        known.set(row.connection_id, {
          credentials: row.credentials as Credentials,
          webhookToken: row.webhook_token,
        });
      }
    },
    get: (connectionId) => known.get(connectionId),
  };
}
