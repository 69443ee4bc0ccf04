import type { TwilioCall, TwilioHandler } from "./call.ts";
import { json, notFound, TwilioError } from "./errors.ts";
import { available, isInArea, type Offer, requirementOf } from "./inventory.ts";
import { readSettings } from "./number_settings.ts";
import { listAnswer } from "./paging.ts";
import {
  newPhoneNumber,
  type NumberType,
  type PhoneNumber,
  readPhoneNumber,
} from "./phone_number.ts";
import { representNumber } from "./representation.ts";

const NUMBER_PRICE_MICROS = 1_150_000;
/** https://www.twilio.com/docs/iam/test-credentials */
const REFUSED_PURCHASES: Readonly<Record<string, number>> = {
  "+15005550000": 21422,
  "+15005550001": 21421,
};

/** `GET IncomingPhoneNumbers.json`, or below it the numbers of one type. */
export function listNumbers(type?: NumberType): TwilioHandler {
  return (call) => {
    const name = call.query.get("FriendlyName");
    const pattern = call.query.get("PhoneNumber");
    const isOther = (call.query.get("Origin") ?? "twilio") !== "twilio";
    const numbers = [...call.account.numbers.values()].filter((number) =>
      !isOther && (type === undefined || number.type === type) &&
      (!name || number.settings.friendly_name === name) &&
      (!pattern || matchesPattern(number.phoneNumber, pattern))
    );
    return listAnswer(
      call,
      "incoming_phone_numbers",
      numbers,
      (number) => number.sequence,
      type === undefined ? representNumber : representNumberOfType,
    );
  };
}

/** `GET IncomingPhoneNumbers/PN….json` */
export function fetchNumber(call: TwilioCall): Response {
  return json(representNumber(findNumber(call)));
}

/** `POST IncomingPhoneNumbers.json`: buys a number, or below it one of one type. */
export function buyNumber(type?: NumberType): TwilioHandler {
  return (call) => {
    const number = buy(call, type);
    return json(type === undefined ? representNumber(number) : representNumberOfType(number), 201);
  };
}

function buy(call: TwilioCall, type: NumberType | undefined): PhoneNumber {
  const { account, form } = call;
  const settings = readSettings(form);
  const offer = chooseOffer(call, type);
  const requirement = requirementOf(offer);
  if (requirement === "bundle" && !form.get("BundleSid")) {
    throw new TwilioError(400, 21649, "Bundle required for the given phone number");
  }
  if (requirement === "address" && !form.get("AddressSid")) {
    throw new TwilioError(
      400,
      21631,
      "Phone Number Requires an Address but the 'AddressSid' parameter was empty.",
    );
  }
  const number = newPhoneNumber(account.sid, offer.phoneNumber, {
    capabilities: offer.capabilities,
    type: offer.type,
    addressRequirements: offer.addressRequirements,
  });
  Object.assign(number.settings, settings);
  account.numbers.set(number.sid, number);
  account.balanceMicros -= NUMBER_PRICE_MICROS;
  account.usage.record("phonenumbers", number.createdAt, {
    count: 1,
    usage: 1,
    priceMicros: NUMBER_PRICE_MICROS,
  });
  return number;
}

/** `POST IncomingPhoneNumbers/PN….json`: changes what is given, keeps the rest. */
export function updateNumber(call: TwilioCall): Response {
  const number = findNumber(call);
  Object.assign(number.settings, readSettings(call.form));
  number.updatedAt = Date.now();
  return json(representNumber(number));
}

/** `DELETE IncomingPhoneNumbers/PN….json`: gives the number back. */
export function releaseNumber(call: TwilioCall): Response {
  call.account.numbers.delete(findNumber(call).sid);
  return new Response(null, { status: 204 });
}

/** The lists and purchases of one type leave the type out. */
function representNumberOfType(number: PhoneNumber): Record<string, unknown> {
  const { type: _type, ...rest } = representNumber(number);
  return rest;
}

function findNumber(call: TwilioCall): PhoneNumber {
  const number = call.account.numbers.get(call.path.number ?? "");
  if (!number) throw notFound(call.pathname);
  return number;
}

function chooseOffer(call: TwilioCall, type: NumberType | undefined): Offer {
  const { account, form } = call;
  const isOfType = (offer: Offer) => type === undefined || offer.type === type;
  const wanted = form.get("PhoneNumber");
  if (wanted) {
    const phoneNumber = readPhoneNumber(wanted);
    const code = phoneNumber === undefined ? 21421 : REFUSED_PURCHASES[phoneNumber];
    const offer = available(account).find((candidate) => candidate.phoneNumber === phoneNumber);
    if (phoneNumber === undefined || code === 21421) {
      throw new TwilioError(400, 21421, `PhoneNumber is invalid: ${wanted}`);
    }
    if (!offer || !isOfType(offer)) {
      throw new TwilioError(400, 21422, `${phoneNumber} is not available`);
    }
    return offer;
  }
  const areaCode = form.get("AreaCode");
  if (!areaCode) {
    throw new TwilioError(400, 21421, "PhoneNumber or AreaCode is required to buy a number");
  }
  if (!/^\d{3}$/.test(areaCode)) {
    throw new TwilioError(400, 21451, `Invalid area code: ${areaCode}`);
  }
  const offer = available(account).find((candidate) =>
    isInArea(candidate, areaCode) && isOfType(candidate)
  );
  if (!offer) {
    throw new TwilioError(400, 21452, `No phone numbers found in area code ${areaCode}`);
  }
  return offer;
}

/** Part of a number; `*` stands for any digit. */
function matchesPattern(phoneNumber: string, pattern: string): boolean {
  const escaped = pattern.trim().replaceAll(/[^\d*]/g, "").replaceAll("*", "\\d");
  return new RegExp(escaped).test(phoneNumber);
}
