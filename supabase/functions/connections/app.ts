import * as z from "zod/mini";
import { clearNumberWebhooks } from "../_shared/connections/number_webhooks.ts";
import {
  findConnection,
  openConnection,
  readSecrets,
} from "../_shared/connections/open_connection.ts";
import { requireAdmin, requireMember } from "../_shared/connections/require_role.ts";
import { dataOf } from "../_shared/database/answer.ts";
import type { ConnectionDeps } from "../_shared/connections/deps.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { browserFacing } from "../_shared/http/browser_facing.ts";
import { type Caller, requireCaller } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError } from "../_shared/http/error.ts";
import { text, uuid } from "../_shared/http/fields.ts";
import { idempotencyKey } from "../_shared/http/idempotency_key.ts";
import { idempotent } from "../_shared/http/idempotent.ts";
import { toAppError } from "../_shared/http/provider_refusal.ts";
import {
  askAccount,
  checkAccount,
  type CheckedAccount,
} from "../_shared/connections/check_account.ts";
import { setUpConnection } from "../_shared/connections/set_up.ts";
import { toStorableNumber } from "../_shared/connections/storable_number.ts";
import { connectionWebhookUrl, createWebhookToken } from "../_shared/webhooks/urls.ts";

const connectRequest = z.strictObject({
  workspace_id: uuid(),
  provider: text(50),
  display_name: z.optional(text(100)),
  is_personal: z._default(z.boolean({ error: "must be true or false" }), false),
  credentials: z.record(z.string(), z.unknown(), { error: "must be an object of fields" }),
  // Where SendGrid is to receive mail: no API tells it.
  settings: z.optional(z.strictObject({ inbound_hostname: z.optional(text(253)) })),
  idempotency_key: z.optional(idempotencyKey()),
});

const rotateRequest = z.strictObject({
  credentials: z.record(z.string(), z.unknown(), { error: "must be an object of fields" }),
  idempotency_key: z.optional(idempotencyKey()),
});

const CONNECTION_COLUMNS =
  "id, workspace_id, owner_user_id, provider, external_account_id, display_name, status, settings, last_verified_at, last_error, created_at";
const NUMBER_COLUMNS =
  "id, phone_number, friendly_name, capabilities, is_default, status, webhook_configured, metadata";

const EMAIL_SENDER_COLUMNS = "id, email_address, display_name, is_default, status";

/** Connects, rotates, tests and disconnects provider accounts. */
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
    const emailSenders = dataOf(
      await service.from("email_senders").select(EMAIL_SENDER_COLUMNS)
        .eq("connection_id", connectionId).order("email_address"),
    );
    return { connection, phone_numbers: numbers, email_senders: emailSenders };
  }

  /** Stores an account that its provider has just accepted, and points it at us. */
  async function store(
    caller: Caller,
    workspaceId: string,
    checked: CheckedAccount,
    given: {
      displayName?: string | undefined;
      isPersonal: boolean;
      settings?: Record<string, string | undefined> | undefined;
    },
  ): Promise<string> {
    const { provider, credentials, account, numbers, emailSenders } = checked;
    const webhookSecret = provider.webhookSecret(credentials);
    const [stored] = dataOf(
      await service.rpc("store_connection", {
        actor_id: caller.id,
        workspace_id: workspaceId,
        provider: provider.id,
        external_account_id: account.externalAccountId,
        display_name: given.displayName ?? (account.displayName || provider.displayName),
        credentials,
        webhook_token: createWebhookToken(),
        // Null where nobody enters one: the database makes it, or keeps the one it has.
        webhook_secret: (webhookSecret ?? null) as string,
        numbers: numbers.map((number) => toStorableNumber(number)),
        is_personal: given.isPersonal,
      }),
    );
    if (!stored) throw new Error("store_connection returned no row");
    const connection = await findConnection(deps.asCaller(caller.token), caller, stored.id);
    await setUpConnection(deps, {
      ...connection,
      settings: { ...connection.settings, ...account.settings, ...textsOf(given.settings) },
      credentials,
      webhookToken: stored.valid_webhook_token,
      webhookSecret: stored.valid_webhook_secret,
    }, emailSenders);
    return stored.id;
  }

  return createBaseApp({ name: "connections", cors: browserFacing() })
    .use(requireCaller(deps.authenticate))
    .use(idempotent(deps))
    .post("/", async (c) => {
      const request = await readJson(c, connectRequest);
      const caller = c.var.caller;
      const requireRight = request.is_personal ? requireMember : requireAdmin;
      await requireRight(deps.asCaller(caller.token), caller, request.workspace_id);
      // From here on a provider acts on it, and secrets come and go: it is never run twice.
      const replay = await c.var.begin(request.workspace_id);
      if (replay) return replay;
      const checked = await checkAccount(transport, request);
      const id = await store(caller, request.workspace_id, checked, {
        displayName: request.display_name,
        isPersonal: request.is_personal,
        settings: request.settings,
      });
      return c.json(await describe(id), 201);
    })
    .post("/:id/rotate", async (c) => {
      const request = await readJson(c, rotateRequest);
      const caller = c.var.caller;
      const id = requireUuid(c.req.param("id"));
      const connection = await findConnection(deps.asCaller(caller.token), caller, id);
      const replay = await c.var.begin(connection.workspaceId);
      if (replay) return replay;
      const checked = await checkAccount(transport, {
        provider: connection.provider.id,
        credentials: request.credentials,
      });
      if (checked.account.externalAccountId !== connection.externalAccountId) {
        throw new AppError("conflict", "Cannot rotate: the credentials are of another account", {
          issues: [{ field: "credentials", message: "belong to another account" }],
          hint: "Connect the other account instead",
        });
      }
      await store(caller, connection.workspaceId, checked, {
        isPersonal: connection.isPersonal,
      });
      return c.json(await describe(id));
    })
    .post("/:id/webhooks", async (c) => {
      const connection = await open(c.req.param("id"), c.var.caller, "configure webhooks");
      await setUpConnection(deps, connection, undefined);
      return c.json(await describe(connection.id));
    })
    // For what a person sets by hand in a provider's console, such as MessageBird's flows.
    .get("/:id/webhook-url", async (c) => {
      const { provider, webhookToken } = await open(
        c.req.param("id"),
        c.var.caller,
        "show the webhook URL",
      );
      return c.json({
        webhook_url: connectionWebhookUrl(deps.webhooksUrl, provider.id, webhookToken),
      });
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
      const replay = await c.var.begin(connection.workspaceId, { mayRunAgain: true });
      if (replay) return replay;
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

/** Those that were given. */
function textsOf(settings: Record<string, string | undefined> = {}): Record<string, string> {
  const entries = Object.entries(settings);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What is no id at all is not found either. */
function requireUuid(id: string): string {
  if (z.safeParse(uuid(), id).success) return id;
  throw new AppError("not_found", "Cannot find the connection");
}
