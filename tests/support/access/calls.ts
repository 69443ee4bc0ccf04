import type { FullWorld } from "../full_world.ts";
import type { Scene } from "./scene.ts";

/** One way to call a function, for a world. */
export interface Call {
  of: (world: FullWorld, scene: Scene) => string;
  /** What it answers is part of the matrix, not only whether it answers. */
  isAsked?: boolean;
}

type Arguments = (world: FullWorld, scene: Scene) => string;

const call = (name: string, args: Arguments): Call => ({
  of: (world, scene) => `select * from public.${name}(${args(world, scene)})`,
});
const ask = (name: string, answer: string, args: Arguments): Call => ({
  of: (world, scene) => `select ${answer} from public.${name}(${args(world, scene)}) as a`,
  isAsked: true,
});
const enqueue = (message: (world: FullWorld) => Record<string, string>) =>
  ask(
    "enqueue_messages",
    "coalesce(a.error_code, 'ok')",
    (w) => `'${w.workspaceId}', '${JSON.stringify([{ body: "Hello", ...message(w) }])}'`,
  );

const start = (request: (world: FullWorld) => Record<string, string>) =>
  call(
    "start_call",
    (w) => `'${w.workspaceId}', '${JSON.stringify({ text: "Hello", ...request(w) })}', '{twilio}'`,
  );

/** Every function that people may execute, with what it is called with. */
export const CALLS: Record<string, Record<string, Call>> = {
  accept_invitation: {
    "the stranger's token, or another address's": call(
      "accept_invitation",
      (w, { own, strangersToken }) => `'${w === own ? strangersToken : w.invitationToken}'`,
    ),
  },
  cancel_message: {
    "in a conversation": call("cancel_message", (w) => `'${w.scheduledMessageId}'`),
    "in another conversation": call("cancel_message", (w) => `'${w.otherScheduledMessageId}'`),
    "a dead letter": call("cancel_message", (w) => `'${w.outboundMessageId}'`),
  },
  clear_campaign_recipients: {
    "": call("clear_campaign_recipients", (w) => `'${w.campaignId}'`),
  },
  create_agent_key: {
    "": call("create_agent_key", (w) => `'${w.agentId}', 'Key', '{sms}'`),
  },
  create_campaign: {
    "": call("create_campaign", (w) => `'${w.workspaceId}', '{"name": "Summer"}'`),
  },
  create_invitation: {
    "as a member": call("create_invitation", (w) => `'${w.workspaceId}', 'new@example.com'`),
    "as an owner": call(
      "create_invitation",
      (w) => `'${w.workspaceId}', 'new@example.com', 'owner'`,
    ),
  },
  create_team_channel: {
    "": call("create_team_channel", (w) => `'${w.workspaceId}', 'new'`),
  },
  create_workspace: {
    "": call("create_workspace", () => "'Birch Bakery'"),
  },
  delete_workspace: {
    "": call("delete_workspace", (w) => `'${w.workspaceId}', '${w.slug}'`),
  },
  add_campaign_contacts: {
    "": call("add_campaign_contacts", (w) => `'${w.campaignId}'`),
  },
  add_campaign_recipients: {
    "": call(
      "add_campaign_recipients",
      (w) => `'${w.campaignId}', '{+14155550144}', '[{"first_name": "Ada"}]'`,
    ),
  },
  campaign_recipients: {
    "": call(
      "campaign_recipients",
      (w) => `(select c from public.campaigns as c where c.id = '${w.campaignId}')`,
    ),
  },
  cancel_campaign: {
    "": call("cancel_campaign", (w) => `'${w.campaignId}'`),
  },
  decide_agent_approval: {
    "": call("decide_agent_approval", (w) => `'${w.toolCallId}', 'approve', null`),
  },
  deny_agent_scopes: {
    "on the workspace's account": call(
      "deny_agent_scopes",
      (w) => `'${w.agentId}', '${w.connectionId}', '{sms}'`,
    ),
    "on an account of the member's own": call(
      "deny_agent_scopes",
      (w) => `'${w.agentId}', '${w.clicksendConnectionId}', '{sms}'`,
    ),
  },
  edit_message: {
    "in a conversation": call(
      "edit_message",
      (w) => `'${w.scheduledMessageId}', '{"body": "Later"}'`,
    ),
    "in another conversation": call(
      "edit_message",
      (w) => `'${w.otherScheduledMessageId}', '{"body": "Later"}'`,
    ),
  },
  end_opt_out: {
    "": call("end_opt_out", (w) => `'${w.optOutId}', 'Asked for it'`),
  },
  enqueue_messages: {
    "to somebody new": enqueue(() => ({ to_address: "+14155550142" })),
    "into a conversation": enqueue((w) => ({ conversation_id: w.conversationId })),
    "into another conversation": enqueue((w) => ({ conversation_id: w.otherConversationId })),
    "from a number of the admin's own": enqueue((w) => ({
      to_address: "+14155550142",
      phone_number_id: w.personalPhoneNumberId,
    })),
    "by e-mail to somebody new": enqueue(() => ({
      channel: "email",
      to_address: "patient@example.net",
      subject: "Hello",
    })),
  },
  estimate_campaign: {
    "": call("estimate_campaign", (w) => `'${w.campaignId}'`),
  },
  get_user_clicksend_connection: {
    "of the member": ask(
      "get_user_clicksend_connection",
      "case when count(*) = 0 then 'nothing' else 'the connection' end",
      (w) => `'${w.memberId}'`,
    ),
  },
  grant_agent_permission: {
    "on the workspace's account": call(
      "grant_agent_permission",
      (w) => `'${w.agentId}', '${w.connectionId}', '{sms}'`,
    ),
    "on an account of the admin's own": call(
      "grant_agent_permission",
      (w) => `'${w.agentId}', '${w.personalConnectionId}', '{sms}'`,
    ),
  },
  hand_to_agent: {
    "a conversation": call("hand_to_agent", (w) => `'${w.conversationId}', '${w.agentId}'`),
    "another conversation": call(
      "hand_to_agent",
      (w) => `'${w.otherConversationId}', '${w.agentId}'`,
    ),
  },
  leave_workspace: {
    "": call("leave_workspace", (w) => `'${w.workspaceId}'`),
  },
  message_attempts: {
    "": call(
      "message_attempts",
      (w) =>
        `(select m from public.conversation_messages as m where m.id = '${w.outboundMessageId}')`,
    ),
  },
  opt_out: {
    "": call("opt_out", (w) => `'${w.workspaceId}', '+14155550143'`),
  },
  pause_campaign: {
    "": call("pause_campaign", (w) => `'${w.campaignId}'`),
  },
  preview_template: {
    "": call("preview_template", (w) => `'${w.templateId}'`),
  },
  remove_member: {
    "the member": call("remove_member", (w) => `'${w.workspaceId}', '${w.memberId}'`),
    "the last owner": call("remove_member", (w) => `'${w.workspaceId}', '${w.ownerId}'`),
  },
  resume_campaign: {
    "": call("resume_campaign", (w) => `'${w.campaignId}'`),
  },
  retry_message: {
    "": call("retry_message", (w) => `'${w.outboundMessageId}'`),
  },
  resolve_conversation_flag: {
    "it was a stop": call(
      "resolve_conversation_flag",
      (w) => `'${w.messageId}', 'opted_out'`,
    ),
    "it was none": call("resolve_conversation_flag", (w) => `'${w.messageId}', 'dismissed'`),
  },
  revoke_agent_key: {
    "": call("revoke_agent_key", (w) => `'${w.agentKeyId}'`),
  },
  revoke_agent_permission: {
    "on the workspace's account": call("revoke_agent_permission", (w) => `'${w.permissionId}'`),
    "on an account of the member's own": call(
      "revoke_agent_permission",
      (w) => `'${w.clicksendPermissionId}'`,
    ),
  },
  revoke_invitation: {
    "": call("revoke_invitation", (w) => `'${w.invitationId}'`),
  },
  rotate_agent_key: {
    "": call("rotate_agent_key", (w) => `'${w.agentKeyId}'`),
  },
  rotate_agent_webhook_secret: {
    "": call("rotate_agent_webhook_secret", (w) => `'${w.agentId}'`),
  },
  set_default_phone_number: {
    "the workspace's": call("set_default_phone_number", (w) => `'${w.phoneNumberId}'`),
    "the admin's own": call("set_default_phone_number", (w) => `'${w.personalPhoneNumberId}'`),
  },
  set_number_whatsapp: {
    "the workspace's": call("set_number_whatsapp", (w) => `'${w.phoneNumberId}', true`),
    "the admin's own": call("set_number_whatsapp", (w) => `'${w.personalPhoneNumberId}', true`),
  },
  set_member_role: {
    "the member becomes an admin": call(
      "set_member_role",
      (w) => `'${w.workspaceId}', '${w.memberId}', 'admin'`,
    ),
    "the member becomes an owner": call(
      "set_member_role",
      (w) => `'${w.workspaceId}', '${w.memberId}', 'owner'`,
    ),
    "the last owner becomes a member": call(
      "set_member_role",
      (w) => `'${w.workspaceId}', '${w.ownerId}', 'member'`,
    ),
  },
  start_call: {
    "to somebody new": start(() => ({ to_address: "+14155550142" })),
    "from a number of the admin's own": start((w) => ({
      to_address: "+14155550142",
      phone_number_id: w.personalPhoneNumberId,
    })),
  },
  start_campaign: {
    "": call("start_campaign", (w) => `'${w.campaignId}'`),
  },
  stop_agent: {
    "": call("stop_agent", (w) => `'${w.agentId}'`),
  },
  take_over: {
    "a conversation": call("take_over", (w) => `'${w.conversationId}'`),
    "another conversation": call("take_over", (w) => `'${w.otherConversationId}'`),
  },
  update_campaign: {
    "": call("update_campaign", (w) => `'${w.campaignId}', '{"name": "Summer"}'`),
  },
  usage_summary: {
    "": call("usage_summary", (w) => `'${w.workspaceId}'`),
  },
  validate_agent_clicksend_permissions: {
    "of the member": ask(
      "validate_agent_clicksend_permissions",
      "a::text",
      (w) => `'${w.agentId}', '${w.memberId}', '{sms}'`,
    ),
  },
};
