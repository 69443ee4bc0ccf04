import type { PhoneNumber } from "./phone_number.ts";
import { UsageLedger } from "./usage_ledger.ts";

/** A list of statuses that a message passes, and the error it ends with. */
export interface Outcome {
  statuses: readonly string[];
  errorCode: number | null;
}

/** A file that a message carries. */
export interface Media {
  sid: string;
  contentType: string;
  /** Where the sender of an outgoing message said it is. */
  sourceUrl: string | null;
  bytes: Uint8Array<ArrayBuffer>;
  createdAt: number;
}

/** A message, in either direction. Times are milliseconds since 1970. */
export interface Message {
  sid: string;
  sequence: number;
  accountSid: string;
  direction: "inbound" | "outbound-api" | "outbound-reply";
  from: string | null;
  to: string;
  body: string;
  status: string;
  errorCode: number | null;
  segmentCount: number;
  media: Media[];
  /** In millionths of a dollar; null until it is known. */
  priceMicros: number | null;
  messagingServiceSid: string | null;
  statusCallback: string | null;
  createdAt: number;
  updatedAt: number;
  sentAt: number | null;
}

/** A pool of senders. Made through the control API: its own API is on another host. */
export interface MessagingService {
  sid: string;
  senders: string[];
  statusCallback: string | null;
  /** Called for inbound messages instead of the number's own URL, when set. */
  inboundRequestUrl: string | null;
  /** Adds `OptOutType` to the webhooks of its inbound messages. */
  hasAdvancedOptOut: boolean;
}

/** A Twilio account. */
export interface Account {
  sid: string;
  authToken: string;
  secondaryAuthToken: string | null;
  friendlyName: string;
  status: "active" | "suspended" | "closed";
  type: "Full" | "Trial";
  createdAt: number;
  updatedAt: number;
  apiKeys: Map<string, string>;
  numbers: Map<string, PhoneNumber>;
  messages: Map<string, Message>;
  services: Map<string, MessagingService>;
  /** `<sender> <recipient>`: who sent STOP to whom. The sender is a number or a service. */
  optOuts: Set<string>;
  /** Recipients whose outcome a test arranged. */
  outcomes: Map<string, Outcome>;
  /** Recipients that a trial account may write to. */
  verifiedNumbers: Set<string>;
  /** When each WhatsApp address last wrote, by `<address> <sender>`. */
  whatsappSessions: Map<string, number>;
  usage: UsageLedger;
  balanceMicros: number;
}

/** The fields of an account that its maker may choose; the rest can be changed afterwards. */
export type NewAccount = Partial<Pick<Account, "sid" | "authToken" | "friendlyName">>;

/** All accounts, and all messages in the order in which they came. */
export class TwilioStore {
  readonly accounts = new Map<string, Account>();
  readonly #messages = new Map<string, Message>();
  readonly #maximumMessages: number;

  constructor(maximumMessages: number) {
    this.#maximumMessages = maximumMessages;
  }

  /** Makes an account; whatever is not given is made up. */
  addAccount(fields: NewAccount): Account {
    const now = Date.now();
    const account: Account = {
      sid: fields.sid ?? newSid("AC"),
      authToken: fields.authToken ?? newSid(""),
      secondaryAuthToken: null,
      friendlyName: fields.friendlyName ?? "Simulated account",
      status: "active",
      type: "Full",
      createdAt: now,
      updatedAt: now,
      apiKeys: new Map(),
      numbers: new Map(),
      messages: new Map(),
      services: new Map(),
      optOuts: new Set(),
      outcomes: new Map(),
      verifiedNumbers: new Set(),
      whatsappSessions: new Map(),
      usage: new UsageLedger(),
      balanceMicros: 100_000_000,
    };
    this.accounts.set(account.sid, account);
    return account;
  }

  /** Keeps a message, and lets go of the oldest when there are too many. */
  addMessage(message: Message): void {
    this.#messages.set(message.sid, message);
    this.accounts.get(message.accountSid)?.messages.set(message.sid, message);
    if (this.#messages.size > this.#maximumMessages) {
      const [oldest] = this.#messages.values();
      if (oldest) this.removeMessage(oldest);
    }
  }

  /** Deletes a message. */
  removeMessage(message: Message): void {
    this.#messages.delete(message.sid);
    this.accounts.get(message.accountSid)?.messages.delete(message.sid);
  }

  /** Every message, oldest first. */
  messages(): Iterable<Message> {
    return this.#messages.values();
  }

  /** Forgets everything. */
  clear(): void {
    this.accounts.clear();
    this.#messages.clear();
  }
}

/** A prefix and 32 hexadecimal digits, as Twilio's identifiers are. */
export function newSid(prefix: string): string {
  return prefix + crypto.randomUUID().replaceAll("-", "");
}

let sequence = 0;

/** Rises with every call, so that lists keep their order when something is deleted. */
export function nextSequence(): number {
  return ++sequence;
}
