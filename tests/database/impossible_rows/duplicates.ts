import { freshNumber } from "../../support/world.ts";
import { addOperatorConnection, copy, type Impossible, update } from "./statements.ts";

/** By unique constraint or index: a row that is there already. */
export const DUPLICATES: Impossible = {
  agent_api_key_hashes_key_hash_key: () =>
    "update private.agent_api_key_hashes set key_hash = sha256('x')",
  agent_approvals_asked_once: (w) =>
    copy(
      "public.agent_approvals",
      "workspace_id, agent_id, tool_call_id, reason, summary",
      `tool_call_id = '${w.toolCallId}'`,
    ),
  agent_integration_permissions_granted_once: (w) =>
    copy(
      "public.agent_integration_permissions",
      "workspace_id, agent_id, connection_id, allowed_scopes",
      `agent_id = '${w.agentId}'`,
    ),
  agent_offers_message_once_idx: (w) =>
    copy(
      "public.agent_offers",
      "workspace_id, agent_id, conversation_id, message_id",
      `workspace_id = '${w.workspaceId}'`,
    ),
  agent_tool_calls_made_once: (w) =>
    copy(
      "public.agent_tool_calls",
      "workspace_id, agent_id, run_id, call_id, capability_key, arguments, arguments_hash",
      `id = '${w.toolCallId}'`,
    ),
  campaigns_idempotency_key_idx: (w) => `
    insert into public.campaigns (workspace_id, name, channel, idempotency_key, idempotency_fingerprint)
    select '${w.workspaceId}', 'Twin', 'sms', 'x', sha256('x') from generate_series(1, 2)`,
  calls_idempotency_key_idx: (w) =>
    update(
      "public.calls",
      "idempotency_key = 'x', idempotency_fingerprint = sha256('x')",
      `workspace_id = '${w.workspaceId}'`,
    ),
  calls_told_once_idx: (w) =>
    update(
      "public.calls",
      `connection_id = '${w.connectionId}', external_id = 'CA1'`,
      `workspace_id = '${w.workspaceId}'`,
    ),
  connection_credentials_webhook_token_hash_key: () =>
    "update private.connection_credentials set webhook_token_hash = sha256('x')",
  connections_account_is_connected_once: (w) => {
    const columns = "workspace_id, owner_user_id, provider, external_account_id, display_name";
    return [
      copy("public.connections", columns, `id = '${w.connectionId}'`),
      copy("public.connections", columns, `id = '${w.personalConnectionId}'`),
      `${addOperatorConnection}; ${copy("public.connections", columns, "workspace_id is null")}`,
    ];
  },
  contact_addresses_belong_to_one_contact: (w) => `
    insert into public.contact_addresses (workspace_id, contact_id, kind, address)
    select a.workspace_id, t.contact_id, a.kind, a.address
    from public.contact_addresses as a
    join public.conversations as t on t.id = '${w.otherConversationId}'
    where a.contact_id = '${w.contactId}'`,
  conversation_messages_idempotency_key_idx: (w) => `
    insert into public.conversation_messages (
      workspace_id, conversation_id, direction, status, from_address, to_address,
      idempotency_key, idempotency_fingerprint
    )
    select '${w.workspaceId}', '${w.conversationId}', 'outbound', 'queued', 'a', 'b', 'key', sha256('x')
    from generate_series(1, 2)`,
  conversation_messages_received_once_idx: (w) =>
    copy(
      "public.conversation_messages",
      "workspace_id, conversation_id, direction, status, from_address, to_address, external_id",
      `id = '${w.messageId}'`,
    ),
  conversations_thread_once_idx: (w) =>
    copy(
      "public.conversations",
      "workspace_id, contact_id, channel, contact_address",
      `id = '${w.conversationId}'`,
    ),
  email_senders_default_once_idx: (w) => `
    insert into public.email_senders (connection_id, email_address, status, last_verified_at, is_default)
    select '${w.emailConnectionId}', i || '@x.example', 'active', now(), true from generate_series(1, 2) as i`,
  email_senders_listed_once: (w) =>
    copy("public.email_senders", "connection_id, email_address", `id = '${w.emailSenderId}'`),
  integration_capabilities_key_names_one_tool: () =>
    update(
      "public.integration_capabilities",
      "capability_key = 'telnyx_get_balance'",
      "capability_key = 'twilio_get_balance'",
    ),
  integration_capabilities_key_once_per_provider: () =>
    update(
      "public.integration_capabilities",
      "capability_key = 'twilio_send_sms', family = 'send_sms'",
      "capability_key = 'twilio_get_balance'",
    ),
  integration_capabilities_order_once_per_provider: () =>
    update(
      "public.integration_capabilities",
      "display_order = 1",
      "capability_key = 'twilio_get_balance'",
    ),
  idempotent_requests_are_begun_once: (w) =>
    copy(
      "private.idempotent_requests",
      "workspace_id, caller_id, route, idempotency_key, fingerprint",
      `workspace_id = '${w.workspaceId}'`,
    ),
  invitation_tokens_token_hash_key: () =>
    "update private.invitation_tokens set token_hash = sha256('x')",
  live_chat_session_tokens_token_hash_key: () =>
    "update private.live_chat_session_tokens set token_hash = sha256('x')",
  live_chat_widgets_public_key_key: (w) =>
    copy(
      "public.live_chat_widgets",
      "workspace_id, name, public_key, allowed_origins",
      `id = '${w.widgetId}'`,
    ),
  message_schedules_occur_once: (w) =>
    update(
      "public.message_schedules",
      `series_id = '${w.scheduledMessageId}'`,
      `workspace_id = '${w.workspaceId}'`,
    ),
  message_templates_written_once: (w) =>
    copy(
      "public.message_templates",
      "workspace_id, name, channel, language, body",
      `id = '${w.templateId}'`,
    ),
  number_orders_made_once: (w) => `
    insert into public.number_orders (
      workspace_id, connection_id, phone_number, country, idempotency_key, idempotency_fingerprint
    )
    select workspace_id, connection_id, '${freshNumber()}', country, idempotency_key, idempotency_fingerprint
    from public.number_orders where workspace_id = '${w.workspaceId}'`,
  number_orders_open_once_idx: (w) => `
    insert into public.number_orders (
      workspace_id, connection_id, phone_number, country, idempotency_key, idempotency_fingerprint
    )
    select workspace_id, connection_id, phone_number, country, 'another', idempotency_fingerprint
    from public.number_orders where workspace_id = '${w.workspaceId}'`,
  opt_outs_hold_once_idx: (w) =>
    copy(
      "public.opt_outs",
      "workspace_id, kind, address, source, actor_id",
      `workspace_id = '${w.workspaceId}'`,
    ),
  phone_number_assignments_made_once: (w) => {
    const columns = "workspace_id, phone_number_id, user_id, agent_id";
    const where = `workspace_id = '${w.workspaceId}'`;
    return [
      copy("public.phone_number_assignments", columns, where),
      `update public.phone_number_assignments set agent_id = null, user_id = '${w.memberId}' where ${where};
        ${copy("public.phone_number_assignments", columns, where)}`,
    ];
  },
  phone_numbers_active_once_idx: (w, other) =>
    update(
      "public.phone_numbers",
      `phone_number = '${w.phoneNumber}'`,
      `id = '${other.phoneNumberId}'`,
    ),
  phone_numbers_default_once_idx: (w) => `
    update public.phone_numbers set is_default = false where workspace_id = '${w.workspaceId}';
    insert into public.phone_numbers (
      connection_id, phone_number, external_id, capabilities, status, last_verified_at, is_default
    )
    select '${w.connectionId}', n, n, '{}', 'active', now(), true
    from unnest('{${freshNumber()},${freshNumber()}}'::text[]) as n`,
  phone_numbers_listed_once: (w) =>
    copy(
      "public.phone_numbers",
      "connection_id, phone_number, external_id, capabilities",
      `id = '${w.phoneNumberId}'`,
    ),
  plans_default_once_idx: () => update("public.plans", "is_default = true", "id = 'pro'"),
  routing_policies_one_per_channel: (w) =>
    copy("public.routing_policies", "workspace_id, channel", `id = '${w.routingPolicyId}'`),
  routing_policy_steps_position_once: (w) =>
    copy(
      "public.routing_policy_steps",
      "workspace_id, routing_policy_id, position, connection_id",
      `routing_policy_id = '${w.routingPolicyId}'`,
    ),
  service_providers_name_key: () =>
    copy(
      "public.service_providers",
      "name, display_name, scopes_supported, configuration_metadata",
      "name = 'twilio'",
    ),
  team_channels_name_once_idx: (w) => `
    insert into public.team_channels (workspace_id, name)
    select workspace_id, upper(name) from public.team_channels where id = '${w.teamChannelId}'`,
  usage_daily_counted_once: (w) =>
    copy(
      "public.usage_daily",
      "workspace_id, day, channel, provider, phone_number_id, email_sender_id, agent_id, campaign_id, cost_currency",
      `workspace_id = '${w.workspaceId}'`,
    ),
  user_integration_settings_made_once: (w) =>
    copy(
      "public.user_integration_settings",
      "workspace_id, user_id, connection_id",
      `workspace_id = '${w.workspaceId}'`,
    ),
  webhook_events_told_once: (w) =>
    copy(
      "public.webhook_events",
      "workspace_id, connection_id, kind, external_id, status, event, body",
      `workspace_id = '${w.workspaceId}'`,
    ),
  webhook_refusals_counted_once: () => `
    insert into private.webhook_refusals (provider, reason, hour, refusal_count)
    select 'twilio', 'unknown_token', now(), 1 from generate_series(1, 2)`,
  workspace_invitations_open_once_idx: (w) =>
    copy(
      "public.workspace_invitations",
      "workspace_id, email, role",
      `workspace_id = '${w.workspaceId}'`,
    ),
  workspaces_slug_key: (w, other) =>
    update("public.workspaces", `slug = '${w.slug}'`, `id = '${other.workspaceId}'`),
};
