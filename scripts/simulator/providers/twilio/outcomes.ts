import { TwilioError } from "./errors.ts";
import type { Account, Outcome } from "./store.ts";

const DELIVERED: Outcome = { statuses: ["sent", "delivered"], errorCode: null };

/** A recipient that ends in one of these gets the message `undelivered` with that error. */
export const UNDELIVERED_CODES = [30003, 30004, 30005, 30006, 30007, 30008, 30034] as const;
/** A recipient that ends in one of these gets the message `failed`, without ever being `sent`. */
export const FAILED_CODES = [30001, 30002, 30022] as const;

/** Recipients that are refused at once: https://www.twilio.com/docs/iam/test-credentials */
export const REFUSED_RECIPIENTS: Readonly<Record<string, number>> = {
  "+15005550001": 21211,
  "+15005550002": 21612,
  "+15005550003": 21408,
  "+15005550004": 21610,
  "+15005550009": 21614,
};
/** Senders that are refused at once: https://www.twilio.com/docs/iam/test-credentials */
export const REFUSED_SENDERS: Readonly<Record<string, number>> = {
  "+15005550001": 21212,
  "+15005550007": 21606,
  "+15005550008": 21611,
};

const REFUSALS: Readonly<Record<number, (number: string) => string>> = {
  21211: (number) => `The 'To' number ${number} is not a valid phone number.`,
  21212: (number) =>
    `The 'From' number ${number} is not a valid phone number, shortcode, or alphanumeric sender ID.`,
  21408: (number) =>
    `Permission to send an SMS has not been enabled for the region indicated by the 'To' number: ${number}.`,
  21606: (number) =>
    `The From phone number ${number} is not a valid, SMS-capable inbound phone number or short code for your account.`,
  21610: () => "Attempt to send to unsubscribed recipient",
  21611: (number) =>
    `The source phone number ${number} has exceeded the maximum number of queued messages.`,
  21612: (number) =>
    `The 'To' phone number: ${number}, is not currently reachable using the 'From' phone number.`,
  21614: (number) => `To number: ${number}, is not a mobile number`,
};

/** The refusal that Twilio gives with this code. */
export function refusal(code: number, number: string): TwilioError {
  return new TwilioError(400, code, REFUSALS[code]?.(number) ?? "Bad Request");
}

/** How a message to this recipient ends: as arranged by a test, or by its last five digits. */
export function outcomeFor(account: Account, recipient: string): Outcome {
  const arranged = account.outcomes.get(recipient);
  if (arranged) return arranged;
  const suffix = Number(recipient.slice(-5));
  if (UNDELIVERED_CODES.some((code) => code === suffix)) {
    return { statuses: ["sent", "undelivered"], errorCode: suffix };
  }
  if (FAILED_CODES.some((code) => code === suffix)) {
    return { statuses: ["failed"], errorCode: suffix };
  }
  return DELIVERED;
}
