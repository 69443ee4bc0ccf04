import type { AvailableNumber, NumberSearch } from "../../providers/provider.ts";
import type { JsonObject } from "./ask.ts";
import { readAccount } from "./read_account.ts";

const DEFAULT_LIMIT = 10;

export const searchNumbers = readAccount(
  ({ transport, provider, credentials, ask }) =>
    transport.call(provider, provider.searchNumbers, toSearch(ask.arguments), credentials),
  (numbers, ask): JsonObject => ({
    phone_numbers: numbers.slice(0, toSearch(ask.arguments).limit).map(describeNumber),
  }),
);

function toSearch({ country, area_code, contains, limit }: JsonObject): NumberSearch {
  return {
    country: String(country),
    kind: "local",
    limit: typeof limit === "number" ? limit : DEFAULT_LIMIT,
    ...(typeof area_code === "string" ? { areaCode: area_code } : {}),
    ...(typeof contains === "string" ? { contains } : {}),
  };
}

function describeNumber(number: AvailableNumber): JsonObject {
  const { phoneNumber, country, region, locality, capabilities, monthlyPrice, priceCurrency } =
    number;
  return {
    phone_number: phoneNumber,
    country,
    ...(region ? { region } : {}),
    ...(locality ? { locality } : {}),
    can: Object.entries(capabilities).filter(([, has]) => has).map(([name]) => name),
    ...(monthlyPrice && priceCurrency
      ? { monthly_price: monthlyPrice, currency: priceCurrency }
      : {}),
  };
}
