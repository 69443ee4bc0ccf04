import type { FullWorld } from "../../support/full_world.ts";
import { badLengths, type Impossible, update } from "./statements.ts";

const agent = (w: FullWorld) => (change: string) =>
  update("public.agents", change, `id = '${w.agentId}'`);
const key = (w: FullWorld) => (change: string) =>
  update("public.agent_api_keys", change, `agent_id = '${w.agentId}'`);
const guardrails = (w: FullWorld) => (change: string) =>
  update("public.agent_guardrails", change, `agent_id = '${w.agentId}'`);
const permission = (w: FullWorld) => (change: string) =>
  update("public.agent_integration_permissions", change, `agent_id = '${w.agentId}'`);
const toolCall = (w: FullWorld) => (change: string) =>
  update("public.agent_tool_calls", change, `id = '${w.toolCallId}'`);
const approval = (w: FullWorld) => (change: string) =>
  update("public.agent_approvals", change, `tool_call_id = '${w.toolCallId}'`);
const offer = (w: FullWorld) => (change: string) =>
  update("public.agent_offers", change, `conversation_id = '${w.conversationId}'`);
/** The trigger says in words what the constraint says of such an address. */
const withoutGuard = (statement: string) =>
  `alter table public.agents disable trigger agents_check_webhook; ${statement}`;
const webhookSecret = (w: FullWorld) => (change: string) =>
  update("private.agent_webhook_secrets", change, `agent_id = '${w.agentId}'`);

/** Agents, what they may do and what they did. */
export const AGENTS: Impossible = {
  agent_api_key_hashes_hash_is_sha256: (w) =>
    `update private.agent_api_key_hashes set key_hash = substring(key_hash from 2) where key_id in
      (select id from public.agent_api_keys where agent_id = '${w.agentId}')`,
  agent_api_keys_expire_later: (w) => key(w)("expires_at = created_at"),
  agent_api_keys_name_has_length: (w) => badLengths(key(w), "name", 100),
  agent_api_keys_prefix_is_short: (w) => [
    key(w)("key_prefix = 'key_01234567'"),
    key(w)("key_prefix = 'sbk_0123456789abcdef'"),
  ],
  agent_api_keys_replaced_by_another: (w) => key(w)("replaced_by = id"),
  agent_api_keys_scopes_are_named: (w) => [
    key(w)("allowed_scopes = '{}'"),
    key(w)("allowed_scopes = '{sms,null}'"),
  ],
  agent_approvals_decider_has_decided: (w) => approval(w)(`decided_by = '${w.ownerId}'`),
  agent_approvals_decided_when_final: (w) => [
    approval(w)("decided_at = now()"),
    approval(w)("status = 'approved'"),
    approval(w)("status = 'refused'"),
    approval(w)("status = 'expired', decided_at = now()"),
  ],
  agent_approvals_expire_later: (w) => approval(w)("expires_at = created_at"),
  agent_approvals_note_is_of_decision: (w) => [
    approval(w)("note = 'Too pushy'"),
    ...badLengths(
      (change) => approval(w)(`status = 'approved', decided_at = now(), ${change}`),
      "note",
      1000,
    ),
  ],
  agent_approvals_reason_is_known: (w) => approval(w)("reason = 'mood'"),
  agent_approvals_status_is_known: (w) => approval(w)("status = 'lost'"),
  agent_approvals_summary_has_length: (w) => badLengths(approval(w), "summary", 2000),
  agent_guardrails_caps_are_not_negative: (w) => [
    guardrails(w)("messages_per_hour = -1"),
    guardrails(w)("messages_per_day = -1"),
    guardrails(w)("spend_per_day = -1"),
    guardrails(w)("spend_per_day = 'NaN'"),
    guardrails(w)("spend_per_day = 'Infinity'"),
  ],
  agent_guardrails_channels_are_known: (w) => [
    guardrails(w)("allowed_channels = '{pigeon}'"),
    guardrails(w)("allowed_channels = '{sms,null}'"),
  ],
  agent_guardrails_denials_are_named: (w) => guardrails(w)("denied_capability_keys = '{null}'"),
  agent_guardrails_lists_are_whole: (w) => [
    guardrails(w)("allowed_contact_ids = '{null}'"),
    guardrails(w)("allowed_contact_labels = '{vip,null}'"),
    guardrails(w)("allowed_phone_number_ids = '{null}'"),
  ],
  agent_guardrails_platform_scopes_are_of_use: (w) => [
    guardrails(w)("platform_scopes = '{balance}'"),
    guardrails(w)("platform_scopes = '{sms,null}'"),
  ],
  agent_guardrails_quiet_hours_are_whole: (w) => [
    guardrails(w)("quiet_hours_start = null"),
    guardrails(w)("quiet_hours_end = null"),
    guardrails(w)("quiet_hours_end = quiet_hours_start"),
  ],
  agent_guardrails_spend_is_in_usd: (w) => guardrails(w)("spend_currency = 'EUR'"),
  agent_integration_permissions_denials_are_named: (w) =>
    permission(w)("denied_scopes = '{sms,null}'"),
  agent_integration_permissions_scopes_are_named: (w) => [
    permission(w)("allowed_scopes = '{}'"),
    permission(w)("allowed_scopes = '{sms,null}'"),
    permission(w)("allowed_scopes = '{sms,null}', is_active = false"),
  ],
  agent_offers_answered_has_time: (w) => [
    offer(w)("answered_at = now()"),
    offer(w)("state = 'answered', next_attempt_at = null"),
  ],
  agent_offers_attempts_are_counted: (w) => offer(w)("attempt_count = -1"),
  agent_offers_cancel_reason_is_known: (w) =>
    offer(w)("state = 'canceled', next_attempt_at = null, cancel_reason = 'mood'"),
  agent_offers_canceled_says_why: (w) => [
    offer(w)("cancel_reason = 'taken_over'"),
    offer(w)("state = 'canceled', next_attempt_at = null"),
  ],
  agent_offers_delivered_has_time: (w) => offer(w)("state = 'delivered', next_attempt_at = null"),
  agent_offers_error_has_length: (w) => badLengths(offer(w), "last_error", 500),
  agent_offers_failure_says_why: (w) => offer(w)("state = 'failed', next_attempt_at = null"),
  agent_offers_next_attempt_when_pending: (w) => [
    offer(w)("next_attempt_at = null"),
    offer(w)("state = 'delivered', delivered_at = now()"),
  ],
  agent_offers_state_is_known: (w) => offer(w)("state = 'lost', next_attempt_at = null"),
  agent_tool_calls_arguments_are_an_object: (w) => toolCall(w)("arguments = '[]'"),
  agent_tool_calls_unfinished_has_no_outcome: (w) => [
    toolCall(w)("result = '{}'"),
    toolCall(w)("status = 'awaiting_approval', error_code = 'x'"),
  ],
  agent_tool_calls_failure_says_why: (w) => [
    toolCall(w)("status = 'failed', finished_at = now()"),
    toolCall(w)("status = 'refused', finished_at = now()"),
  ],
  agent_tool_calls_finished_when_final: (w) => [
    toolCall(w)("finished_at = now()"),
    toolCall(w)("status = 'succeeded', result = '{}'"),
    toolCall(w)("status = 'failed', error_code = 'x'"),
    toolCall(w)("status = 'refused', error_code = 'x'"),
  ],
  agent_tool_calls_hash_is_sha256: (w) => toolCall(w)("arguments_hash = 'x'"),
  agent_tool_calls_ids_have_length: (w) => [
    ...badLengths(toolCall(w), "run_id", 255),
    ...badLengths(toolCall(w), "call_id", 255),
  ],
  agent_tool_calls_message_is_of_error: (w) => toolCall(w)("error_message = 'late'"),
  agent_tool_calls_reason_has_length: (w) => badLengths(toolCall(w), "reason", 1000),
  agent_tool_calls_status_is_known: (w) => toolCall(w)("status = 'lost'"),
  agent_tool_calls_succeeded_has_result: (w) =>
    toolCall(w)("status = 'succeeded', finished_at = now()"),
  agent_webhook_secrets_previous_is_whole: (w) => [
    webhookSecret(w)("previous_secret_id = secret_id"),
    webhookSecret(w)("previous_ends_at = now()"),
  ],
  agents_description_has_length: (w) => badLengths(agent(w), "description", 2000),
  agents_name_has_length: (w) => badLengths(agent(w), "name", 100),
  agents_webhook_disabled_has_url: (w) => agent(w)("webhook_disabled_at = now()"),
  agents_webhook_url_is_https: (w) => [
    withoutGuard(agent(w)("webhook_url = 'http://agent.example.com/'")),
    withoutGuard(agent(w)("webhook_url = 'https://agent.example.com/' || repeat('x', 2048)")),
  ],
  credential_access_log_names_one: (w) => [
    "insert into private.credential_access_log (actor, reason) values ('x', 'x')",
    `insert into private.credential_access_log (actor, reason, agent_id, connection_id)
     values ('x', 'x', '${w.agentId}', '${w.connectionId}')`,
  ],
};
