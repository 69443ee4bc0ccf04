import type { FullWorld } from "../../support/full_world.ts";
import { type Impossible, update } from "./statements.ts";

/** One row of the world's own that is pointed at what another workspace, or another connection, has. */
const own = (table: string, w: FullWorld, change: string) =>
  update(
    `public.${table}`,
    change,
    `ctid = (select ctid from public.${table} where workspace_id = '${w.workspaceId}' limit 1)`,
  );
const mine = (w: FullWorld, change: string) =>
  update("public.user_integration_settings", change, `user_id = '${w.memberId}'`);

/** By foreign key of two columns: a reference that leaves the workspace or the connection. */
export const STRANGERS: Impossible = {
  agent_api_keys_agent_of_workspace: (w, o) =>
    own("agent_api_keys", w, `agent_id = '${o.agentId}'`),
  agent_api_keys_replaced_by_of_workspace: (w, o) =>
    own(
      "agent_api_keys",
      w,
      `replaced_by = (select id from public.agent_api_keys where agent_id = '${o.agentId}')`,
    ),
  agent_approvals_agent_of_workspace: (w, o) =>
    own("agent_approvals", w, `agent_id = '${o.agentId}'`),
  agent_approvals_call_of_workspace: (w, o) =>
    `delete from public.agent_approvals where tool_call_id = '${o.toolCallId}';
      ${own("agent_approvals", w, `tool_call_id = '${o.toolCallId}'`)}`,
  agent_approvals_conversation_of_workspace: (w, o) =>
    own("agent_approvals", w, `conversation_id = '${o.conversationId}'`),
  agent_guardrails_agent_of_workspace: (w, o) =>
    `delete from public.agent_guardrails where agent_id = '${o.agentId}';
      ${own("agent_guardrails", w, `agent_id = '${o.agentId}'`)}`,
  agent_integration_permissions_agent_of_workspace: (w, o) =>
    own("agent_integration_permissions", w, `agent_id = '${o.agentId}'`),
  agent_integration_permissions_connection_of_workspace: (w, o) =>
    update(
      "public.agent_integration_permissions",
      `connection_id = '${o.connectionId}'`,
      `connection_id = '${w.connectionId}'`,
    ),
  agent_offers_agent_of_workspace: (w, o) => own("agent_offers", w, `agent_id = '${o.agentId}'`),
  agent_offers_conversation_of_workspace: (w, o) =>
    own("agent_offers", w, `conversation_id = '${o.conversationId}'`),
  agent_tool_calls_agent_of_workspace: (w, o) =>
    own("agent_tool_calls", w, `agent_id = '${o.agentId}', call_id = id::text`),
  agent_tool_calls_conversation_of_workspace: (w, o) =>
    own("agent_tool_calls", w, `conversation_id = '${o.conversationId}'`),
  agent_tool_calls_key_of_workspace: (w, o) =>
    own(
      "agent_tool_calls",
      w,
      `key_id = (select id from public.agent_api_keys where agent_id = '${o.agentId}')`,
    ),
  calls_agent_of_workspace: (w, o) => own("calls", w, `agent_id = '${o.agentId}'`),
  calls_conversation_of_workspace: (w, o) =>
    own("calls", w, `conversation_id = '${o.conversationId}'`),
  campaign_recipients_contact_of_workspace: (w, o) =>
    own("campaign_recipients", w, `contact_id = '${o.contactId}'`),
  campaign_row_errors_campaign_of_workspace: (w, o) =>
    own("campaign_row_errors", w, `campaign_id = '${o.campaignId}', row_number = 9`),
  campaigns_number_of_workspace: (w, o) =>
    own("campaigns", w, `phone_number_id = '${o.phoneNumberId}'`),
  campaigns_template_of_workspace: (w, o) => own("campaigns", w, `template_id = '${o.templateId}'`),
  contact_addresses_contact_of_workspace: (w, o) =>
    own("contact_addresses", w, `contact_id = '${o.contactId}'`),
  conversation_messages_conversation_of_workspace: (w, o) =>
    own("conversation_messages", w, `conversation_id = '${o.conversationId}'`),
  conversations_agent_of_workspace: (w, o) => own("conversations", w, `agent_id = '${o.agentId}'`),
  conversations_assignee_of_workspace: (w, o) =>
    own("conversations", w, `assigned_to = '${o.memberId}'`),
  conversations_contact_of_workspace: (w, o) =>
    update("public.conversations", `contact_id = '${o.contactId}'`, `id = '${w.conversationId}'`),
  conversations_team_channel_of_workspace: (w, o) =>
    own("conversations", w, `team_channel_id = '${o.teamChannelId}'`),
  dead_letters_conversation_of_workspace: (w, o) =>
    own("dead_letters", w, `conversation_id = '${o.conversationId}'`),
  email_senders_agent_of_workspace: (w, o) => own("email_senders", w, `agent_id = '${o.agentId}'`),
  live_chat_sessions_conversation_of_workspace: (w, o) =>
    own("live_chat_sessions", w, `conversation_id = '${o.conversationId}'`),
  live_chat_sessions_widget_of_workspace: (w, o) =>
    own("live_chat_sessions", w, `widget_id = '${o.widgetId}'`),
  live_chat_widgets_channel_of_workspace: (w, o) =>
    own("live_chat_widgets", w, `team_channel_id = '${o.teamChannelId}'`),
  number_orders_connection_of_workspace: (w, o) =>
    own("number_orders", w, `connection_id = '${o.connectionId}', phone_number = '+14155550191'`),
  number_orders_number_of_connection: (w, o) => [
    own("number_orders", w, `phone_number_id = '${o.phoneNumberId}'`),
    own("number_orders", w, `phone_number_id = '${w.personalPhoneNumberId}'`),
  ],
  phone_number_assignments_agent_of_workspace: (w, o) =>
    own("phone_number_assignments", w, `agent_id = '${o.agentId}'`),
  phone_number_assignments_number_of_workspace: (w, o) =>
    own("phone_number_assignments", w, `phone_number_id = '${o.phoneNumberId}'`),
  phone_number_assignments_user_of_workspace: (w, o) =>
    own("phone_number_assignments", w, `agent_id = null, user_id = '${o.memberId}'`),
  phone_number_settings_number_of_workspace: (w, o) =>
    own("phone_number_settings", w, `phone_number_id = '${o.personalPhoneNumberId}'`),
  phone_numbers_agent_of_workspace: (w, o) => own("phone_numbers", w, `agent_id = '${o.agentId}'`),
  routing_policy_steps_connection_of_workspace: (w, o) =>
    own("routing_policy_steps", w, `connection_id = '${o.connectionId}'`),
  routing_policy_steps_email_of_connection: (w, o) => [
    own("routing_policy_steps", w, `email_sender_id = '${o.emailSenderId}'`),
    own("routing_policy_steps", w, `email_sender_id = '${w.emailSenderId}'`),
  ],
  routing_policy_steps_number_of_connection: (w, o) => [
    own("routing_policy_steps", w, `phone_number_id = '${o.phoneNumberId}'`),
    own("routing_policy_steps", w, `phone_number_id = '${w.personalPhoneNumberId}'`),
  ],
  routing_policy_steps_policy_of_workspace: (w, o) =>
    own("routing_policy_steps", w, `routing_policy_id = '${o.routingPolicyId}', position = 2`),
  team_channel_members_channel_of_workspace: (w, o) =>
    own("team_channel_members", w, `team_channel_id = '${o.teamChannelId}'`),
  team_channel_members_user_of_workspace: (w, o) =>
    own("team_channel_members", w, `user_id = '${o.memberId}'`),
  team_messages_channel_of_workspace: (w, o) =>
    own("team_messages", w, `team_channel_id = '${o.teamChannelId}'`),
  template_details_template_of_workspace: (w, o) =>
    own("template_details", w, `template_id = '${o.templateId}'`),
  user_integration_settings_connection_of_workspace: (w, o) =>
    mine(w, `connection_id = '${o.connectionId}'`),
  user_integration_settings_email_of_connection: (w, o) => [
    mine(w, `default_email_sender_id = '${o.emailSenderId}'`),
    mine(w, `default_email_sender_id = '${w.emailSenderId}'`),
  ],
  user_integration_settings_number_of_connection: (w, o) => [
    mine(w, `default_phone_number_id = '${o.phoneNumberId}'`),
    mine(w, `default_phone_number_id = '${w.personalPhoneNumberId}'`),
  ],
  user_integration_settings_user_of_workspace: (w, o) => mine(w, `user_id = '${o.memberId}'`),
};
