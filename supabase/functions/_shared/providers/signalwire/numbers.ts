import { readJson } from "../json.ts";
import {
  availableNumbers,
  ownedNumberSchema,
  ownedPageSchema,
  toAvailableNumbers,
  toOwnedNumber,
  webhookFields,
} from "../laml/numbers.ts";
import { holdsPattern } from "../number_pattern.ts";
import {
  type AvailableNumber,
  type NumberOrder,
  type NumberPurchase,
  type NumberSearch,
  type NumberWebhooks,
  type Operation,
  type OwnedNumber,
  type Page,
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { checkId, nextPage, pageRequest, projectRequest, UUID } from "./request.ts";

const ownedNumber = ownedNumberSchema(UUID);
const ownedPage = ownedPageSchema(UUID);

export const listSignalwireNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : projectRequest(credentials, "GET", "/IncomingPhoneNumbers", {
        query: [["PageSize", "1000"]],
      }),
  readResponse({ json }, _input, credentials) {
    const { incoming_phone_numbers, next_page_uri } = readJson(ownedPage, json);
    const items = incoming_phone_numbers.map(toOwnedNumber);
    return { items, ...nextPage(next_page_uri, credentials) };
  },
};

const KINDS = { local: "Local", toll_free: "TollFree", mobile: undefined } as const;

/**
 * SignalWire takes `SmsEnabled` and its like, and ignores them; it knows neither a page size nor a
 * `*` in a pattern. What it finds is therefore chosen from here.
 */
export const searchSignalwireNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest({ country, kind, areaCode, contains, locality, region }, credentials) {
    if (!/^[A-Z]{2}$/.test(country)) throw new Error("no two-letter country code");
    if (!KINDS[kind]) throw new Error("SignalWire searches for local and toll-free numbers only");
    if (locality && !region) throw new Error("a search by locality needs a region");
    const query: [string, string][] = [];
    if (areaCode) query.push(["AreaCode", areaCode]);
    const digits = longestRun(contains ?? "");
    if (digits) query.push(["Contains", digits]);
    if (locality) query.push(["InLocality", locality]);
    if (region) query.push(["InRegion", region]);
    const path = `/AvailablePhoneNumbers/${country}/${KINDS[kind]}`;
    return projectRequest(credentials, "GET", path, { query });
  },
  readResponse({ json }, { country, contains, needs = [], limit }) {
    const isWanted = holdsPattern(contains);
    return toAvailableNumbers(readJson(availableNumbers, json), country)
      .filter(({ capabilities }) => needs.every((need) => capabilities[need]))
      .filter(({ phoneNumber }) => isWanted(phoneNumber))
      .slice(0, limit);
  },
};

function longestRun(contains: string): string {
  const runs = contains.split("*").map((run) => run.replaceAll(/\D/g, ""));
  return runs.sort((one, other) => other.length - one.length)[0] ?? "";
}

export const purchaseSignalwireNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest({ phoneNumber, friendlyName, webhooks }, credentials) {
    const form: [string, string][] = [["PhoneNumber", phoneNumber]];
    if (friendlyName) form.push(["FriendlyName", friendlyName]);
    if (webhooks) form.push(...webhookFields(webhooks));
    return projectRequest(credentials, "POST", "/IncomingPhoneNumbers", { form });
  },
  readResponse: ({ json }) => ({
    state: "completed",
    number: toOwnedNumber(readJson(ownedNumber, json)),
  }),
};

/** Nothing documented takes an application off a number, whose webhook would then go unheard. */
export const configureSignalwireNumber: Operation<
  { externalId: string; webhooks: NumberWebhooks },
  void
> = {
  toRequest: ({ externalId, webhooks }, credentials) =>
    projectRequest(credentials, "POST", `/IncomingPhoneNumbers/${checkId(externalId)}`, {
      form: webhookFields(webhooks),
    }),
  readResponse({ json }) {
    if (!readJson(ownedNumber, json).sms_application_sid) return;
    const message = "an application handles the number's messages; take it off the number first";
    throw new RefusedAnswerError({ ...meaningOf("rejected"), message });
  },
};

export const releaseSignalwireNumber: Operation<{ externalId: string }, void> = {
  toRequest: ({ externalId }, credentials) =>
    projectRequest(credentials, "DELETE", `/IncomingPhoneNumbers/${checkId(externalId)}`),
  readResponse({ status }) {
    if (status !== 204) throw new UnreadableAnswerError("expected 204");
  },
};
