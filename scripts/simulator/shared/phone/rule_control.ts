import { controlHelp, type ControlRules, readCredentials, requireNew } from "../control.ts";
import type { Store } from "../store.ts";
import { phoneNumbersOf } from "./account.ts";
import { arrangeOutcome } from "./control.ts";
import { newPhoneMessage, type PhoneMessage } from "./message.ts";
import { newRuleAccount, type RuleAccount } from "./rule_account.ts";
import { COMMON_STATUSES } from "./rule_outcome.ts";

const CHANNELS = ["sms", "mms", "whatsapp"] as const;

/** What one provider says of its accounts. */
export interface RuleControl {
  newAccountSid(): string;
  newCredentials(): Record<string, string>;
  newMessageSid(): string;
  /** Why a message ends badly where a test says nothing of the reason. */
  defaultErrorCode: string;
}

/** The control fields of the providers whose messages have the common statuses. */
export function ruleControl(
  store: Store<RuleAccount, PhoneMessage>,
  provider: RuleControl,
): ControlRules<RuleAccount, PhoneMessage> {
  return {
    newAccount(fields) {
      const sid = fields.text("account_sid") ?? provider.newAccountSid();
      requireNew(store, sid);
      const credentials = readCredentials(fields, provider.newCredentials());
      const account = newRuleAccount(sid, credentials, fields.texts("numbers") ?? []);
      account.balance = fields.integer("balance", 0, 1_000_000) ?? account.balance;
      return account;
    },
    describe,
    list: describe,
    recipient: "number",
    owns: (account, to) => account.numbers.has(to),
    isDetailed: false,
    checksOwner: false,
    readInbound(fields, to) {
      const mediaUrls = fields.texts("media_urls") ?? [];
      const sid = fields.text("message_sid");
      const given = {
        direction: "inbound",
        channel: fields.choice("channel", CHANNELS) ?? (mediaUrls.length > 0 ? "mms" : "sms"),
        from: fields.requiredText("from"),
        to,
        text: fields.text("body") ?? "",
        mediaUrls,
        status: "received",
      } as const;
      return (account) =>
        account.messages.get(sid ?? "") ??
          newPhoneMessage(account, { ...given, sid: sid ?? provider.newMessageSid() });
    },
    arrange(account, fields) {
      const number = fields.requiredText("number");
      const statuses = fields.choices("statuses", COMMON_STATUSES);
      const errorCode = fields.text("error_code") ?? provider.defaultErrorCode;
      return arrangeOutcome(account, fields, number, statuses, errorCode);
    },
  };
}

function describe(account: RuleAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    ...account.credentials,
    balance: account.balance,
    numbers: phoneNumbersOf(account).map((phone_number) => ({ phone_number })),
    rules: [...account.rules.values()],
  };
}

export function ruleControlHelp(provider: string, credentials: Record<string, string>): string {
  return controlHelp(provider, {
    accounts: `${Object.keys(credentials).join(", ")}, numbers, balance`,
    inbound: "from, to, body, media_urls, channel, message_sid, signature",
    recipients: "number, statuses, error_code",
  });
}
