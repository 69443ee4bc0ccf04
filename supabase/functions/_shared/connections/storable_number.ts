import type { OwnedNumber } from "../providers/provider.ts";

/** A number of the provider's in the shape that the database takes over. */
export function toStorableNumber(number: OwnedNumber, friendlyName = number.friendlyName) {
  return {
    phone_number: number.phoneNumber,
    friendly_name: friendlyName,
    external_id: number.externalId,
    capabilities: { ...number.capabilities },
    status: number.status,
  };
}
