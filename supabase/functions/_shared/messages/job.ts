import type { Channel, ErrorOwner } from "../providers/provider.ts";

/** What a lease holds: an attempt that is made now, or one that was made before. */
export interface LeasedAttempt {
  lease_token: string;
  message_id: string;
  attempt_number: number;
  connection_id: string;
  provider: string;
  channel: Channel;
  from_address: string;
  to_address: string;
  body: string;
}

/** A row of `claim_outbound_jobs`. */
export interface ClaimedJob extends LeasedAttempt {
  /** Https URLs; a stored file stands as its path until it is given one. */
  media_urls: string[];
}

/** A row of `claim_look_ups`. */
export interface ClaimedLookUp extends LeasedAttempt {
  attempt_started_at: string;
  /** The provider's id of the attempt, where it is known. */
  external_id: string | null;
}

/** The same with what only some channels have. */
export interface Job extends ClaimedJob {
  template: TemplatePart | null;
  email: EmailPart | null;
}

/** The template of a WhatsApp message. */
export interface TemplatePart {
  external_id: string;
  language: string;
  variables: Record<string, string>;
}

/** What only an e-mail has; its files are read one message at a time. */
export interface EmailPart {
  from_name: string | null;
  subject: string;
  html: string;
  cc: string[];
  bcc: string[];
  reply_to: string | null;
  headers: Record<string, string>;
  /** Without angle brackets, oldest first; the last is what it answers. */
  reference_ids: string[];
  /** Ours, by which answers find back. */
  internet_message_id: string;
  attachment_count: number;
}

/** What `record_attempts` takes for one message. */
export interface Outcome {
  message_id: string;
  outcome: "accepted" | "rejected" | "unknown";
  external_id?: string;
  status?: string;
  error_code?: string;
  error_message?: string;
  provider_code?: string;
  /** Who has to act on a refusal: tells whether another connection could do better. */
  owner?: ErrorOwner;
  is_retryable?: boolean;
  retry_after_ms?: number;
  segment_count?: number;
  price?: string;
  price_currency?: string;
}
