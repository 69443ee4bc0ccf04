import {
  configureNumberWebhooks,
  type NumberConnection,
  type NumberWebhookDeps,
} from "../connections/number_webhooks.ts";
import { toStorableNumber } from "../connections/storable_number.ts";
import { dataOf } from "../database/answer.ts";
import type { OwnedNumber } from "../providers/provider.ts";

/**
 * Takes a number over that was ordered, sets its webhook and ends the order, in this sequence: whoever
 * stops half-way leaves an order that is looked at again.
 */
export async function completeOrder(
  deps: NumberWebhookDeps,
  connection: NumberConnection,
  numberOrderId: string,
  number: OwnedNumber,
): Promise<void> {
  const [stored] = dataOf(
    await deps.service.rpc("store_ordered_number", {
      number_order_id: numberOrderId,
      number: toStorableNumber(number),
    }),
  );
  // Nobody is left to complete it for: the workspace was deleted.
  if (!stored) return;
  if (stored.status === "active") await configureNumberWebhooks(deps, connection, [number]);
  dataOf(
    await deps.service.rpc("record_number_order", {
      number_order_id: numberOrderId,
      state: "completed",
    }),
  );
}
