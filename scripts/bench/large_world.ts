import postgres from "postgres";

/** How much the promises about reading and bulk inserts are made for. */
export const SIZE = { workspaces: 200, users: 1_000, conversations: 50_000, messages: 1_000_000 };

/** In every tenth workspace a member sees only what is assigned. */
const RESTRICTED = "w.n % 10 = 0";

/**
 * Fills the database as the superuser, who may leave out triggers and foreign keys: what is written
 * is right by construction. Ids are hashes of ordinal numbers, so that no statement looks one up.
 * What the seed has of it already stays.
 */
export async function fillLargeWorld(adminDatabaseUrl: string): Promise<void> {
  const sql = postgres(adminDatabaseUrl, { max: 1, onnotice: () => {} });
  const startedAt = performance.now();
  try {
    await sql`set session_replication_role = replica`;
    await sql.unsafe(`
      create function pg_temp.id_of(kind text, n bigint) returns uuid language sql immutable
      as $$ select md5(kind || n)::uuid $$;
      select setseed(0.5)`);
    for (const [count, things, statement] of STEPS) {
      console.log(`Filling ${count.toLocaleString("en")} ${things}…`);
      await sql.unsafe(statement);
    }
    await sql`vacuum analyze`;
    await sql`checkpoint`;
  } finally {
    await sql.end();
  }
  console.log(`Filled in ${Math.round((performance.now() - startedAt) / 1000)} s`);
}

const { workspaces, users, conversations, messages } = SIZE;
const ATTEMPTED = "m.direction = 'outbound' and substr(m.id::text, 36) < '8'";

const STEPS: [number, string, string][] = [
  [
    workspaces,
    "workspaces with a number each",
    `
    insert into public.workspaces (id, slug, name, conversation_access)
    select pg_temp.id_of('workspace', w.n), 'bench-' || w.n, 'Bench ' || w.n,
      case when ${RESTRICTED} then 'assigned' else 'all' end
    from generate_series(1, ${workspaces}) as w (n);

    insert into public.connections (id, workspace_id, provider, external_account_id, display_name)
    select pg_temp.id_of('connection', n), pg_temp.id_of('workspace', n), 'twilio', 'AC' || n, 'Twilio'
    from generate_series(1, ${workspaces}) as n;

    insert into public.phone_numbers
      (id, workspace_id, connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at)
    select pg_temp.id_of('phone_number', n), pg_temp.id_of('workspace', n), pg_temp.id_of('connection', n), 'twilio',
      '+1415' || 2000000 + n, 'PN' || n, '{"sms": true, "mms": true}', 'active', now()
    from generate_series(1, ${workspaces}) as n;

    insert into public.team_channels (id, workspace_id, name)
    select pg_temp.id_of('team_channel', n), pg_temp.id_of('workspace', 1 + n % ${workspaces}), 'Team ' || n
    from generate_series(1, ${2 * workspaces}) as n`,
  ],
  [
    users,
    "users, members of three workspaces each",
    `
    insert into auth.users (id, email)
    select pg_temp.id_of('user', n), 'bench-' || n || '@example.com' from generate_series(1, ${users}) as n;

    insert into public.profiles (id, display_name)
    select pg_temp.id_of('user', n), 'Member ' || n from generate_series(1, ${users}) as n;

    insert into public.workspace_members (workspace_id, user_id, role)
    select pg_temp.id_of('workspace', 1 + (n + 67 * k) % ${workspaces}), pg_temp.id_of('user', n),
      case when k > 0 or n > 2 * ${workspaces} then 'member' when n <= ${workspaces} then 'owner' else 'admin' end
    from generate_series(1, ${users}) as n, generate_series(0, 2) as k;

    insert into public.team_channel_members (workspace_id, team_channel_id, user_id)
    select c.workspace_id, c.id, m.user_id
    from public.team_channels as c join public.workspace_members as m on m.workspace_id = c.workspace_id
    where hashtext(c.name || m.user_id) % 5 = 0
    on conflict do nothing;

    insert into public.phone_number_assignments (workspace_id, phone_number_id, user_id)
    select m.workspace_id, p.id, m.user_id
    from public.phone_numbers as p join public.workspace_members as m on m.workspace_id = p.workspace_id
    where hashtext(p.phone_number || m.user_id) % 15 = 0
    on conflict do nothing`,
  ],
  [
    conversations,
    "conversations with a contact each",
    `
    insert into public.contacts (id, workspace_id, display_name, created_at)
    select pg_temp.id_of('contact', n), pg_temp.id_of('workspace', 1 + n % ${workspaces}), 'Contact ' || n,
      now() - interval '1 year' + n * interval '1 minute'
    from generate_series(1, ${conversations}) as n;

    insert into public.contact_addresses (workspace_id, contact_id, kind, address, created_at)
    select c.workspace_id, c.id, 'phone', '+1212' || 2000000 + split_part(c.display_name, ' ', 2)::integer, c.created_at
    from public.contacts as c where c.display_name like 'Contact %';

    insert into public.conversations
      (id, workspace_id, contact_id, channel, contact_address, phone_number_id, snippet, is_unread, assigned_to,
       team_channel_id, last_message_at, created_at)
    select pg_temp.id_of('conversation', n), pg_temp.id_of('workspace', 1 + n % ${workspaces}),
      pg_temp.id_of('contact', n), 'sms', '+1212' || 2000000 + n, pg_temp.id_of('phone_number', 1 + n % ${workspaces}),
      'Your appointment is tomorrow at 3 pm', n % 7 = 0,
      case when hashtext('assigned' || n) % 4 = 0
        then pg_temp.id_of('user', 1 + (n - 1 + ${workspaces} * (hashtext('to' || n) & 3)) % ${users}) end,
      case when hashtext('team' || n) % 8 = 0
        then pg_temp.id_of('team_channel', n % ${workspaces} + ${workspaces} * (n / ${workspaces} % 2)) end,
      now() - random() * interval '300 days', now() - interval '1 year' + n * interval '1 minute'
    from generate_series(1, ${conversations}) as n;
    update public.conversations as t set assigned_to = null
    where not exists (
      select from public.workspace_members as m where m.workspace_id = t.workspace_id and m.user_id = t.assigned_to
    )`,
  ],
  [
    messages,
    "messages, more of them in some conversations",
    `
    insert into public.conversation_messages
      (id, workspace_id, conversation_id, direction, status, body, sender_id, from_address, to_address,
       phone_number_id, external_id, created_at)
    select
      (lpad(to_hex((extract(epoch from g.created_at) * 1000)::bigint), 12, '0') || '7' || substr(g.hash, 1, 3)
        || '8' || substr(g.hash, 4, 15))::uuid,
      pg_temp.id_of('workspace', 1 + g.t % ${workspaces}), pg_temp.id_of('conversation', g.t),
      case when g.is_inbound then 'inbound' else 'outbound' end,
      case when g.is_inbound then 'received' else 'delivered' end,
      'Your appointment with Dr. Ames is tomorrow at 3 pm. Reply C to confirm, number ' || g.n,
      case when not g.is_inbound then pg_temp.id_of('user', 1 + (g.t + ${
      users - 2
    }) % ${workspaces}) end,
      '+14155550100', '+12125550100', pg_temp.id_of('phone_number', 1 + g.t % ${workspaces}),
      case when g.is_inbound then 'SM' || g.hash end, g.created_at
    from (
      select n, md5('message' || n) as hash, 1 + floor((${conversations} - 1) * power(random(), 1.5))::integer as t,
        hashtext('inbound' || n) % 5 in (0, 1) as is_inbound,
        now() - (${messages} - n) * interval '26 seconds' as created_at
      from generate_series(1, ${messages}) as n
    ) as g`,
  ],
  [
    messages / 4,
    "hand-overs, and what else hangs on messages",
    `
    insert into public.message_attempts
      (message_id, attempt_number, workspace_id, conversation_id, connection_id, outcome, external_id, started_at,
       finished_at)
    select m.id, 1, m.workspace_id, m.conversation_id, p.connection_id, 'accepted', 'SM' || m.id, m.created_at,
      m.created_at
    from public.conversation_messages as m join public.phone_numbers as p on p.id = m.phone_number_id
    where ${ATTEMPTED}
    on conflict do nothing;

    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, content_type)
    select m.id, 1, m.workspace_id, m.conversation_id, 'https://media.example.com/' || m.id, 'image/png'
    from public.conversation_messages as m where m.external_id like 'SM0%'
    on conflict do nothing;

    insert into public.calls
      (workspace_id, conversation_id, direction, status, from_address, to_address, duration_seconds, created_at,
       answered_at, ended_at)
    select t.workspace_id, t.id, 'inbound', 'completed', t.contact_address, '+14155550100', 60, t.last_message_at,
      t.last_message_at, t.last_message_at
    from public.conversations as t where t.is_unread;

    insert into public.webhook_events
      (workspace_id, connection_id, kind, external_id, state, event, body, message_id, received_at, processed_at)
    select m.workspace_id, p.connection_id, 'message', m.external_id, 'processed', '{}', 'Body=Hello', m.id,
      m.created_at, m.created_at
    from public.conversation_messages as m join public.phone_numbers as p on p.id = m.phone_number_id
    where m.external_id like 'SM1%'
    on conflict do nothing`,
  ],
  [
    workspaces * 90,
    "days of usage, and what else a workspace has many of",
    `
    insert into public.usage_daily (workspace_id, day, channel, provider, sent_count)
    select pg_temp.id_of('workspace', w), current_date - d, 'sms', 'twilio', d
    from generate_series(1, ${workspaces}) as w, generate_series(1, 90) as d;

    insert into public.usage_counters (workspace_id, channel, month, settled_count)
    select pg_temp.id_of('workspace', w), c, date_trunc('month', current_date) - m * interval '1 month', m
    from generate_series(1, ${workspaces}) as w, unnest('{sms,email}'::text[]) as c, generate_series(0, 11) as m;

    insert into public.opt_outs (workspace_id, kind, address, source, opted_out_at)
    select a.workspace_id, a.kind, a.address, 'provider', a.created_at
    from public.contact_addresses as a where a.address like '%7'
    on conflict do nothing;

    insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id, created_at)
    select m.workspace_id, m.user_id, 'member.joined', 'profile', m.user_id, now() - n * interval '1 hour'
    from public.workspace_members as m, generate_series(1, 10) as n;

    insert into public.team_messages (workspace_id, team_channel_id, sender_id, body, created_at)
    select c.workspace_id, c.id, null, 'Good morning', now() - n * interval '1 hour'
    from public.team_channels as c, generate_series(1, 50) as n;

    insert into public.campaigns (id, workspace_id, name, channel)
    select pg_temp.id_of('campaign', n), pg_temp.id_of('workspace', 1 + n % ${workspaces}), 'Campaign ' || n, 'sms'
    from generate_series(1, ${10 * workspaces}) as n;

    insert into public.campaign_recipients (campaign_id, workspace_id, contact_id, address)
    select c.id, c.workspace_id, a.contact_id, a.address
    from public.campaigns as c join public.contact_addresses as a on a.workspace_id = c.workspace_id
    where a.address like '%' || right(c.name, 1)`,
  ],
];
