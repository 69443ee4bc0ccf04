import { controlHelp, type ControlRules, readCredentials, requireNew } from "../control.ts";
import { textsOf } from "../values.ts";
import { type MailAccount, type MailStore, maySend, newMailAccount } from "./account.ts";
import { bareAddress, MAIL_STATUSES, type MailMessage, newMail } from "./message.ts";

/** What one provider of e-mail says of its accounts. */
export interface MailControl {
  newCredentials(): Record<string, string>;
  newMessageSid(): string;
}

/** The control fields of the providers of e-mail. */
export function mailControl(
  store: MailStore,
  provider: MailControl,
): ControlRules<MailAccount, MailMessage> {
  return {
    newAccount(fields) {
      const sid = fields.text("account_sid") ?? crypto.randomUUID();
      requireNew(store, sid);
      const credentials = readCredentials(fields, provider.newCredentials());
      return newMailAccount(sid, credentials, fields.texts("senders") ?? []);
    },
    describe,
    list: describe,
    recipient: "address",
    owns: maySend,
    isDetailed: false,
    checksOwner: false,
    readInbound(fields, to) {
      const from = fields.requiredText("from");
      const sid = fields.text("message_sid");
      const given = {
        direction: "inbound",
        status: "received",
        from,
        to,
        cc: fields.texts("cc") ?? [],
        subject: fields.text("subject") ?? "",
        text: fields.text("text") ?? "",
        html: fields.text("html") ?? "",
        headers: {
          "Message-ID": `<${crypto.randomUUID()}@${bareAddress(from).split("@").at(-1)}>`,
          ...textsOf(fields.object("headers")),
        },
        marks: {},
      } as const;
      return (account) =>
        account.messages.get(sid ?? "") ??
          newMail(account, { ...given, sid: sid ?? provider.newMessageSid() });
    },
    arrange(account, fields) {
      const address = bareAddress(fields.requiredText("address"));
      const statuses = fields.choices("statuses", MAIL_STATUSES);
      const isSuppressed = fields.boolean("is_suppressed");
      fields.finish();
      if (statuses) account.outcomes.set(address, statuses);
      else account.outcomes.delete(address);
      if (isSuppressed) account.suppressed.add(address);
      else account.suppressed.delete(address);
      const is_suppressed = account.suppressed.has(address);
      return { address, statuses: statuses ?? null, is_suppressed };
    },
  };
}

function describe(account: MailAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    ...account.credentials,
    senders: account.senders,
    suppressed: [...account.suppressed],
  };
}

export function mailControlHelp(provider: string, credentials: Record<string, string>): string {
  return controlHelp(provider, {
    accounts: `${Object.keys(credentials).join(", ")}, senders`,
    inbound: "from, to, cc, subject, text, html, headers, message_sid, signature",
    recipients: "address, statuses, is_suppressed",
  });
}
