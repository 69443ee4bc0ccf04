import type { CallReceipt, MessageReceipt } from "./message.ts";

/** A request that claims to come from the provider. */
export interface WebhookRequest {
  method: string;
  /** The public URL as registered at the provider, query included. */
  url: string;
  headers: Headers;
  /** The body's exact bytes. */
  body: Uint8Array;
}

/** What webhooks of one connection are verified with. Secret. */
export interface WebhookKey {
  /** The key, password or public key; empty where the provider offers nothing but our URL. */
  secret: string;
  nowMs: number;
}

export interface WebhookMedia {
  url: string;
  contentType: string;
}

interface AnyInboundMessage {
  kind: "message";
  externalId: string;
  from: string;
  to: string;
  text: string;
  media: WebhookMedia[];
  /** The contact's own name for themselves, where the channel has one. */
  senderName?: string;
}

export interface InboundText extends AnyInboundMessage {
  channel: "sms" | "whatsapp";
  segmentCount?: number;
  /** The provider already treated this message as consent being withdrawn, given or asked about. */
  optOutHint?: "stop" | "start" | "help";
}

export interface InboundEmail extends AnyInboundMessage {
  channel: "email";
  subject: string;
  html: string;
  cc: string[];
  /** The `Message-ID` header, without angle brackets; empty when there is none. */
  messageId: string;
  /** Of `In-Reply-To` and `References`, without angle brackets, oldest first. */
  references: string[];
}

/** Something a provider told us, in common words. */
export type WebhookEvent =
  | InboundText
  | InboundEmail
  /** `reference` is ours, given back; without it the URL names the attempt. */
  | ({ kind: "status"; reference?: string } & MessageReceipt)
  | ({ kind: "call"; reference?: string } & CallReceipt)
  /** An address wants nothing more, or wants to hear again, without a message that says so. */
  | {
    kind: "opt_out";
    externalId: string;
    address: string;
    isOptedOut: boolean;
    source: "provider" | "unsubscribe_link" | "complaint";
    reference?: string;
  }
  /** A number that was ordered: what became of the order. */
  | { kind: "number_order"; externalId: string; orderId: string };

/** The HTTP answer that a provider expects once its webhook has been stored. */
export interface WebhookAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Where a connection's webhooks go, and what proves that they come from the provider. */
export interface ConnectionWebhooks {
  inboundUrl: string;
  statusUrl: string;
  /** Ours, for providers that are given user and password; the user is `switchboard`. Secret. */
  password: string;
}

/** What came of setting webhooks up where they hold for the whole account, profile or application. */
export interface ConnectionWebhookSetup {
  /** The provider's own secret or public key for verifying, where it made one. Secret. */
  secret?: string;
  /** Kept with the connection, to find the setup again: ids of rules, profiles, webhooks. */
  settings?: Record<string, string>;
}
