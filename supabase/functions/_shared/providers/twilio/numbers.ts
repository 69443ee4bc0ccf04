import { readJson } from "../json.ts";
import {
  availableNumbers,
  ownedNumberSchema,
  ownedPageSchema,
  toAvailableNumbers,
  toOwnedNumber,
  webhookFields,
} from "../laml/numbers.ts";
import {
  type AvailableNumber,
  type NumberOrder,
  type NumberPurchase,
  type NumberSearch,
  type NumberWebhooks,
  type Operation,
  type OwnedNumber,
  type Page,
  UnreadableAnswerError,
} from "../provider.ts";
import { accountRequest, checkSid, nextPage, pageRequest } from "./request.ts";

const SID = /^PN[0-9a-fA-F]{32}$/;
const ownedNumber = ownedNumberSchema(SID);
const ownedPage = ownedPageSchema(SID);

export const listTwilioNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : accountRequest(credentials, "GET", "/IncomingPhoneNumbers.json", {
        query: [["PageSize", "1000"]],
      }),
  readResponse({ json }) {
    const { incoming_phone_numbers, next_page_uri } = readJson(ownedPage, json);
    return { items: incoming_phone_numbers.map(toOwnedNumber), ...nextPage(next_page_uri) };
  },
};

const KINDS = { local: "Local", toll_free: "TollFree", mobile: "Mobile" } as const;
const NEEDS = { sms: "SmsEnabled", mms: "MmsEnabled", voice: "VoiceEnabled" } as const;

export const searchTwilioNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials) {
    if (!/^[A-Z]{2}$/.test(search.country)) throw new Error("no two-letter country code");
    const query: [string, string][] = [["PageSize", String(search.limit)]];
    if (search.areaCode) query.push(["AreaCode", search.areaCode]);
    if (search.contains) query.push(["Contains", search.contains]);
    if (search.locality) query.push(["InLocality", search.locality]);
    if (search.region) query.push(["InRegion", search.region]);
    for (const need of search.needs ?? []) query.push([NEEDS[need], "true"]);
    const path = `/AvailablePhoneNumbers/${search.country}/${KINDS[search.kind]}.json`;
    return accountRequest(credentials, "GET", path, { query });
  },
  readResponse: ({ json }, { country }) =>
    toAvailableNumbers(readJson(availableNumbers, json), country),
};

export const purchaseTwilioNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest({ phoneNumber, friendlyName, webhooks }, credentials) {
    const form: [string, string][] = [["PhoneNumber", phoneNumber]];
    if (friendlyName) form.push(["FriendlyName", friendlyName]);
    if (webhooks) form.push(...webhookFields(webhooks));
    return accountRequest(credentials, "POST", "/IncomingPhoneNumbers.json", { form });
  },
  readResponse: ({ json }) => ({
    state: "completed",
    number: toOwnedNumber(readJson(ownedNumber, json)),
  }),
};

export const configureTwilioNumber: Operation<
  { externalId: string; webhooks: NumberWebhooks },
  void
> = {
  toRequest({ externalId, webhooks }, credentials) {
    const path = `/IncomingPhoneNumbers/${checkSid(externalId, "PN")}.json`;
    // Empty takes the application off the number; else it would override the URLs.
    const form = [...webhookFields(webhooks), ["SmsApplicationSid", ""] as const];
    return accountRequest(credentials, "POST", path, { form });
  },
  readResponse({ json }) {
    readJson(ownedNumber, json);
  },
};

export const releaseTwilioNumber: Operation<{ externalId: string }, void> = {
  toRequest: ({ externalId }, credentials) =>
    accountRequest(
      credentials,
      "DELETE",
      `/IncomingPhoneNumbers/${checkSid(externalId, "PN")}.json`,
    ),
  readResponse({ status }) {
    if (status !== 204) throw new UnreadableAnswerError("expected 204");
  },
};
