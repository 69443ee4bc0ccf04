import { dataOf } from "../_shared/database/answer.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";
import { AppError } from "../_shared/http/error.ts";
import { toAppError } from "../_shared/http/provider_refusal.ts";
import {
  type AvailableNumber,
  type OwnedNumber,
  PROVIDER_ERROR_CODES,
} from "../_shared/providers/provider.ts";
import { meaningOf } from "../_shared/providers/provider_errors.ts";

const NUMBER_COLUMNS =
  "id, connection_id, provider, phone_number, friendly_name, capabilities, is_default, status, webhook_configured, webhook_url, last_verified_at, metadata";
const ORDER_COLUMNS =
  "id, connection_id, phone_number, country, friendly_name, state, error_code, reason, phone_number_id, created_at, finished_at";

export async function describeNumber(service: DatabaseClient, id: string) {
  return dataOf(
    await service.from("phone_numbers").select(NUMBER_COLUMNS).eq("id", id).single(),
  );
}

/** An order with its number, if it has come to one; one that failed is the refusal that it was. */
export async function describeOrder(service: DatabaseClient, id: string) {
  const order = dataOf(
    await service.from("number_orders").select(ORDER_COLUMNS).eq("id", id).single(),
  );
  if (order.state === "failed") throw refusalOf(order);
  const isCompleted = order.state === "completed";
  return {
    number_order: order,
    phone_number: isCompleted ? await describeNumber(service, order.phone_number_id!) : null,
  };
}

function refusalOf(order: { error_code: string | null; reason: string | null }): AppError {
  const code = PROVIDER_ERROR_CODES.find((known) => known === order.error_code) ?? "rejected";
  const message = order.reason ?? "The order failed";
  const error = toAppError({ ...meaningOf(code), message, isAmbiguous: false });
  return new AppError(error.code, message, {
    hint: "This order has failed: order again with another idempotency key",
  });
}

export function describeOwned(number: OwnedNumber) {
  return {
    phone_number: number.phoneNumber,
    friendly_name: number.friendlyName,
    capabilities: number.capabilities,
    status: number.status,
    is_owned: true,
  };
}

export function describeAvailable(number: AvailableNumber) {
  return {
    phone_number: number.phoneNumber,
    friendly_name: number.friendlyName,
    country: number.country,
    region: number.region ?? null,
    locality: number.locality ?? null,
    postal_code: number.postalCode ?? null,
    capabilities: number.capabilities,
    monthly_price: number.monthlyPrice ?? null,
    setup_price: number.setupPrice ?? null,
    price_currency: number.priceCurrency ?? null,
    is_owned: false,
  };
}
