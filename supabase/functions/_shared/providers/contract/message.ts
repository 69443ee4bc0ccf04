/** The common status of a message; `unknown` stands for a word the adapter does not list. */
export type ProviderStatus =
  | "queued"
  | "sending"
  | "sent"
  | "delivered"
  | "read"
  | "undelivered"
  | "failed"
  | "received"
  | "unknown";

interface AnyOutboundMessage {
  /** Addresses in the provider-neutral form: E.164, or an e-mail address. */
  from: string;
  to: string;
  /** Where the provider reports what became of this attempt, where it takes a URL per message. */
  statusUrl: string;
  /**
   * Names this attempt, for providers that give it back in their reports: at most 64 characters of
   * letters, digits, `-` and `.`.
   */
  reference: string;
}

/** SMS, or MMS where there are media. */
export interface OutboundText extends AnyOutboundMessage {
  channel: "sms";
  text: string;
  /** https URLs that the provider fetches. */
  mediaUrls: ReadonlyArray<string>;
}

/** Outside of 24 hours after the contact last wrote, WhatsApp takes approved templates only. */
export interface OutboundWhatsApp extends AnyOutboundMessage {
  channel: "whatsapp";
  text: string;
  mediaUrls: ReadonlyArray<string>;
  template?: {
    /** The provider's id or name of the template. */
    externalId: string;
    /** BCP 47. */
    language: string;
    /** By name or by position from 1, as the template numbers them. */
    variables: Readonly<Record<string, string>>;
  };
}

export interface EmailAttachment {
  fileName: string;
  contentType: string;
  /** Base64. */
  content: string;
  /** Set where the HTML refers to it by `cid:`. */
  contentId?: string;
}

export interface OutboundEmail extends AnyOutboundMessage {
  channel: "email";
  /** The name that recipients see beside `from`. */
  fromName?: string;
  cc: ReadonlyArray<string>;
  bcc: ReadonlyArray<string>;
  replyTo?: string;
  subject: string;
  /** At least one of `text` and `html` is not empty. */
  text: string;
  html: string;
  attachments: ReadonlyArray<EmailAttachment>;
  /** Further headers by name, threading headers (`In-Reply-To`, `References`) among them. */
  headers: Readonly<Record<string, string>>;
}

export type OutboundMessage = OutboundText | OutboundWhatsApp | OutboundEmail;
export type Channel = OutboundMessage["channel"];

/** What the provider says of one message. */
export interface MessageReceipt {
  externalId: string;
  status: ProviderStatus;
  /** The provider's own word. */
  providerStatus: string;
  /** Absent until the provider knows. Positive decimal, in `priceCurrency`. */
  price?: string;
  priceCurrency?: string;
  segmentCount?: number;
  errorCode?: string;
  errorMessage?: string;
}

/** A message found at the provider, with what is needed to recognise it as ours. */
export interface FoundMessage extends MessageReceipt {
  from: string;
  to: string;
  /** Absent where the provider's lists do not tell. */
  text?: string;
  createdAt?: string;
  direction: "inbound" | "outbound";
  /** The attempt that it was sent by, where the provider gives our reference back. */
  reference?: string;
}

/** At least one of `from` and `to`. Providers list late: finding nothing proves nothing. */
export interface MessageSearch {
  /** `sms` where it is absent. */
  channel?: Channel;
  from?: string;
  to?: string;
  /** ISO 8601; nothing created before it is wanted. */
  since: string;
}

/** A voice call to start. What the person hears when it is answered is our text, spoken. */
export interface OutboundCall {
  from: string;
  to: string;
  /** Spoken when the call is answered. */
  text: string;
  /** BCP 47. */
  language: string;
  statusUrl: string;
  reference: string;
}

export type CallStatus =
  | "queued"
  | "ringing"
  | "in_progress"
  | "completed"
  | "busy"
  | "no_answer"
  | "failed"
  | "canceled"
  | "unknown";

export interface CallReceipt {
  externalId: string;
  status: CallStatus;
  /** The provider's own word. */
  providerStatus: string;
  durationSeconds?: number;
  price?: string;
  priceCurrency?: string;
  errorCode?: string;
  errorMessage?: string;
}
