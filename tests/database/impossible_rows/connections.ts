import type { FullWorld } from "../../support/full_world.ts";
import { freshNumber } from "../../support/world.ts";
import {
  addOperatorConnection,
  badLengths,
  type Impossible,
  OPERATOR_CONNECTION_ID,
  update,
} from "./statements.ts";

const connection = (w: FullWorld) => (change: string) =>
  update("public.connections", change, `id = '${w.connectionId}'`);
const credentials = (w: FullWorld) => (change: string) =>
  update("private.connection_credentials", change, `connection_id = '${w.connectionId}'`);
const number = (w: FullWorld) => (change: string) =>
  update("public.phone_numbers", change, `id = '${w.phoneNumberId}'`);
const order = (w: FullWorld) => (change: string) =>
  update("public.number_orders", change, `workspace_id = '${w.workspaceId}'`);
const assignment = (w: FullWorld) => (change: string) =>
  update("public.phone_number_assignments", change, `workspace_id = '${w.workspaceId}'`);
const numberSettings = (w: FullWorld) => (change: string) =>
  update("public.phone_number_settings", change, `workspace_id = '${w.workspaceId}'`);
const sender = (w: FullWorld) => (change: string) =>
  update("public.email_senders", change, `id = '${w.emailSenderId}'`);
const personalSettings = (w: FullWorld) => (change: string) =>
  update("public.user_integration_settings", change, `user_id = '${w.memberId}'`);
const health = (w: FullWorld) => (change: string) =>
  update("public.connection_health", change, `connection_id = '${w.connectionId}'`);
const rate = (w: FullWorld) => (change: string) =>
  update("public.connection_rates", change, `connection_id = '${w.connectionId}'`);
const policy = (w: FullWorld) => (change: string) =>
  update("public.routing_policies", change, `id = '${w.routingPolicyId}'`);
const request = (w: FullWorld) => (change: string) =>
  update("private.idempotent_requests", change, `workspace_id = '${w.workspaceId}'`);
const step = (w: FullWorld) => (change: string) =>
  update("public.routing_policy_steps", change, `routing_policy_id = '${w.routingPolicyId}'`);

const addNumber = (connectionId: string, column: string, value: string) => `
  insert into public.phone_numbers (
    connection_id, phone_number, external_id, capabilities, status, last_verified_at, ${column}
  ) values ('${connectionId}', '${freshNumber()}', 'PN1', '{}', 'active', now(), ${value})`;
const addSender = (connectionId: string, column: string, value: string) => `
  insert into public.email_senders (connection_id, email_address, status, last_verified_at, ${column})
  values ('${connectionId}', 'x@x.example', 'active', now(), ${value})`;

/** Connections, their senders, how they do and in what order they are tried. */
export const CONNECTIONS: Impossible = {
  connection_credentials_token_hash_is_sha256: (w) => credentials(w)("webhook_token_hash = 'x'"),
  connection_health_counts_are_not_negative: (w) => [
    health(w)("success_count = -1"),
    health(w)("failure_count = -1"),
  ],
  connection_health_failure_says_why: (w) => health(w)("last_failure_at = now()"),
  connection_health_open_will_be_probed: (w) => [
    health(w)("state = 'open'"),
    health(w)("state = 'open', opened_at = now()"),
    health(w)("state = 'half_open', probe_at = now()"),
    health(w)("opened_at = now()"),
    health(w)("probe_at = now()"),
  ],
  connection_health_state_is_known: (w) =>
    health(w)("state = 'ajar', opened_at = now(), probe_at = now()"),
  connection_rates_channel_is_known: (w) => rate(w)("channel = 'pigeon'"),
  connection_rates_price_is_an_amount: (w) => [
    rate(w)("price = -1"),
    rate(w)("price = 'NaN'"),
    rate(w)("price = 'Infinity'"),
  ],
  connections_max_concurrent_is_positive: (w) => connection(w)("max_concurrent = 0"),
  connections_account_is_named: (w) => badLengths(connection(w), "external_account_id", 255),
  connections_settings_are_an_object: (w) => connection(w)("settings = '[]'"),
  connections_display_name_has_length: (w) => badLengths(connection(w), "display_name", 100),
  connections_error_says_why: (w) => connection(w)("status = 'error', last_error = null"),
  connections_status_is_known: (w) => connection(w)("status = 'broken'"),
  connections_user_owned_has_workspace: (w) => `
    insert into public.connections (owner_user_id, provider, external_account_id, display_name)
    values ('${w.ownerId}', 'twilio', 'x', 'x')`,
  connections_weight_is_positive: (w) => connection(w)("weight = 0"),
  email_senders_active_is_verified: (w) => sender(w)("last_verified_at = null"),
  email_senders_email_is_an_address: (w) => [
    sender(w)("email_address = 'nowhere'"),
    sender(w)("email_address = 'Not@Lower.example'"),
    sender(w)("email_address = repeat('x', 250) || '@x.example'"),
  ],
  email_senders_agent_has_workspace: (w) =>
    `${addOperatorConnection}; ${addSender(OPERATOR_CONNECTION_ID, "agent_id", `'${w.agentId}'`)}`,
  email_senders_default_is_active: (w) => sender(w)("status = 'pending', is_default = true"),
  email_senders_default_is_shared: (w) => [
    `${addOperatorConnection}; ${addSender(OPERATOR_CONNECTION_ID, "is_default", "true")}`,
    addSender(w.personalConnectionId, "is_default", "true"),
  ],
  email_senders_display_name_has_length: (w) => badLengths(sender(w), "display_name", 100),
  email_senders_metadata_is_an_object: (w) => sender(w)("metadata = '[]'"),
  email_senders_status_is_known: (w) => sender(w)("status = 'lost'"),
  number_orders_completed_has_number: (w) =>
    order(w)("state = 'completed', finished_at = now(), due_at = null"),
  number_orders_country_is_iso: (w) => [order(w)("country = 'usa'"), order(w)("country = 'us'")],
  number_orders_due_while_open: (w) => [
    order(w)("due_at = null"),
    order(w)("state = 'failed', finished_at = now(), error_code = 'x', reason = 'x'"),
  ],
  number_orders_failed_says_why: (w) => [
    order(w)("state = 'failed', finished_at = now(), due_at = null, error_code = 'x'"),
    order(w)("state = 'failed', finished_at = now(), due_at = null, reason = 'x'"),
  ],
  idempotent_requests_body_has_status: (w) => request(w)("body = '{}'"),
  idempotent_requests_expire_after_lease: (w) => request(w)("expires_at = lease_ends_at"),
  idempotent_requests_fingerprint_is_sha256: (w) => request(w)("fingerprint = 'x'"),
  idempotent_requests_key_has_length: (w) => badLengths(request(w), "idempotency_key", 255),
  idempotent_requests_route_has_length: (w) => badLengths(request(w), "route", 200),
  idempotent_requests_status_is_of_http: (w) => [
    request(w)("status = 199"),
    request(w)("status = 600"),
  ],
  number_orders_fingerprint_is_sha256: (w) => order(w)("idempotency_fingerprint = 'x'"),
  number_orders_finished_when_final: (w) => [
    order(w)("finished_at = now()"),
    order(w)("state = 'failed', due_at = null, error_code = 'x', reason = 'x'"),
  ],
  number_orders_friendly_name_has_length: (w) => badLengths(order(w), "friendly_name", 100),
  number_orders_key_has_length: (w) => badLengths(order(w), "idempotency_key", 255),
  number_orders_pending_has_external_id: (w) => order(w)("state = 'pending'"),
  number_orders_phone_number_is_e164: (w) => [
    order(w)("phone_number = '0800'"),
    order(w)("phone_number = '14155550100'"),
  ],
  number_orders_retryable_has_failed: (w) => order(w)("is_retryable = true"),
  number_orders_state_is_known: (w) => order(w)("state = 'lost'"),
  phone_number_assignments_to_one: (w) => [
    assignment(w)("agent_id = null"),
    assignment(w)(`user_id = '${w.memberId}'`),
  ],
  phone_number_settings_forward_to_e164: (w) => numberSettings(w)("forward_calls_to = '0800'"),
  phone_number_settings_greeting_has_length: (w) =>
    badLengths(numberSettings(w), "voicemail_greeting", 1000),
  phone_numbers_active_is_verified: (w) => number(w)("last_verified_at = null"),
  phone_numbers_agent_has_workspace: (w) =>
    `${addOperatorConnection}; ${addNumber(OPERATOR_CONNECTION_ID, "agent_id", `'${w.agentId}'`)}`,
  phone_numbers_capabilities_are_flags: (w) => [
    number(w)("capabilities = '[]'"),
    number(w)(`capabilities = '{"sms": "yes"}'`),
  ],
  phone_numbers_metadata_is_an_object: (w) => number(w)("metadata = '[]'"),
  phone_numbers_default_is_active: (w) => number(w)("status = 'inactive', is_default = true"),
  phone_numbers_default_is_shared: (w) => [
    `${addOperatorConnection}; ${addNumber(OPERATOR_CONNECTION_ID, "is_default", "true")}`,
    `${number(w)("is_default = false")};
      update public.phone_numbers set is_default = true where id = '${w.personalPhoneNumberId}'`,
  ],
  phone_numbers_friendly_name_has_length: (w) => badLengths(number(w), "friendly_name", 100),
  phone_numbers_daily_limit_is_positive: (w) => number(w)("daily_limit = 0"),
  phone_numbers_pace_is_positive: (w) => [
    number(w)("messages_per_second = 0"),
    number(w)("messages_per_second = -1"),
    number(w)("messages_per_second = 'NaN'"),
    number(w)("messages_per_second = 'Infinity'"),
  ],
  phone_numbers_phone_number_is_e164: (w) => [
    number(w)("phone_number = '0800'"),
    number(w)("phone_number = '14155550100'"),
    number(w)("phone_number = '+1415555010012345'"),
  ],
  phone_numbers_status_is_known: (w) => number(w)("is_default = false, status = 'lost'"),
  phone_numbers_webhook_has_url: (w) => number(w)("webhook_configured = true, webhook_url = null"),
  routing_policies_channel_is_known: (w) => policy(w)("channel = 'pigeon'"),
  routing_policies_strategy_is_known: (w) => policy(w)("strategy = 'hope'"),
  routing_policy_steps_countries_are_iso: (w) => [
    step(w)("countries = '{}'"),
    step(w)("countries = '{usa}'"),
    step(w)("countries = '{US,null}'"),
  ],
  routing_policy_steps_one_sender: (w) => `
    ${addSender(w.connectionId, "id", "'b0000000-0000-4000-8000-000000000001'")};
    ${
    step(w)(
      `phone_number_id = '${w.phoneNumberId}', email_sender_id = 'b0000000-0000-4000-8000-000000000001'`,
    )
  }`,
  routing_policy_steps_position_is_positive: (w) => step(w)("position = 0"),
  routing_policy_steps_weight_is_positive: (w) => step(w)("weight = 0"),
  user_integration_settings_are_an_object: (w) => personalSettings(w)("settings = '[]'"),
  user_integration_settings_have_size: (w) =>
    personalSettings(w)("settings = jsonb_build_object('x', repeat('x', 16384))"),
};
