import * as z from "zod/mini";
import { checkCredentialFields } from "../_shared/connections/check_account.ts";
import { configureNumberWebhooks } from "../_shared/connections/number_webhooks.ts";
import { openConnection } from "../_shared/connections/open_connection.ts";
import { requireAdmin } from "../_shared/connections/require_role.ts";
import { toStorableNumber } from "../_shared/connections/storable_number.ts";
import { dataOf } from "../_shared/database/answer.ts";
import type { ConnectionDeps } from "../_shared/connections/deps.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { type Caller, requireCaller } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError } from "../_shared/http/error.ts";
import { text, uuid } from "../_shared/http/fields.ts";
import { toAppError } from "../_shared/http/provider_refusal.ts";
import type { OwnedNumber } from "../_shared/providers/provider.ts";
import { availableRequest, toNumberSearch } from "./available_request.ts";

const addRequest = z.strictObject({
  connection_id: uuid(),
  phone_number: z.string({ error: "must be an E.164 number such as +14155550100" })
    .check(z.regex(/^\+[1-9]\d{4,14}$/, "must be an E.164 number such as +14155550100")),
  friendly_name: z.optional(text(100)),
});

const NUMBER_COLUMNS =
  "id, connection_id, provider, phone_number, friendly_name, capabilities, is_default, status, webhook_configured, webhook_url, metadata";

/** Shows which numbers there are, adds them to a workspace and sets their webhooks. */
export function createApp(deps: ConnectionDeps) {
  const { service, transport } = deps;

  function open(caller: Caller, connectionId: string, reason: string) {
    const clients = { caller: deps.asCaller(caller.token), service };
    return openConnection(clients, caller, connectionId, reason);
  }

  return createBaseApp({ name: "phone-numbers", isBrowserFacing: true })
    .use(requireCaller(deps.authenticate))
    .post("/:provider/available", async (c) => {
      const request = await readJson(c, availableRequest);
      const { provider, credentials } = request.connection_id !== undefined
        ? await open(c.var.caller, request.connection_id, "list numbers")
        : await checkBareCredentials(c.req.param("provider"), request, c.var.caller);
      if (provider.id !== c.req.param("provider")) {
        throw new AppError("not_found", "Cannot find the connection", {
          issues: [{ field: "connection_id", message: "is of another provider" }],
        });
      }
      if (request.search) {
        const search = toNumberSearch(request.search);
        const found = await transport.call(provider, provider.searchNumbers, search, credentials);
        if (!found.ok) throw toAppError(found.error);
        return c.json({
          phone_numbers: found.value.map((number) => ({
            phone_number: number.phoneNumber,
            friendly_name: number.friendlyName,
            country: number.country,
            region: number.region ?? null,
            locality: number.locality ?? null,
            capabilities: number.capabilities,
            is_owned: false,
          })),
        });
      }
      const owned = await transport.listAll(provider, provider.listNumbers, {}, credentials);
      if (!owned.ok) throw toAppError(owned.error);
      return c.json({ phone_numbers: owned.value.items.map(describeOwned) });
    })
    .post("/", async (c) => {
      const request = await readJson(c, addRequest);
      const caller = c.var.caller;
      const { provider, credentials, webhookToken } = await open(
        caller,
        request.connection_id,
        "add number",
      );
      const owned = await transport.listAll(provider, provider.listNumbers, {}, credentials);
      if (!owned.ok) throw toAppError(owned.error);
      const number = owned.value.items.find((item) => item.phoneNumber === request.phone_number);
      if (!number) {
        throw new AppError(
          "not_found",
          `Cannot add the number: ${provider.displayName} has none such`,
          {
            issues: [{ field: "phone_number", message: "is not a number of the account" }],
          },
        );
      }
      const [stored] = dataOf(
        await service.rpc("store_phone_numbers", {
          actor_id: caller.id,
          connection_id: request.connection_id,
          numbers: [toStorableNumber(number, request.friendly_name)],
        }),
      );
      if (stored?.status === "inactive") {
        throw new AppError(
          "number_connected_elsewhere",
          "Cannot add the number: another workspace uses it",
          { issues: [{ field: "phone_number", message: "is active in another workspace" }] },
        );
      }
      await configureNumberWebhooks(deps, {
        connectionId: request.connection_id,
        provider,
        credentials,
        webhookToken,
        externalIds: [number.externalId],
      });
      return c.json({ phone_number: await describeNumber(stored!.id) }, 201);
    })
    .post("/:id/webhook", async (c) => {
      const id = c.req.param("id");
      const number = z.safeParse(uuid(), id).success
        ? dataOf(
          await deps.asCaller(c.var.caller.token).from("phone_numbers")
            .select("connection_id, external_id").eq("id", id).eq("status", "active").maybeSingle(),
        )
        : null;
      if (!number) {
        throw new AppError("not_found", "Cannot find an active number of yours by this id");
      }
      const connection = await open(c.var.caller, number.connection_id, "configure webhook");
      await configureNumberWebhooks(deps, {
        ...connection,
        connectionId: connection.id,
        externalIds: [number.external_id],
      });
      const described = await describeNumber(id);
      if (!described.webhook_configured) {
        const { webhook_error: reason } = described.metadata as { webhook_error?: string };
        throw new AppError("provider_refused", reason ?? "Cannot set the webhook");
      }
      return c.json({ phone_number: described });
    });

  async function checkBareCredentials(
    providerId: string,
    { workspace_id = "", credentials = {} }: z.output<typeof availableRequest>,
    caller: Caller,
  ) {
    await requireAdmin(deps.asCaller(caller.token), caller, workspace_id);
    return checkCredentialFields({ provider: providerId, credentials });
  }

  async function describeNumber(id: string) {
    return dataOf(
      await service.from("phone_numbers").select(NUMBER_COLUMNS).eq("id", id).single(),
    );
  }
}

function describeOwned(number: OwnedNumber) {
  return {
    phone_number: number.phoneNumber,
    friendly_name: number.friendlyName,
    capabilities: number.capabilities,
    is_owned: true,
  };
}
