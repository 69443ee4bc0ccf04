import type { Message } from "../store.ts";

/** Common words for what becomes of an e-mail; each provider has its own for them. */
export const MAIL_STATUSES = [
  "processed",
  "deferred",
  "delivered",
  "opened",
  "bounced",
  "dropped",
  "complained",
  "unsubscribed",
] as const;
export type MailStatus = typeof MAIL_STATUSES[number];

/** The statuses that an e-mail passes. */
export type MailOutcome = readonly MailStatus[];

/** An e-mail, in either direction. Addresses are in lower case, without names. */
export interface MailMessage extends Message {
  /** As it was written, with the name. */
  from: string;
  cc: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  /** What the sender wants to be given back: custom arguments, metadata or tags. */
  marks: Record<string, string>;
  status: MailStatus | "queued" | "received";
}

type Given = "to" | "from" | "cc" | "subject" | "text" | "html" | "headers" | "marks";

/** An e-mail that was just sent, where nothing else is said. */
export function newMail(
  { sid: accountSid }: { sid: string },
  given: Partial<MailMessage> & Pick<MailMessage, Given>,
): MailMessage {
  return {
    sid: crypto.randomUUID(),
    accountSid,
    direction: "outbound",
    status: "queued",
    createdAt: Date.now(),
    ...given,
    to: bareAddress(given.to),
    cc: given.cc.map(bareAddress),
  };
}

/** Without the name, in lower case. */
export function bareAddress(mailbox: string): string {
  return (/<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim().toLowerCase();
}
