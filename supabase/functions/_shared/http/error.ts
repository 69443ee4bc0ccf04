import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Every code an endpoint can answer with, and its HTTP status. Codes are stable; sentences are not. */
export const ERROR_CODES = {
  invalid_json: 400,
  invalid_request: 400,
  not_authenticated: 401,
  // Not 403: Postmark would never try again, although a key may only be late.
  signature_invalid: 401,
  agent_spend_limit_reached: 402,
  plan_limit_reached: 402,
  spend_cap_reached: 402,
  agent_inactive: 403,
  approval_refused: 403,
  channel_not_allowed: 403,
  contact_not_allowed: 403,
  conversation_not_assigned: 403,
  forbidden: 403,
  new_contact_not_allowed: 403,
  sender_not_allowed: 403,
  tool_not_allowed: 403,
  not_found: 404,
  contact_not_found: 404,
  conversation_not_found: 404,
  media_not_found: 404,
  message_not_found: 404,
  sender_not_found: 404,
  tool_not_found: 404,
  method_not_allowed: 405,
  already_canceled: 409,
  already_handed_over: 409,
  approval_expired: 409,
  conflict: 409,
  conversation_taken_over: 409,
  estimate_missing: 409,
  idempotency_key_reused: 409,
  number_connected_elsewhere: 409,
  number_unavailable: 409,
  outcome_unknown: 409,
  request_in_progress: 409,
  too_large: 413,
  address_column_missing: 422,
  campaign_incomplete: 422,
  cost_too_high: 422,
  credentials_refused: 422,
  idempotency_key_invalid: 422,
  invalid_arguments: 422,
  invalid_recipient: 422,
  invalid_sender: 422,
  media_url_invalid: 422,
  message_empty: 422,
  message_too_long: 422,
  no_sender: 422,
  outside_window: 422,
  provider_refused: 422,
  quiet_hours: 422,
  recipient_missing: 422,
  recipient_opted_out: 422,
  schedule_invalid: 422,
  subject_missing: 422,
  template_invalid: 422,
  too_many_attachments: 422,
  too_many_errors: 422,
  too_many_media: 422,
  too_many_recipients: 422,
  unsupported: 422,
  agent_rate_limited: 429,
  rate_limited: 429,
  internal: 500,
  connection_unavailable: 503,
  provider_unavailable: 503,
  unavailable: 503,
} as const satisfies Record<string, ContentfulStatusCode>;
export type ErrorCode = keyof typeof ERROR_CODES;

/** One thing that is wrong with a request, and where. */
export interface Issue {
  /** Path of the field, such as `credentials.auth_token`. */
  field: string;
  message: string;
}

export interface ErrorDetails {
  issues?: Issue[];
  /** What to do about it. */
  hint?: string;
  /** The provider's own code, when it refused. */
  provider_code?: string;
  /** The agent's call that came to this, as it was written down. */
  tool_call?: { id: string; status: string };
}

/** An error that is meant for the caller. Anything else becomes `internal`. */
export class AppError extends Error {
  override name = "AppError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_CODES, code);
}

const DEFAULT_RETRY_AFTER_SECONDS: Record<number, number> = { 429: 30, 503: 5 };

/** The envelope of every error answer. */
export function errorResponse(error: AppError): Response {
  const { code, message, details, retryAfterSeconds } = error;
  const hasDetails = Object.keys(details).length > 0;
  const body = { error: { code, message, ...(hasDetails ? { details } : {}) } };
  const headers = new Headers();
  const wait = retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS[ERROR_CODES[code]];
  if (wait !== undefined) headers.set("retry-after", String(wait));
  return Response.json(body, { status: ERROR_CODES[code], headers });
}
