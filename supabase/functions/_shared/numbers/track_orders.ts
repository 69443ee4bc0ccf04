import { mapConcurrently } from "../concurrency.ts";
import type { NumberConnection, NumberWebhookDeps } from "../connections/number_webhooks.ts";
import { dataOf } from "../database/answer.ts";
import type { Database } from "../database/types.ts";
import { logDefect } from "../log_defect.ts";
import type { NumberOrder, OwnedNumber, Result } from "../providers/provider.ts";
import type { CompleteList } from "../providers/transport.ts";
import { completeOrder } from "./complete_order.ts";
import { openConnections } from "./open_connections.ts";

type Order = Database["public"]["Functions"]["claim_number_orders"]["Returns"][number];
type OwnedNumbers = Result<CompleteList<OwnedNumber>>;

/** How many orders came to which end; the others are looked at again. */
export interface OrderReport {
  completed: number;
  failed: number;
  open: number;
}

/** What could be found out about an order. Silence says nothing; absence is proven by a whole list. */
type Finding = NumberOrder | { state: "absent" } | { state: "silent" };

const BATCH_SIZE = 20;
const CONCURRENT_CONNECTIONS = 5;
const RUN_MS = 25_000;
const MINUTE_S = 60;
/** A number that was bought at once is on the list of numbers long before. */
const ABSENCE_COUNTS_AFTER_S = 15 * MINUTE_S;
/** The same where orders take their time. */
const ABSENCE_OF_SLOW_COUNTS_AFTER_S = 24 * 60 * MINUTE_S;
const GIVE_UP_AFTER_S = 3 * 24 * 60 * MINUTE_S;

/** Follows orders whose end is not known yet, and ends those of which it can be told. */
export async function trackNumberOrders(deps: NumberWebhookDeps): Promise<OrderReport> {
  const report: OrderReport = { completed: 0, failed: 0, open: 0 };
  const endsAt = Date.now() + RUN_MS;
  while (Date.now() < endsAt) {
    const orders = dataOf(
      await deps.service.rpc("claim_number_orders", { claim_limit: BATCH_SIZE }),
    );
    if (orders.length === 0) break;
    const connections = await openConnections(deps.service, orders, "number order");
    const groups = [...Map.groupBy(orders, (order) => order.connection_id)];
    const states = await mapConcurrently(
      groups,
      CONCURRENT_CONNECTIONS,
      ([connectionId, group]) => trackTogether(deps, connections.get(connectionId), group),
    );
    for (const state of states.flat()) report[state]++;
  }
  return report;
}

/** The orders of one connection share one list of its numbers, if any of them needs it. */
async function trackTogether(
  deps: NumberWebhookDeps,
  connection: NumberConnection | undefined,
  orders: Order[],
): Promise<(keyof OrderReport)[]> {
  let owned: Promise<OwnedNumbers> | undefined;
  const list = (from: NumberConnection) =>
    owned ??= deps.transport.listAll(
      from.provider,
      from.provider.listNumbers,
      {},
      from.credentials,
    );
  const states: (keyof OrderReport)[] = [];
  for (const order of orders) {
    try {
      const finding = connection ? await find(deps, connection, order, list) : SILENT;
      states.push(await settle(deps, connection, order, finding));
    } catch (error) {
      logDefect("Tracking a number order", error);
      states.push("open");
    }
  }
  return states;
}

const SILENT: Finding = { state: "silent" };

async function find(
  { transport }: NumberWebhookDeps,
  connection: NumberConnection,
  order: Order,
  list: (from: NumberConnection) => Promise<OwnedNumbers>,
): Promise<Finding> {
  const { provider, credentials } = connection;
  if (order.external_id && provider.readNumberOrder) {
    const input = { orderId: order.external_id };
    const answer = await transport.call(provider, provider.readNumberOrder, input, credentials);
    if (answer.ok) return answer.value;
    if (answer.error.code !== "not_found") return SILENT;
  }
  const owned = await list(connection);
  if (!owned.ok) return SILENT;
  const number = owned.value.items.find((item) => item.phoneNumber === order.phone_number);
  if (number) return { state: "completed", number };
  return owned.value.isComplete ? { state: "absent" } : SILENT;
}

/** Acts on a finding, if it settles the order; an order is not waited for without end. */
async function settle(
  deps: NumberWebhookDeps,
  connection: NumberConnection | undefined,
  order: Order,
  finding: Finding,
): Promise<keyof OrderReport> {
  const age = order.age_seconds;
  if (connection && finding.state === "completed") {
    await completeOrder(deps, connection, order.number_order_id, finding.number);
    return "completed";
  }
  if (finding.state === "failed") return await fail(deps, order, "rejected", finding.reason);
  if (connection && finding.state === "absent" && age > graceOf(connection, order)) {
    const reason = `${connection.provider.displayName} has no such number: it was not bought`;
    return await fail(deps, order, "not_bought", reason);
  }
  if (age > GIVE_UP_AFTER_S) {
    const reason = "The provider did not say in three days what became of the order";
    return await fail(deps, order, "abandoned", reason);
  }
  return "open";
}

/** How long a number may be missing before that proves that it was not bought. */
function graceOf({ provider }: NumberConnection, order: Order): number {
  if (provider.readNumberOrder) return ABSENCE_OF_SLOW_COUNTS_AFTER_S;
  // Taken as an order that takes time, by a provider that does not say how it goes.
  return order.external_id ? GIVE_UP_AFTER_S : ABSENCE_COUNTS_AFTER_S;
}

async function fail(
  { service }: NumberWebhookDeps,
  order: Order,
  errorCode: string,
  reason: string,
): Promise<"failed"> {
  dataOf(
    await service.rpc("record_number_order", {
      number_order_id: order.number_order_id,
      state: "failed",
      error_code: errorCode,
      reason,
    }),
  );
  return "failed";
}
