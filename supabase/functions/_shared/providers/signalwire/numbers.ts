import { readJson } from "../json.ts";
import { lamlRequest } from "../laml/api.ts";
import { lamlNumberOperations } from "../laml/number_operations.ts";
import { availableNumbers, toAvailableNumbers } from "../laml/numbers.ts";
import { holdsPattern } from "../number_pattern.ts";
import {
  type AvailableNumber,
  type NumberSearch,
  type Operation,
  RefusedAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { signalwireApi } from "./request.ts";

export const signalwireNumbers = lamlNumberOperations(signalwireApi, {
  applicationFields: [],
  /** Nothing documented takes an application off a number, whose webhook would then go unheard. */
  checkApplication(applicationId) {
    if (!applicationId) return;
    const message = "an application handles the number's messages; take it off the number first";
    throw new RefusedAnswerError({ ...meaningOf("rejected"), message });
  },
});

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
    return lamlRequest(signalwireApi, credentials, "GET", path, { query });
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
