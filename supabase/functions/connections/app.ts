import * as z from "zod/mini";
import {
  clearNumberWebhooks,
  configureNumberWebhooks,
} from "../_shared/connections/number_webhooks.ts";
import {
  findConnection,
  openConnection,
  readSecrets,
} from "../_shared/connections/open_connection.ts";
import { requireAdmin, requireMember } from "../_shared/connections/require_role.ts";
import { dataOf } from "../_shared/database/answer.ts";
import type { ConnectionDeps } from "../_shared/connections/deps.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { type Caller, requireCaller } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError } from "../_shared/http/error.ts";
import { text, uuid } from "../_shared/http/fields.ts";
import { toAppError } from "../_shared/http/provider_refusal.ts";
import { askAccount, checkAccount } from "../_shared/connections/check_account.ts";
import { toStorableNumber } from "../_shared/connections/storable_number.ts";
import { createWebhookToken } from "../_shared/webhooks/urls.ts";

const connectRequest = z.strictObject({
  workspace_id: uuid(),
  provider: text(50),
  display_name: z.optional(text(100)),
  is_personal: z._default(z.boolean({ error: "must be true or false" }), false),
  credentials: z.record(z.string(), z.unknown(), { error: "must be an object of fields" }),
});

const CONNECTION_COLUMNS =
  "id, workspace_id, owner_user_id, provider, external_account_id, display_name, status, last_verified_at, last_error, created_at";
const NUMBER_COLUMNS =
  "id, phone_number, friendly_name, capabilities, is_default, status, webhook_configured, metadata";

/** Connects, tests and disconnects provider accounts. */
export function createApp(deps: ConnectionDeps) {
  const { service, transport } = deps;

  async function describe(connectionId: string) {
    const connection = dataOf(
      await service.from("connections").select(CONNECTION_COLUMNS).eq("id", connectionId).single(),
    );
    const numbers = dataOf(
      await service.from("phone_numbers").select(NUMBER_COLUMNS)
        .eq("connection_id", connectionId).order("phone_number"),
    );
    return { connection, phone_numbers: numbers };
  }

  async function activeNumberIds(connectionId: string): Promise<string[]> {
    const numbers = dataOf(
      await service.from("phone_numbers").select("external_id")
        .eq("connection_id", connectionId).eq("status", "active"),
    );
    return numbers.map((number) => number.external_id);
  }

  return createBaseApp({ name: "connections", isBrowserFacing: true })
    .use(requireCaller(deps.authenticate))
    .post("/", async (c) => {
      const request = await readJson(c, connectRequest);
      const caller = c.var.caller;
      const requireRight = request.is_personal ? requireMember : requireAdmin;
      await requireRight(deps.asCaller(caller.token), caller, request.workspace_id);
      const { provider, credentials, account, numbers } = await checkAccount(transport, request);

      const [stored] = dataOf(
        await service.rpc("store_connection", {
          actor_id: caller.id,
          workspace_id: request.workspace_id,
          provider: provider.id,
          external_account_id: account.externalAccountId,
          display_name: request.display_name ?? (account.displayName || provider.displayName),
          credentials,
          webhook_token: createWebhookToken(),
          webhook_secret: provider.webhookSecret(credentials),
          numbers: numbers.map((number) => toStorableNumber(number)),
          is_personal: request.is_personal,
        }),
      );
      if (!stored) throw new Error("store_connection returned no row");
      const { id: connectionId, valid_webhook_token: webhookToken } = stored;
      await configureNumberWebhooks(deps, {
        connectionId,
        provider,
        credentials,
        webhookToken,
        externalIds: await activeNumberIds(connectionId),
      });
      return c.json(await describe(connectionId), 201);
    })
    .post("/:id/test", async (c) => {
      const connection = await open(c.req.param("id"), c.var.caller, "test");
      const { provider, credentials } = connection;
      const answer = await askAccount(transport, provider, credentials);
      if (!answer.ok && (answer.error.isRetryable || answer.error.isAmbiguous)) {
        throw toAppError(answer.error);
      }
      const error = answer.ok
        ? answer.value.account.isActive
          ? null
          : `The account is ${answer.value.account.providerStatus}`
        : answer.error.message;
      dataOf(
        await service.rpc("record_connection_check", {
          connection_id: connection.id,
          ...(error === null ? {} : { error }),
        }),
      );
      const balance = provider.readBalance && error === null
        ? await transport.call(provider, provider.readBalance, undefined, credentials)
        : null;
      return c.json({
        ...(await describe(connection.id)),
        is_accepted: error === null,
        balance: balance?.ok ? balance.value : null,
      });
    })
    .delete("/:id", async (c) => {
      const caller = c.var.caller;
      const id = requireUuid(c.req.param("id"));
      const connection = await findConnection(deps.asCaller(caller.token), caller, id);
      const opened = await readSecrets(service, caller, connection, "disconnect");
      if (opened) await clearNumberWebhooks(deps, opened);
      dataOf(
        await service.rpc("disconnect", { actor_id: caller.id, connection_id: connection.id }),
      );
      return c.body(null, 204);
    });

  function open(id: string, caller: Caller, reason: string) {
    const clients = { caller: deps.asCaller(caller.token), service };
    return openConnection(clients, caller, requireUuid(id), reason);
  }
}

/** What is no id at all is not found either. */
function requireUuid(id: string): string {
  if (z.safeParse(uuid(), id).success) return id;
  throw new AppError("not_found", "Cannot find the connection");
}
