import { badRequest, TwilioError } from "./errors.ts";
import { hasOptedOut } from "./opt_out.ts";
import { refusal, REFUSED_RECIPIENTS, REFUSED_SENDERS } from "./outcomes.ts";
import { type PhoneNumber, readPhoneNumber } from "./phone_number.ts";
import type { Account, MessagingService } from "./store.ts";
import { isCallbackUrl } from "./webhook.ts";

const MAXIMUM_BODY_LENGTH = 1_600;
const MAXIMUM_MEDIA = 10;
const WHATSAPP = "whatsapp:";
const MINIMUM_SCHEDULE_MS = 300_000;
const MAXIMUM_SCHEDULE_MS = 35 * 86_400_000;

/** A message that passed every rule and may be accepted. */
export interface Draft {
  /** With `whatsapp:` in front where it applies. */
  from: string;
  to: string;
  isWhatsapp: boolean;
  body: string;
  mediaUrls: string[];
  service: MessagingService | undefined;
  statusCallback: string | null;
  sendAt: number | undefined;
  contentSid: string | undefined;
}

/** Reads the form of `POST Messages.json`, and refuses what Twilio refuses. */
export function readDraft(account: Account, form: URLSearchParams): Draft {
  const text = (name: string) => form.get(name) || undefined;
  const to = readRecipient(text("To"));
  const isWhatsapp = to.startsWith(WHATSAPP);
  const service = readService(account, text("MessagingServiceSid"), text("From"));
  const sender = findSender(account, text("From"), service, isWhatsapp);
  const draft: Draft = {
    from: isWhatsapp ? WHATSAPP + sender.phoneNumber : sender.phoneNumber,
    to,
    isWhatsapp,
    body: form.get("Body") ?? "",
    mediaUrls: form.getAll("MediaUrl").filter((url) => url !== ""),
    service,
    statusCallback: readStatusCallback(text("StatusCallback"), service),
    sendAt: readSchedule(text("ScheduleType"), text("SendAt"), service),
    contentSid: text("ContentSid"),
  };
  checkContent(draft, sender);
  checkRecipient(account, draft);
  return draft;
}

function readRecipient(value: string | undefined): string {
  if (value === undefined) throw new TwilioError(400, 21604, "A 'To' phone number is required.");
  const prefix = value.startsWith(WHATSAPP) ? WHATSAPP : "";
  const number = readPhoneNumber(value.slice(prefix.length));
  if (number === undefined) throw refusal(21211, value);
  const code = REFUSED_RECIPIENTS[number];
  if (code !== undefined) throw refusal(code, number);
  return prefix + number;
}

function readService(
  account: Account,
  sid: string | undefined,
  from: string | undefined,
): MessagingService | undefined {
  const named = sid ?? (from?.startsWith("MG") ? from : undefined);
  if (named === undefined) return undefined;
  const service = account.services.get(named);
  if (!service) {
    throw new TwilioError(
      400,
      21701,
      `The Messaging Service with SID ${named} cannot be found.`,
    );
  }
  if (service.senders.length === 0) {
    throw new TwilioError(
      400,
      21703,
      "The Messaging Service does not have a phone number available to send a message.",
    );
  }
  return service;
}

function findSender(
  account: Account,
  from: string | undefined,
  service: MessagingService | undefined,
  isWhatsapp: boolean,
): PhoneNumber {
  const chosen = from?.startsWith("MG") ? undefined : from;
  const value = chosen ?? service?.senders[0];
  if (value === undefined) throw new TwilioError(400, 21603, "A 'From' phone number is required.");
  const bare = value.startsWith(WHATSAPP) ? value.slice(WHATSAPP.length) : value;
  const isShortCode = /^\d{5,6}$/.test(bare);
  const number = isShortCode ? bare : readPhoneNumber(bare);
  if (number === undefined) throw refusal(21212, value);
  const code = REFUSED_SENDERS[number];
  if (code !== undefined) throw refusal(code, number);
  const owned = [...account.numbers.values()].find((known) => known.phoneNumber === number);
  if (isWhatsapp) {
    const isChannel = chosen === undefined || value.startsWith(WHATSAPP);
    if (isChannel && owned?.isWhatsappSender) return owned;
    throw new TwilioError(
      400,
      63007,
      "Twilio could not find a Channel with the specified From address",
    );
  }
  if (!owned?.capabilities.sms || value.startsWith(WHATSAPP)) throw refusal(21606, value);
  return owned;
}

function readStatusCallback(
  value: string | undefined,
  service: MessagingService | undefined,
): string | null {
  if (value === undefined) return service?.statusCallback ?? null;
  if (isCallbackUrl(value)) return value;
  throw new TwilioError(400, 21609, `The StatusCallback URL ${value} is not a valid URL.`);
}

function readSchedule(
  type: string | undefined,
  sendAt: string | undefined,
  service: MessagingService | undefined,
): number | undefined {
  if (type === undefined) return undefined;
  if (type !== "fixed") throw badRequest("Invalid parameter: ScheduleType");
  if (!service) {
    throw new TwilioError(400, 35118, "MessagingServiceSid is required to schedule a message");
  }
  if (sendAt === undefined) throw new TwilioError(400, 35111, "SendAt timestamp is missing");
  const wait = Date.parse(sendAt) - Date.now();
  if (!(wait >= MINIMUM_SCHEDULE_MS && wait <= MAXIMUM_SCHEDULE_MS)) {
    throw new TwilioError(400, 35115, "Scheduling does not support this timestamp");
  }
  return Date.parse(sendAt);
}

function checkContent(draft: Draft, sender: PhoneNumber): void {
  if (draft.body === "" && draft.mediaUrls.length === 0 && draft.contentSid === undefined) {
    throw new TwilioError(400, 21602, "Message body is required.");
  }
  if ([...draft.body].length > MAXIMUM_BODY_LENGTH) {
    throw new TwilioError(
      400,
      21617,
      "The concatenated message body exceeds the 1600 character limit.",
    );
  }
  if (draft.mediaUrls.length > MAXIMUM_MEDIA) {
    throw new TwilioError(400, 21623, "Number of media files exceeds allowed limit.");
  }
  const invalid = draft.mediaUrls.filter((url) => !isCallbackUrl(url));
  if (invalid.length > 0) {
    throw new TwilioError(400, 21620, `Invalid media URL(s): ${invalid.join(", ")}`);
  }
  if (draft.mediaUrls.length > 0 && !draft.isWhatsapp && !sender.capabilities.mms) {
    throw new TwilioError(
      400,
      21621,
      `The From phone number ${sender.phoneNumber} is not enabled for picture messaging.`,
    );
  }
}

function checkRecipient(account: Account, draft: Draft): void {
  if (draft.to === draft.from) {
    throw new TwilioError(400, 21266, "'To' and 'From' number cannot be the same");
  }
  if (hasOptedOut(account, draft.service?.sid ?? draft.from, draft.to)) {
    throw refusal(21610, draft.to);
  }
  if (account.type === "Trial" && !account.verifiedNumbers.has(draft.to)) {
    throw new TwilioError(
      400,
      21608,
      `The number ${draft.to} is unverified. Trial accounts cannot send messages to unverified numbers; ` +
        `verify ${draft.to} at twilio.com/user/account/phone-numbers/verified, or purchase a Twilio number to send messages to unverified numbers`,
    );
  }
}
