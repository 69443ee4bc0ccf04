import type { Fields } from "../../fields.ts";
import { controlHelp, type ControlRules } from "../control.ts";
import { findNumber, type PhoneAccount, phoneNumbersOf } from "./account.ts";
import { newPhoneMessage, type PhoneMessage } from "./message.ts";

/** What one provider of texts and calls says of its accounts. */
export interface PhoneControl<Owner extends PhoneAccount>
  extends Pick<ControlRules<Owner, PhoneMessage>, "newAccount" | "describe"> {
  /** The status of a message that came in. */
  inboundStatus: string;
}

/** The control fields of the providers whose messages may have any status, in their own words. */
export function phoneControl<Owner extends PhoneAccount>(
  { newAccount, describe, inboundStatus }: PhoneControl<Owner>,
): ControlRules<Owner, PhoneMessage> {
  return {
    newAccount,
    describe,
    list: summarizePhoneAccount,
    recipient: "number",
    owns: (account, to) => findNumber(account, to) !== undefined,
    isDetailed: true,
    checksOwner: true,
    readInbound(fields, to) {
      const mediaUrls = fields.texts("media") ?? [];
      const channel = fields.choice("channel", ["sms", "whatsapp"]) ?? "sms";
      const sid = fields.text("message_sid") ?? crypto.randomUUID();
      const given = {
        sid,
        direction: "inbound",
        channel: channel === "sms" && mediaUrls.length > 0 ? "mms" : channel,
        from: fields.requiredText("from"),
        to,
        text: fields.text("body") ?? "",
        mediaUrls,
        status: inboundStatus,
      } as const;
      return (account) => newPhoneMessage(account, given);
    },
    arrange(account, fields) {
      const number = fields.requiredText("number");
      const statuses = fields.texts("statuses");
      return arrangeOutcome(account, fields, number, statuses, fields.text("error_code") ?? null);
    },
  };
}

/** What is to become of all messages to a number, or that nothing is arranged any more. */
export function arrangeOutcome(
  account: PhoneAccount,
  fields: Fields,
  number: string,
  statuses: string[] | undefined,
  errorCode: string | null,
): Record<string, unknown> {
  fields.finish();
  if (statuses) account.outcomes.set(number, { statuses, errorCode });
  else account.outcomes.delete(number);
  return { number, statuses: statuses ?? null, error_code: errorCode };
}

/** A short description, free of secrets. */
export function summarizePhoneAccount(account: PhoneAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    numbers: phoneNumbersOf(account),
    messages: account.messages.size,
  };
}

/** The numbers of an account, with the identifiers by which the API knows them. */
export function describeNumbers(account: PhoneAccount): Record<string, unknown>[] {
  return [...account.numbers.values()].map(({ id, phoneNumber }) => ({
    sid: id,
    phone_number: phoneNumber,
  }));
}

export function phoneControlHelp(provider: string, accountFields: string): string {
  return controlHelp(provider, {
    accounts: accountFields,
    inbound: "from, to, body, media, channel, message_sid, signature",
    recipients: "number, statuses, error_code",
  });
}
