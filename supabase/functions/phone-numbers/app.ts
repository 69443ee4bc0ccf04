import * as z from "zod/mini";
import { checkCredentialFields } from "../_shared/connections/check_account.ts";
import { configureNumberWebhooks } from "../_shared/connections/number_webhooks.ts";
import {
  findConnection,
  openConnection,
  openFound,
} from "../_shared/connections/open_connection.ts";
import { requireAdmin } from "../_shared/connections/require_role.ts";
import { toStorableNumber } from "../_shared/connections/storable_number.ts";
import { dataOf } from "../_shared/database/answer.ts";
import type { ConnectionDeps } from "../_shared/connections/deps.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { browserFacing } from "../_shared/http/browser_facing.ts";
import { type Caller, requireCaller } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError } from "../_shared/http/error.ts";
import { uuid } from "../_shared/http/fields.ts";
import { requireIdempotencyKey } from "../_shared/http/idempotency_key.ts";
import { idempotent } from "../_shared/http/idempotent.ts";
import { toAppError } from "../_shared/http/provider_refusal.ts";
import { purchaseNumber } from "../_shared/numbers/purchase.ts";
import { releaseNumber } from "../_shared/numbers/release.ts";
import { verifyConnection } from "../_shared/numbers/verify_numbers.ts";
import { describeAvailable, describeNumber, describeOrder, describeOwned } from "./answers.ts";
import { availableRequest, toNumberSearch } from "./available_request.ts";
import { addRequest, purchaseRequest } from "./requests.ts";

/** Shows which numbers there are, buys, adds, verifies and releases them, and sets their webhooks. */
export function createApp(deps: ConnectionDeps) {
  const { service, transport } = deps;

  return createBaseApp({ name: "phone-numbers", cors: browserFacing() })
    .use(requireCaller(deps.authenticate))
    .use(idempotent(deps))
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
        return c.json({ phone_numbers: found.value.map(describeAvailable) });
      }
      const owned = await transport.listAll(provider, provider.listNumbers, {}, credentials);
      if (!owned.ok) throw toAppError(owned.error);
      return c.json({ phone_numbers: owned.value.items.map(describeOwned) });
    })
    .post("/purchase", async (c) => {
      const request = await readJson(c, purchaseRequest);
      const idempotencyKey = requireIdempotencyKey(c, request.idempotency_key);
      const caller = c.var.caller;
      const found = await find(caller, request.connection_id);
      // The order itself knows whether it was made, and what became of it.
      const replay = await c.var.begin(found.workspaceId, { mayRunAgain: true });
      if (replay) return replay;
      const connection = await openFound(service, caller, found, "purchase number");
      const { numberOrderId, isDuplicate } = await purchaseNumber(deps, connection, {
        actorId: caller.id,
        phoneNumber: request.phone_number,
        country: request.country,
        friendlyName: request.friendly_name,
        idempotencyKey,
      });
      const described = await describeOrder(service, numberOrderId);
      const status = described.phone_number ? 201 : 202;
      return c.json({ ...described, is_duplicate: isDuplicate }, status);
    })
    .post("/", async (c) => {
      const request = await readJson(c, addRequest);
      const caller = c.var.caller;
      const found = await find(caller, request.connection_id);
      const replay = await c.var.begin(found.workspaceId, { mayRunAgain: true });
      if (replay) return replay;
      const connection = await openFound(service, caller, found, "add number");
      const { provider, credentials } = connection;
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
      await configureNumberWebhooks(deps, connection, [number]);
      return c.json({ phone_number: await describeNumber(service, stored!.id) }, 201);
    })
    .post("/:id/webhook", async (c) => {
      const number = await findNumber(c.var.caller, c.req.param("id"));
      if (number.status !== "active") throw notFound();
      const connection = await open(c.var.caller, number.connection_id, "configure webhook");
      const { configureNumber, displayName } = connection.provider;
      if (!configureNumber) {
        throw new AppError(
          "unsupported",
          `Cannot set the webhook: ${displayName} keeps none for a single number`,
          { hint: "Set those of the connection with POST /connections/<id>/webhooks" },
        );
      }
      await configureNumberWebhooks(deps, connection, [
        { externalId: number.external_id, phoneNumber: number.phone_number },
      ]);
      const described = await describeNumber(service, number.id);
      if (!described.webhook_configured) {
        const { webhook_error: reason } = described.metadata as { webhook_error?: string };
        throw new AppError("provider_refused", reason ?? "Cannot set the webhook");
      }
      return c.json({ phone_number: described });
    })
    .post("/:id/verify", async (c) => {
      const number = await findNumber(c.var.caller, c.req.param("id"));
      const connection = await open(c.var.caller, number.connection_id, "verify number");
      const owned = await verifyConnection(deps, connection, number.id);
      if (!owned.ok) throw toAppError(owned.error);
      const isOwned = owned.value.items.some((item) => item.phoneNumber === number.phone_number);
      const described = await describeNumber(service, number.id);
      if (!isOwned && described.status !== "inactive") {
        throw new AppError(
          "unsupported",
          "Cannot verify the number: it is not on the part of the provider's list that can be read",
        );
      }
      return c.json({ phone_number: described, is_owned: isOwned });
    })
    .post("/:id/release", async (c) => {
      const caller = c.var.caller;
      const number = await findNumber(caller, c.req.param("id"));
      const found = await find(caller, number.connection_id);
      const replay = await c.var.begin(found.workspaceId, { mayRunAgain: true });
      if (replay) return replay;
      const connection = await openFound(service, caller, found, "release number");
      await releaseNumber(deps, connection, caller.id, number);
      return c.body(null, 204);
    });

  function find(caller: Caller, connectionId: string) {
    return findConnection(deps.asCaller(caller.token), caller, connectionId);
  }

  function open(caller: Caller, connectionId: string, reason: string) {
    const clients = { caller: deps.asCaller(caller.token), service };
    return openConnection(clients, caller, connectionId, reason);
  }

  /** A number that the caller may see; what is no id at all is not found either. */
  async function findNumber(caller: Caller, id: string) {
    if (!z.safeParse(uuid(), id).success) throw notFound();
    const number = dataOf(
      await deps.asCaller(caller.token).from("phone_numbers")
        .select("id, connection_id, external_id, phone_number, status").eq("id", id).maybeSingle(),
    );
    if (!number) throw notFound();
    return number;
  }

  async function checkBareCredentials(
    providerId: string,
    { workspace_id = "", credentials = {} }: z.output<typeof availableRequest>,
    caller: Caller,
  ) {
    await requireAdmin(deps.asCaller(caller.token), caller, workspace_id);
    return checkCredentialFields({ provider: providerId, credentials });
  }
}

function notFound(): AppError {
  return new AppError("not_found", "Cannot find a number of yours by this id, in this state");
}
