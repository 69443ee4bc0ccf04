import type { Account, Store } from "../store.ts";
import { bareAddress, type MailMessage, type MailOutcome } from "./message.ts";

/** An account at a provider of e-mail. */
export interface MailAccount extends Account<MailMessage> {
  /** By the names of the adapter's credential fields. */
  credentials: Record<string, string>;
  /** Addresses that may send; `*@example.com` is a whole domain. */
  senders: string[];
  outcomes: Map<string, MailOutcome>;
  /** Recipients who complained, unsubscribed or bounced: nothing is sent to them any more. */
  suppressed: Set<string>;
  /** What was set up through the API, by kind and identifier. */
  resources: Map<string, Map<string, Record<string, unknown>>>;
  /** The answers to requests that may be repeated, by their keys. */
  repeatable: Map<string, { body: string; sid: string }>;
}

export type MailStore = Store<MailAccount, MailMessage>;

export function newMailAccount(
  sid: string,
  credentials: Record<string, string>,
  senders: readonly string[],
): MailAccount {
  return {
    sid,
    credentials: { ...credentials },
    senders: senders.map((sender) => sender.toLowerCase()),
    messages: new Map(),
    outcomes: new Map(),
    suppressed: new Set(),
    resources: new Map(),
    repeatable: new Map(),
  };
}

/** What an account has of one kind: webhooks, policies. */
export function resourcesOf(
  account: MailAccount,
  kind: string,
): Map<string, Record<string, unknown>> {
  const known = account.resources.get(kind);
  if (known) return known;
  const resources = new Map<string, Record<string, unknown>>();
  account.resources.set(kind, resources);
  return resources;
}

/** Whether an address, with or without a name, may send. */
export function maySend(account: MailAccount, from: string): boolean {
  const address = bareAddress(from);
  return account.senders.includes(address) ||
    account.senders.includes(`*@${address.split("@").at(-1)}`);
}

export function domainsOf({ senders }: MailAccount): string[] {
  return senders.filter((sender) => sender.startsWith("*@")).map((sender) => sender.slice(2));
}

export function sentBy(account: MailAccount): MailMessage[] {
  return [...account.messages.values()].filter(({ direction }) => direction === "outbound");
}

/** The account that has a value among its credentials under this name. */
export function findByCredential(
  store: MailStore,
  name: string,
  value: string | undefined | null,
): MailAccount | undefined {
  if (!value) return undefined;
  return store.findAccount(({ credentials }) => credentials[name] === value);
}

export function bearerOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}

/** As the list of all accounts has it: free of secrets. */
export function summarizeMailAccount(account: MailAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    senders: account.senders,
    message_count: account.messages.size,
  };
}
