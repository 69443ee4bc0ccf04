import { json } from "../../shared/answers.ts";
import { phoneNumbersOf } from "../../shared/phone/account.ts";
import { offersByDigits } from "../../shared/phone/offers.ts";
import { addOwnNumber, type RuleAccount } from "../../shared/phone/rule_account.ts";
import type { Route } from "../../shared/serve.ts";
import { fail, listAnswer } from "./answers.ts";
import { msisdn } from "./words.ts";

const PATH = "/v1/phone-numbers";

export function numberRoutes(): Route<RuleAccount>[] {
  return [
    [
      "GET",
      PATH,
      "numbers.list",
      ({ account, query }) =>
        listAnswer(phoneNumbersOf(account).map((number) => describe(number, "NL")), query),
    ],
    ["POST", PATH, "numbers.buy", ({ account, body }) => {
      const number = `+${body.number}`;
      if (!/^\+[1-9]\d{6,14}$/.test(number) || account.numbers.has(number)) {
        return fail(422, 10, "number is not available", "number");
      }
      addOwnNumber(account, number);
      return json(describe(number, String(body.countryCode)), 201);
    }],
    [
      "DELETE",
      `${PATH}/:number`,
      "numbers.release",
      ({ account, path }) =>
        account.numbers.delete(`+${path.number}`)
          ? new Response(null, { status: 204 })
          : fail(404, 20, "number not found", null),
    ],
    [
      "GET",
      "/v1/available-phone-numbers/:country",
      "numbers.search",
      ({ account, path, query }) => {
        const country = path.country ?? "";
        const limit = Number(query.get("limit") ?? 20);
        const contains = query.get("number") ?? "";
        const items = offersByDigits(account, { country, contains, limit })
          .map((number) => ({ ...describe(number, country), monthlyPrice: 1, currency: "EUR" }));
        return json({ items, limit, count: items.length });
      },
    ],
  ];
}

function describe(number: string, country: string): Record<string, unknown> {
  return {
    number: msisdn(number),
    country,
    region: "",
    locality: "",
    features: ["sms", "voice"],
    tags: [],
    type: "mobile",
    status: "active",
  };
}
