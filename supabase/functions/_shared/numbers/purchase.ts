import type { NumberWebhookDeps } from "../connections/number_webhooks.ts";
import type { OpenConnection } from "../connections/open_connection.ts";
import { dataOf } from "../database/answer.ts";
import { AppError } from "../http/error.ts";
import { toAppError } from "../http/provider_refusal.ts";
import type { NumberOrder, Result } from "../providers/provider.ts";
import { connectionWebhookUrl } from "../webhooks/urls.ts";
import { completeOrder } from "./complete_order.ts";

export interface PurchaseRequest {
  actorId: string;
  phoneNumber: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  friendlyName?: string | undefined;
  idempotencyKey: string;
}

/** Buying takes longer than other calls, and a timeout leaves an order that nobody knows the end of. */
const TIMEOUT_MS = 25_000;

/**
 * Buys a number, once for each key: the order is committed before the provider is asked, and what
 * nobody knows the outcome of is never asked for again. Throws the provider's reason when it refuses.
 */
export async function purchaseNumber(
  deps: NumberWebhookDeps,
  connection: OpenConnection,
  request: PurchaseRequest,
): Promise<{ numberOrderId: string; isDuplicate: boolean }> {
  const { provider, credentials } = connection;
  if (!provider.purchaseNumber) {
    throw new AppError(
      "unsupported",
      `Cannot buy the number: ${provider.displayName} sells none through its API`,
      { hint: `Buy it at ${provider.displayName}, then add it with POST /phone-numbers` },
    );
  }
  const [order] = dataOf(
    await deps.service.rpc("reserve_number_order", {
      actor_id: request.actorId,
      connection_id: connection.id,
      phone_number: request.phoneNumber,
      country: request.country,
      idempotency_key: request.idempotencyKey,
      ...(request.friendlyName === undefined ? {} : { friendly_name: request.friendlyName }),
    }),
  );
  if (!order) throw new Error("reserve_number_order returned no row");
  const numberOrderId = order.number_order_id;
  if (!order.is_new) return { numberOrderId, isDuplicate: true };

  const { friendlyName } = request;
  const result = await deps.transport.call(
    provider,
    provider.purchaseNumber,
    {
      phoneNumber: request.phoneNumber,
      country: request.country,
      ...(friendlyName === undefined ? {} : { friendlyName }),
      webhooks: provider.webhookUrls(
        connectionWebhookUrl(deps.webhooksUrl, provider.id, connection.webhookToken),
      ),
      reference: numberOrderId,
    },
    credentials,
    { timeoutMs: TIMEOUT_MS },
  );
  if (result.ok && result.value.state === "completed") {
    await completeOrder(deps, connection, numberOrderId, result.value.number);
  } else {
    dataOf(
      await deps.service.rpc("record_number_order", {
        number_order_id: numberOrderId,
        ...outcomeOf(result),
      }),
    );
  }
  if (!result.ok && !result.error.isAmbiguous) throw toAppError(result.error);
  return { numberOrderId, isDuplicate: false };
}

/** What `record_number_order` takes for an order that was not completed at once. */
function outcomeOf(result: Result<NumberOrder>) {
  if (!result.ok) {
    const { code, message, isAmbiguous, isRetryable } = result.error;
    return {
      state: isAmbiguous ? "unknown" : "failed",
      error_code: code,
      reason: message,
      is_retryable: isRetryable && !isAmbiguous,
    };
  }
  const order = result.value;
  if (order.state === "pending") return { state: "pending", external_id: order.orderId };
  if (order.state === "failed") {
    return { state: "failed", error_code: "rejected", reason: order.reason };
  }
  throw new Error("A completed order is taken over, not recorded");
}
