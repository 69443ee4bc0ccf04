import type postgres from "postgres";
import { type FarAhead, storeFarAhead } from "./scheduling.ts";
import { asUser, createAccount, createWorld, freshNumber, type World } from "./world.ts";

/** A world with a row in every table that belongs to a workspace, some of them in two conversations. */
export interface FullWorld extends World, FarAhead {
  slug: string;
  outboundMessageId: string;
  /** Was a member once. */
  removedMemberId: string;
  agentId: string;
  agentKeyId: string;
  /** Of the agent on the workspace's connection. */
  permissionId: string;
  /** Of the agent on the member's personal connection. */
  clicksendPermissionId: string;
  invitationId: string;
  invitationToken: string;
  optOutId: string;
  /** A personal connection of the admin's, with a number of its own. */
  personalConnectionId: string;
  personalPhoneNumberId: string;
  /** For WhatsApp alone, and pending. */
  whatsAppNumberId: string;
  /** A personal connection of the member's to ClickSend, which the agent may use. */
  clicksendConnectionId: string;
  emailConnectionId: string;
  emailSenderId: string;
  teamChannelId: string;
  privateTeamChannelId: string;
  templateId: string;
  campaignId: string;
  routingPolicyId: string;
  widgetId: string;
  /** Of a call that waits for approval, and of its approval. */
  toolCallId: string;
  /** Like `conversationId`, with as much in it, and another contact. */
  otherConversationId: string;
}

/** Builds it through the product's own functions where there is one. */
export async function createFullWorld(sql: postgres.Sql): Promise<FullWorld> {
  const world = await createWorld(sql);
  const { workspaceId, ownerId, adminId, memberId } = world;
  const removedMemberId = await createAccount(sql, "removed");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${removedMemberId}, 'member')`;
  const [invitation] = await asUser(sql, ownerId, async (tx) => {
    await tx`select public.remove_member(${workspaceId}, ${removedMemberId})`;
    return await tx`
      select id, token from public.create_invitation(${workspaceId}, 'invited@example.com')`;
  });
  const connections = await connect(sql, world);
  const agent = await employ(sql, world);
  const chat = await chatAmongThemselves(sql, world);
  const volume = await planVolume(sql, world);
  const otherConversationId = await talkToSomebodyElse(sql, world);
  await askForApproval(sql, world, agent.agentId, otherConversationId);
  const widgetId = await fillConversations(sql, world, agent.agentId);
  await offerMessages(sql, world, agent.agentId);
  await sql.unsafe(`
    insert into public.phone_number_assignments (workspace_id, phone_number_id, agent_id)
    values ('${workspaceId}', '${world.phoneNumberId}', '${agent.agentId}');
    insert into public.phone_number_settings (workspace_id, phone_number_id) values ('${workspaceId}', '${world.phoneNumberId}');
    insert into public.user_integration_settings (workspace_id, user_id, connection_id)
    select '${workspaceId}', m.user_id, '${world.connectionId}' from public.workspace_members as m
    where m.workspace_id = '${workspaceId}';
    insert into public.number_orders (
      workspace_id, connection_id, phone_number, country, idempotency_key, idempotency_fingerprint
    )
    values ('${workspaceId}', '${world.connectionId}', '+14155550190', 'US', 'order', sha256('x'));
    insert into public.usage_counters (workspace_id, channel, month) values ('${workspaceId}', 'sms', '2026-11-01')
      on conflict do nothing;
    insert into private.idempotent_requests (workspace_id, caller_id, route, idempotency_key, fingerprint)
    values ('${workspaceId}', '${world.adminId}', 'POST /connections', 'connect', sha256('x'));
    insert into public.usage_daily (workspace_id, day, channel, provider) values ('${workspaceId}', '2020-11-20', 'sms', 'twilio');
    insert into public.quiet_hours (workspace_id) values ('${workspaceId}');
    insert into public.connection_health (workspace_id, connection_id)
    values ('${workspaceId}', '${world.connectionId}'), ('${workspaceId}', '${connections.personalConnectionId}');
    insert into public.connection_rates (connection_id, channel, price)
    values ('${world.connectionId}', 'sms', 0.0079), ('${connections.personalConnectionId}', 'sms', 0.0079);
    insert into public.outcome_policies (workspace_id, message_class, on_unknown)
    values ('${workspaceId}', 'campaign', 'hold');
    insert into public.dead_letters (message_id, workspace_id, conversation_id, error_code)
    select m.id, m.workspace_id, m.conversation_id, 'insufficient_funds' from public.conversation_messages as m
    where m.workspace_id = '${workspaceId}' and m.direction = 'outbound';
  `);
  const [workspace] = await sql`select slug from public.workspaces where id = ${workspaceId}`;
  const [outbound] = await sql`
    select id from public.conversation_messages
    where conversation_id = ${world.conversationId} and direction = 'outbound'`;
  const scheduled = await storeFarAhead(sql, world, otherConversationId);
  const whatsAppNumberId = await hearOfWhatsApp(sql, world);
  const [optOut] = await asUser(
    sql,
    memberId,
    (tx) => tx`select public.opt_out(${workspaceId}, ${freshNumber()}) as id`,
  );
  const allow = (userId: string, connectionId: string) =>
    asUser(
      sql,
      userId,
      (tx) =>
        tx`select id from public.grant_agent_permission(${agent.agentId}, ${connectionId}, '{sms}')`,
    );
  const [permission] = await allow(adminId, world.connectionId);
  const [clicksendPermission] = await allow(memberId, connections.clicksendConnectionId);
  return {
    ...world,
    ...connections,
    ...agent,
    ...chat,
    ...volume,
    ...scheduled,
    slug: workspace!.slug,
    outboundMessageId: outbound!.id,
    removedMemberId,
    permissionId: permission!.id,
    clicksendPermissionId: clicksendPermission!.id,
    invitationId: invitation!.id,
    invitationToken: invitation!.token,
    optOutId: optOut!.id,
    whatsAppNumberId,
    otherConversationId,
    widgetId,
  };
}

async function connect(sql: postgres.Sql, { workspaceId, adminId, memberId }: World) {
  const number = {
    phone_number: freshNumber(),
    friendly_name: "Mine",
    external_id: "PN" + crypto.randomUUID(),
    capabilities: { sms: true, mms: true, voice: true, whatsapp: true },
    status: "active",
  };
  const store = (provider: string, numbers: unknown[], isPersonal: boolean, actorId = adminId) =>
    sql`
      select id from public.store_connection(
        ${actorId}, ${workspaceId}, ${provider}, ${"AC" + crypto.randomUUID()}, 'Another account',
        ${sql.json({ key: "marker-secret" })}, ${crypto.randomUUID() + crypto.randomUUID()},
        'marker-secret', ${sql.json(numbers as never)}, ${isPersonal}
      )`;
  const [personal] = await store("twilio", [number], true);
  const [email] = await store("resend", [], false);
  const [clicksend] = await store("clicksend_sms", [], true, memberId);
  const [sender] = await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at)
    values (${email!.id}, 'desk@example.com', 'active', now()) returning id`;
  const [phone] = await sql`
    select id from public.phone_numbers where connection_id = ${personal!.id}`;
  return {
    personalConnectionId: personal!.id as string,
    personalPhoneNumberId: phone!.id as string,
    clicksendConnectionId: clicksend!.id as string,
    emailConnectionId: email!.id as string,
    emailSenderId: sender!.id as string,
  };
}

async function employ(sql: postgres.Sql, world: World) {
  const { workspaceId, adminId } = world;
  const { agentId, agentKeyId } = await asUser(sql, adminId, async (tx) => {
    const [agent] = await tx`
      insert into public.agents (workspace_id, name) values (${workspaceId}, 'Receptionist') returning id`;
    const [key] = await tx`select id from public.create_agent_key(${agent!.id}, 'Desk', '{sms}')`;
    return { agentId: agent!.id as string, agentKeyId: key!.id as string };
  });
  const toolCallId = await askForApproval(sql, world, agentId, world.conversationId);
  return { agentId, agentKeyId, toolCallId };
}

/** A tool call that touches a conversation, and waits for a person's word. */
async function askForApproval(
  sql: postgres.Sql,
  { workspaceId }: World,
  agentId: string,
  conversationId: string,
): Promise<string> {
  const [call] = await sql`
    insert into public.agent_tool_calls
      (workspace_id, agent_id, run_id, call_id, capability_key, arguments, arguments_hash, conversation_id)
    values (
      ${workspaceId}, ${agentId}, 'run', ${conversationId}, 'twilio_send_sms', '{}', sha256('{}'), ${conversationId}
    )
    returning id`;
  await sql`
    insert into public.agent_approvals (
      id, workspace_id, agent_id, tool_call_id, conversation_id, reason, summary
    )
    values (${call!.id}, ${workspaceId}, ${agentId}, ${
    call!.id
  }, ${conversationId}, 'first_contact', 'Text a new patient')`;
  return call!.id;
}

/** What was written in each conversation, offered to an agent that would be told by a webhook. */
async function offerMessages(sql: postgres.Sql, world: World, agentId: string): Promise<void> {
  await sql`
    insert into public.agent_offers (workspace_id, agent_id, conversation_id, message_id)
    select workspace_id, ${agentId}, conversation_id, id from public.conversation_messages
    where workspace_id = ${world.workspaceId} and direction = 'inbound'`;
  await asUser(
    sql,
    world.adminId,
    (tx) => tx`select public.rotate_agent_webhook_secret(${agentId})`,
  );
}

async function chatAmongThemselves(sql: postgres.Sql, { workspaceId, adminId, memberId }: World) {
  const open = (userId: string, name: string, isPrivate: boolean) =>
    asUser(sql, userId, async (tx) => {
      const [channel] = await tx`
        select id from public.create_team_channel(${workspaceId}, ${name}, null, ${isPrivate})`;
      await tx`
        insert into public.team_messages (workspace_id, team_channel_id, body)
        values (${workspaceId}, ${channel!.id}, 'Good morning')`;
      return channel!.id as string;
    });
  return {
    teamChannelId: await open(memberId, "support", false),
    privateTeamChannelId: await open(adminId, "managers", true),
  };
}

async function planVolume(sql: postgres.Sql, { workspaceId, adminId, connectionId }: World) {
  const ids = await asUser(sql, adminId, async (tx) => {
    const [template] = await tx`
      insert into public.message_templates (workspace_id, name, channel, body)
      values (${workspaceId}, 'reminder', 'sms', 'See you on Monday') returning id`;
    const [policy] = await tx`
      insert into public.routing_policies (workspace_id, channel) values (${workspaceId}, 'sms') returning id`;
    await tx`
      insert into public.routing_policy_steps (workspace_id, routing_policy_id, position, connection_id)
      values (${workspaceId}, ${policy!.id}, 1, ${connectionId})`;
    return { templateId: template!.id as string, routingPolicyId: policy!.id as string };
  });
  const [campaign] = await sql`
    insert into public.campaigns (workspace_id, name, channel, template_id)
    values (${workspaceId}, 'Spring', 'sms', ${ids.templateId}) returning id`;
  await sql`
    insert into public.campaign_recipients (workspace_id, campaign_id, address)
    values (${workspaceId}, ${campaign!.id}, '+14155550199')`;
  await sql`
    insert into public.campaign_row_errors (workspace_id, campaign_id, row_number, code, field, message)
    values (${workspaceId}, ${
    campaign!.id
  }, 2, 'recipient_missing', 'address', 'there is no address')`;
  return { ...ids, campaignId: campaign!.id as string };
}

async function talkToSomebodyElse(sql: postgres.Sql, world: World): Promise<string> {
  const event = {
    kind: "message",
    externalId: "SM" + crypto.randomUUID(),
    channel: "sms",
    from: freshNumber(),
    to: world.phoneNumber,
    text: "Somebody else",
    media: [{ url: "https://media.example.com/2.png", contentType: "image/png" }],
  };
  await sql`select * from public.ingest_webhook(${world.connectionId}, ${
    sql.json([event])
  }, 'Body=Somebody')`;
  const [row] = await sql`
    select conversation_id from public.conversation_messages
    where workspace_id = ${world.workspaceId} and external_id = ${event.externalId}`;
  return row!.conversation_id;
}

/** A WhatsApp number that sends nothing yet, and a message to one that is not ours. */
async function hearOfWhatsApp(
  sql: postgres.Sql,
  { workspaceId, connectionId }: World,
): Promise<string> {
  const phoneNumber = freshNumber();
  const [number] = await sql`
    insert into public.phone_numbers (workspace_id, connection_id, provider, phone_number, external_id, capabilities)
    values (
      ${workspaceId}, ${connectionId}, 'twilio', ${phoneNumber}, ${"PN" + phoneNumber},
      '{"sms": false, "mms": false, "voice": false, "whatsapp": true}'
    )
    returning id`;
  const event = {
    kind: "message",
    externalId: "SM" + crypto.randomUUID(),
    channel: "whatsapp",
    from: freshNumber(),
    to: freshNumber(),
    text: "Hello",
    media: [],
  };
  await sql`
    select * from public.ingest_webhook(${connectionId}, ${sql.json([event])}, 'Body=Hello')`;
  return number!.id;
}

/** A call, an attempt, a flag, a chat session, and the parts of an e-mail and a template in each conversation. */
async function fillConversations(
  sql: postgres.Sql,
  { workspaceId, adminId, connectionId }: World,
  agentId: string,
): Promise<string> {
  const widgetId = await asUser(sql, adminId, async (tx) => {
    const [widget] = await tx`
      insert into public.live_chat_widgets (workspace_id, name, allowed_origins)
      values (${workspaceId}, 'Website', '{https://www.example.com}') returning id`;
    return widget!.id as string;
  });
  await sql`
    insert into public.live_chat_sessions (workspace_id, widget_id, conversation_id)
    select workspace_id, ${widgetId}, id from public.conversations where workspace_id = ${workspaceId}`;
  await sql`
    insert into private.live_chat_session_tokens (session_id, token_hash)
    select id, sha256(id::text::bytea) from public.live_chat_sessions where workspace_id = ${workspaceId}`;
  await sql`
    insert into public.calls (workspace_id, conversation_id, direction, status, from_address, to_address, agent_id)
    select workspace_id, id, 'outbound', 'queued', '+14155550100', contact_address, ${agentId}
    from public.conversations where workspace_id = ${workspaceId}`;
  await sql`
    insert into public.message_attempts (workspace_id, conversation_id, message_id, connection_id, attempt_number)
    select m.workspace_id, m.conversation_id, m.id, ${connectionId}, 9
    from public.conversation_messages as m where m.workspace_id = ${workspaceId}`;
  await sql`
    insert into public.email_details (message_id, workspace_id, conversation_id, subject, internet_message_id)
    select m.id, m.workspace_id, m.conversation_id, 'Hello', m.id || '@example.com'
    from public.conversation_messages as m where m.workspace_id = ${workspaceId}`;
  await sql`
    insert into private.email_attachments (message_id, position, file_name, content_type, content)
    select m.id, 1, 'map.txt', 'text/plain', 'Left'
    from public.conversation_messages as m where m.workspace_id = ${workspaceId}`;
  await sql`
    insert into public.template_details (message_id, workspace_id, conversation_id, external_id, language)
    select m.id, m.workspace_id, m.conversation_id, 'HX1', 'en'
    from public.conversation_messages as m where m.workspace_id = ${workspaceId}`;
  await sql`
    insert into public.conversation_flags (message_id, workspace_id, conversation_id, words)
    select m.id, m.workspace_id, m.conversation_id, 'stop'
    from public.conversation_messages as m where m.workspace_id = ${workspaceId} and m.direction = 'inbound'`;
  return widgetId;
}
