-- What a workspace may send from, and in which order: its routing policy, the health of its connections, the plan.

-- Which workspace talks to a contact over a number of the operator's: replies find back by it.
create table private.platform_threads (
  phone_number_id uuid not null references public.phone_numbers (id) on delete cascade,
  contact_address text not null,
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (phone_number_id, contact_address)
);
comment on table private.platform_threads is
  'A contact of an operator''s number is one workspace''s for good: what a stranger writes there belongs to nobody.';
create index platform_threads_workspace_id_idx on private.platform_threads (workspace_id);
alter table private.platform_threads enable row level security;
revoke all on private.platform_threads from public, anon, authenticated, service_role;

create type private.route as (
  phone_number_id uuid,
  email_sender_id uuid,
  connection_id uuid,
  provider text,
  address text,
  owner_user_id uuid,
  is_platform boolean,
  is_default boolean,
  is_domain boolean,
  is_open boolean,
  can_sms boolean,
  can_mms boolean,
  can_whatsapp boolean,
  priority smallint,
  weight smallint,
  channel text,
  has_policy boolean,
  is_sticky boolean,
  step_position smallint,
  countries text[],
  drawn_by uuid,
  price numeric,
  created_at timestamptz
);
comment on type private.route is 'A sender that a message could go from, on one channel, by one step of the routing policy.';

create function private.list_routes(workspace_id uuid, channels text[])
returns setof private.route language plpgsql stable rows 10 set search_path = ''
as $$
begin
  return query
  with workspace as materialized (
    select w.communication_mode, w.plan_id from public.workspaces as w
    where w.id = list_routes.workspace_id and w.deleted_at is null
  ),
  senders as materialized (
    select
      p.id as phone_number_id, null::uuid as email_sender_id, p.connection_id, p.phone_number as address, p.is_default,
      false as is_domain, p.created_at, p.workspace_id,
      coalesce((p.capabilities ->> 'sms')::boolean, false) as can_sms,
      coalesce((p.capabilities ->> 'mms')::boolean, false) as can_mms,
      coalesce((p.capabilities ->> 'whatsapp')::boolean, false) as can_whatsapp
    from public.phone_numbers as p
    where (p.workspace_id = list_routes.workspace_id or p.workspace_id is null) and p.status = 'active'
      and list_routes.channels && '{sms,whatsapp}'
    union all
    select
      null, e.id, e.connection_id, e.email_address, e.is_default, e.email_address like '*@%', e.created_at, e.workspace_id,
      false, false, false
    from public.email_senders as e
    where (e.workspace_id = list_routes.workspace_id or e.workspace_id is null) and e.status = 'active'
      and list_routes.channels && '{email}'
  )
  select
    s.phone_number_id, s.email_sender_id, s.connection_id, c.provider, s.address, c.owner_user_id,
    s.workspace_id is null, s.is_default, s.is_domain,
    coalesce(h.state <> 'closed', false),
    s.can_sms, s.can_mms, s.can_whatsapp,
    c.priority,
    case when r.strategy = 'weighted' then coalesce(t.weight, c.weight) else c.weight end,
    k.channel, r.id is not null, coalesce(r.is_sticky, true),
    case when r.strategy = 'weighted' and t.id is not null then 1::smallint else t.position end,
    t.countries,
    -- A step that names its sender has a share of its own; the senders of a connection have one together.
    coalesce(t.phone_number_id, t.email_sender_id, s.connection_id),
    coalesce(x.price, private.default_rate(k.channel)),
    s.created_at
  from senders as s
  cross join workspace as w
  join public.connections as c on c.id = s.connection_id and c.status <> 'inactive'
  cross join lateral unnest(list_routes.channels) as k (channel)
  left join public.connection_health as h on h.connection_id = c.id
  left join public.connection_rates as x on x.connection_id = c.id and x.channel = k.channel
  left join public.routing_policies as r on r.workspace_id = list_routes.workspace_id and r.channel = k.channel
  left join public.routing_policy_steps as t
    on t.workspace_id = list_routes.workspace_id and t.routing_policy_id = r.id and t.connection_id = c.id
    and (t.phone_number_id is null or t.phone_number_id = s.phone_number_id)
    and (t.email_sender_id is null or t.email_sender_id = s.email_sender_id)
  where case k.channel when 'sms' then s.can_sms when 'whatsapp' then s.can_whatsapp else s.email_sender_id is not null end
    and case
      when s.workspace_id is null then
        w.communication_mode in ('platform', 'hybrid')
        and exists (select from public.plan_limits as l where l.plan_id = w.plan_id and l.channel = k.channel)
      else
        w.communication_mode in ('byoc', 'hybrid')
        -- Where there is a policy, it names all that is used; what somebody connected for themselves is theirs.
        and (r.id is null or t.id is not null or c.owner_user_id is not null)
    end;
end;
$$;
comment on function private.list_routes(uuid, text[]) is
  'Every way a workspace''s messages could take, a row per sender, channel and step of the policy that it fits.';
revoke execute on function private.list_routes(uuid, text[]) from public, anon, authenticated;

create function private.is_own_platform_thread(workspace_id uuid, phone_number_id uuid, contact_address text)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return not exists (
    select from private.platform_threads as t
    where t.phone_number_id = is_own_platform_thread.phone_number_id
      and t.contact_address = is_own_platform_thread.contact_address
      and t.workspace_id <> is_own_platform_thread.workspace_id
  );
end;
$$;
comment on function private.is_own_platform_thread(uuid, uuid, text) is
  'Whether a workspace may talk to a contact over a number of the operator''s: no other one does.';
revoke execute on function private.is_own_platform_thread(uuid, uuid, text) from public, anon, authenticated;

-- Rendezvous hashing: who is drawn depends on the contact alone, so that a contact keeps meeting the same
-- sender, and over all contacts the shares are as the weights.
create function private.weighted_chance(weight smallint, drawn_by uuid, contact_address text)
returns double precision language sql immutable set search_path = ''
as $$
  select -ln(
    ((hashtextextended(weighted_chance.drawn_by || weighted_chance.contact_address, 0) & 4503599627370495)::float8 + 1)
      / 4503599627370497
  ) / weighted_chance.weight;
$$;
comment on function private.weighted_chance(smallint, uuid, text) is
  'The connection or sender with the smallest key is drawn for a contact: by chance, in proportion to the weights.';
revoke execute on function private.weighted_chance(smallint, uuid, text) from public, anon, authenticated;
