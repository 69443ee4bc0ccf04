import { holdsPattern } from "../number_pattern.ts";
import {
  type AvailableNumber,
  type NumberSearch,
  type Operation,
  type OwnedNumber,
  type Page,
} from "../provider.ts";
import { allAt, textAt } from "../xml.ts";
import { toAlpha3 } from "./countries.ts";
import { accountRequest, locationPath, nextPage, pageRequest, readXml } from "./request.ts";
import { toE164 } from "./words.ts";

/** The numbers of the location: what comes to others is not told to our application. */
export const listBandwidthNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials, context) =>
    pageUrl
      ? pageRequest(context, pageUrl, "application/xml")
      : accountRequest(credentials, context, "GET", `${locationPath(credentials)}/tns`, {
        query: [["page", "1"], ["size", "500"]],
      }),
  readResponse(response) {
    // How Bandwidth says "none".
    if (response.status === 204) return { items: [] };
    const root = readXml(response, "SipPeerTelephoneNumbersResponse");
    const items = allAt(root, "SipPeerTelephoneNumbers", "SipPeerTelephoneNumber")
      .map((number) => ({
        phoneNumber: toE164(textAt(number, "FullNumber")),
        canText: textAt(number, "MessagingSettings", "SmsEnabled") === "true",
      }))
      .filter(({ phoneNumber }) => phoneNumber !== "")
      .map(({ phoneNumber, canText }) => toOwnedNumber(phoneNumber, canText));
    return { items, ...nextPage(readLink(textAt(root, "Links", "next"))) };
  },
};

/** The document's examples have words in place of links. */
function readLink(link: string): string {
  return link.startsWith("(") ? "" : link.replace(/^Link=/, "");
}

/** Numbers have neither a name nor webhooks: those are the application's. */
export function toOwnedNumber(phoneNumber: string, canText: boolean): OwnedNumber {
  return {
    externalId: phoneNumber,
    phoneNumber,
    friendlyName: phoneNumber,
    // Picture messages go where texts go; calls would need another application.
    capabilities: { sms: canText, mms: canText, voice: false, whatsapp: false },
    webhookUrl: "",
    status: "active",
  };
}

const KINDS = { local: "GEOGRAPHIC", toll_free: "TOLL_FREE", mobile: "MOBILE" } as const;
/** Where picture messages are sent. */
const MMS_COUNTRIES = ["US", "CA"];

/**
 * Only numbers for messages are of use here, so that each one found can do those. Patterns are chosen
 * from what is found: Bandwidth's own are of letters and three digits.
 */
export const searchBandwidthNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials, context) {
    const { country, kind, areaCode, contains, locality, region, needs = [], limit } = search;
    const countryCode = toAlpha3(country);
    if (!countryCode) throw new Error("Bandwidth sells no numbers in this country");
    if (needs.includes("mms") && !MMS_COUNTRIES.includes(country)) {
      throw new Error("Bandwidth has numbers for MMS in the United States and Canada only");
    }
    const query: [string, string][] = [
      ["countryCodeA3", countryCode],
      ["phoneNumberType", KINDS[kind]],
    ];
    if (areaCode) query.push(["areaCode", areaCode]);
    if (locality) query.push(["city", locality]);
    if (region) query.push(["state", region]);
    query.push(["features", "MESSAGING_SMS"]);
    if (needs.includes("voice")) query.push(["features", "VOICE"]);
    query.push(["quantity", contains ? "2000" : String(limit)], ["enableTNDetail", "true"]);
    return accountRequest(credentials, context, "GET", "/availableNumbers", { query });
  },
  readResponse(response, { country, contains, needs = [], limit }) {
    const root = readXml(response, "SearchResult");
    const isWanted = holdsPattern(contains);
    return allAt(root, "TelephoneNumberDetailList", "TelephoneNumberDetail")
      .map((number) => {
        const phoneNumber = toE164(textAt(number, "FullNumber"));
        const [region, locality] = [textAt(number, "State"), textAt(number, "City")];
        return {
          phoneNumber,
          friendlyName: phoneNumber,
          country,
          ...(region ? { region } : {}),
          ...(locality ? { locality } : {}),
          capabilities: {
            sms: true,
            mms: MMS_COUNTRIES.includes(country),
            voice: needs.includes("voice"),
            whatsapp: false,
          },
        };
      })
      .filter(({ phoneNumber }) => phoneNumber !== "" && isWanted(phoneNumber))
      .slice(0, limit);
  },
};
