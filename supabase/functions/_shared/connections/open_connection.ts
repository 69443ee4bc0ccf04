import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Json } from "../database/types.ts";
import type { Caller } from "../http/authentication.ts";
import { AppError } from "../http/error.ts";
import type { Credentials, Provider } from "../providers/provider.ts";
import { findProvider } from "../providers/registry.ts";
import { requireAdmin } from "./require_role.ts";

/** A connection with what is needed to act on it. Holds secrets: never answer with it. */
export interface OpenConnection extends ManagedConnection {
  credentials: Credentials;
  webhookToken: string;
  /** The key of its webhooks, or the password that we gave its provider. */
  webhookSecret: string;
}

/** A connection that the caller may manage, whether or not its secrets can be read. */
export interface ManagedConnection {
  id: string;
  workspaceId: string;
  isPersonal: boolean;
  provider: Provider;
  externalAccountId: string;
  /** What setting it up left behind, to find it again. No secret. */
  settings: Record<string, string>;
}

interface Clients {
  caller: DatabaseClient;
  service: DatabaseClient;
}

/** Finds a connection for whoever may manage it: 404 when they may not see it, 403 for members. */
export async function findConnection(
  client: DatabaseClient,
  caller: Caller,
  connectionId: string,
): Promise<ManagedConnection> {
  const connection = dataOf(
    await client.from("connections").select(
      "workspace_id, owner_user_id, provider, external_account_id, settings",
    )
      .eq("id", connectionId).maybeSingle(),
  );
  const provider = findProvider(connection?.provider ?? "");
  if (!connection?.workspace_id || !provider) {
    throw new AppError("not_found", "Cannot find the connection", {
      issues: [{ field: "connection_id", message: "is not a connection of your workspaces" }],
    });
  }
  if (connection.owner_user_id !== caller.id) {
    await requireAdmin(client, caller, connection.workspace_id);
  }
  return {
    id: connectionId,
    workspaceId: connection.workspace_id,
    isPersonal: connection.owner_user_id !== null,
    provider,
    externalAccountId: connection.external_account_id,
    settings: readSettings(connection.settings),
  };
}

/** With its secrets; null when it was disconnected, or they cannot be read. */
export async function readSecrets(
  service: DatabaseClient,
  caller: Caller,
  connection: ManagedConnection,
  reason: string,
): Promise<OpenConnection | null> {
  const [secrets] = dataOf(
    await service.rpc("read_connection_credentials", {
      connection_ids: [connection.id],
      reason,
      actor_id: caller.id,
    }),
  );
  if (!secrets) return null;
  return {
    ...connection,
    credentials: secrets.credentials as Credentials,
    webhookToken: secrets.webhook_token,
    webhookSecret: secrets.webhook_secret,
  };
}

/**
 * The settings that are text; there are no others that adapters write. Why webhooks were not set is
 * no setting: handed on, it would be written down again after they are.
 */
function readSettings(settings: Json): Record<string, string> {
  const entries = Object.entries(settings ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] =>
      typeof entry[1] === "string" && entry[0] !== "webhook_error"
    ),
  );
}

/** Opens a connection for whoever may manage it: 409 when it was disconnected. */
export async function openConnection(
  clients: Clients,
  caller: Caller,
  connectionId: string,
  reason: string,
): Promise<OpenConnection> {
  const connection = await findConnection(clients.caller, caller, connectionId);
  return await openFound(clients.service, caller, connection, reason);
}

/** The same where it has been found already. */
export async function openFound(
  service: DatabaseClient,
  caller: Caller,
  connection: ManagedConnection,
  reason: string,
): Promise<OpenConnection> {
  const open = await readSecrets(service, caller, connection, reason);
  if (open) return open;
  throw new AppError(
    "conflict",
    "Cannot use the connection: it was disconnected, or its secrets cannot be read",
    { hint: "Connect the account again" },
  );
}
