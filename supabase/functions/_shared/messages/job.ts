/** A row of `claim_outbound_jobs`. */
export interface ClaimedJob {
  lease_token: string;
  step: "send" | "look_up";
  message_id: string;
  attempt_number: number;
  attempt_started_at: string;
  connection_id: string;
  provider: string;
  /** The provider's id of the attempt to look up, where it is known. */
  external_id: string | null;
  channel: "sms" | "whatsapp" | "email";
  from_address: string;
  to_address: string;
  body: string;
  media_urls: string[];
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
  is_retryable?: boolean;
  retry_after_ms?: number;
  segment_count?: number;
  price?: string;
  price_currency?: string;
}
