import { readJson } from "../json.ts";
import { lamlRequest } from "../laml/api.ts";
import { lamlNumberOperations } from "../laml/number_operations.ts";
import { availableNumbers, toAvailableNumbers } from "../laml/numbers.ts";
import type { AvailableNumber, NumberSearch, Operation } from "../provider.ts";
import { twilioApi } from "./request.ts";

export const twilioNumbers = lamlNumberOperations(twilioApi, {
  // Empty takes the application off the number; else it would override the URLs.
  applicationFields: [["SmsApplicationSid", ""]],
  checkApplication: () => {},
});

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
    const path = `/AvailablePhoneNumbers/${search.country}/${KINDS[search.kind]}`;
    return lamlRequest(twilioApi, credentials, "GET", path, { query });
  },
  readResponse: ({ json }, { country }) =>
    toAvailableNumbers(readJson(availableNumbers, json), country),
};
