import type { MessageFilter } from "../provider.ts";

/** A message in either direction, as far as all providers have the same of it. */
export interface Message {
  sid: string;
  accountSid: string;
  direction: "inbound" | "outbound";
  to: string;
  status: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** An account, as far as all providers have the same of it. */
export interface Account<Held extends Message> {
  sid: string;
  messages: Map<string, Held>;
}

/** All accounts of one provider, and all messages in the order in which they came. */
export class Store<Owner extends Account<Held>, Held extends Message> {
  readonly accounts = new Map<string, Owner>();
  readonly #messages = new Map<string, Held>();
  readonly #maximumMessages: number;

  constructor(maximumMessages: number) {
    this.#maximumMessages = maximumMessages;
  }

  /** Replaces an account with the same identifier. */
  addAccount(account: Owner): void {
    this.accounts.set(account.sid, account);
  }

  /** The first account for which this holds. */
  findAccount(holds: (account: Owner) => boolean): Owner | undefined {
    return [...this.accounts.values()].find(holds);
  }

  /** Keeps a message, and lets go of the oldest when there are too many. */
  addMessage(account: Owner, message: Held): void {
    this.#messages.set(message.sid, message);
    account.messages.set(message.sid, message);
    if (this.#messages.size <= this.#maximumMessages) return;
    const [oldest] = this.#messages.values();
    if (!oldest) return;
    this.#messages.delete(oldest.sid);
    this.accounts.get(oldest.accountSid)?.messages.delete(oldest.sid);
  }

  /** Oldest first. */
  messages(filter: MessageFilter): Held[] {
    return [...this.#messages.values()].filter(({ accountSid, to }) =>
      (filter.accountSid === undefined || filter.accountSid === accountSid) &&
      (filter.to === undefined || filter.to === to)
    );
  }

  clear(): void {
    this.accounts.clear();
    this.#messages.clear();
  }
}
