-- What a campaign will be, before it is started: how many messages and segments, what they cost, how long it takes.

create type private.campaign_sender as (
  provider text,
  connection_id uuid,
  price numeric,
  messages_per_second numeric
);
comment on type private.campaign_sender is 'Something that can send a campaign, what it charges (USD per segment) and how fast it is.';

create function private.campaign_senders(campaign public.campaigns)
returns setof private.campaign_sender language sql stable set search_path = ''
as $$
  with routes as materialized (
    select distinct r.phone_number_id, r.email_sender_id, r.provider, r.connection_id, r.price, r.is_platform
    from private.list_routes(
      (campaign_senders.campaign).workspace_id, array[(campaign_senders.campaign).channel]
    ) as r
    where r.owner_user_id is null
      and ((campaign_senders.campaign).phone_number_id is null or r.phone_number_id = (campaign_senders.campaign).phone_number_id)
      and (
        (campaign_senders.campaign).from_address is null
        or r.address in (
          (campaign_senders.campaign).from_address, '*@' || split_part((campaign_senders.campaign).from_address, '@', 2)
        )
      )
  )
  select
    r.provider, r.connection_id, r.price,
    case (campaign_senders.campaign).channel
      when 'sms' then p.messages_per_second
      when 'whatsapp' then greatest(p.messages_per_second, 80)
      -- Nobody grants an e-mail address a pace; providers take far more than this.
      else 10.0
    end
  from routes as r
  left join public.phone_numbers as p on p.id = r.phone_number_id
  -- The operator's are taken where the workspace has none of its own.
  where r.is_platform = (select bool_and(k.is_platform) from routes as k);
$$;
comment on function private.campaign_senders(public.campaigns) is
  'The senders that can carry a campaign, and how fast: segments of texts, or messages elsewhere, per second.';
revoke execute on function private.campaign_senders(public.campaigns) from public, anon, authenticated;

create function private.needs_check(campaign public.campaigns)
returns boolean language sql stable set search_path = ''
as $$
  select (needs_check.campaign).checked_at is null or exists (
    select from public.message_templates as t
    where t.id = (needs_check.campaign).template_id and t.updated_at >= (needs_check.campaign).checked_at
  );
$$;
comment on function private.needs_check(public.campaigns) is
  'Whether the words of a campaign have changed since its uploaded recipients were held against them.';
revoke execute on function private.needs_check(public.campaigns) from public, anon, authenticated;

create function private.skip_recipients_without_variables(campaign public.campaigns, words private.campaign_words)
returns void language plpgsql set search_path = ''
-- Planned for the words at hand.
set plan_cache_mode = force_custom_plan
as $$
declare
  v_campaign public.campaigns := skip_recipients_without_variables.campaign;
  v_words private.campaign_words := skip_recipients_without_variables.words;
  v_needs_check boolean := private.needs_check(v_campaign);
begin
  -- Only who changes sides is written to, in either direction: the words may have changed since the upload.
  update public.campaign_recipients as r
  set
    status = case when f.code is null then 'pending' else 'skipped' end,
    skip_reason = f.code
  from public.campaign_recipients as k
  left join public.contacts as p on p.id = k.contact_id
  cross join lateral (
    -- Most bring all that is needed, which is quickly seen; the others are asked in full.
    select case when k.skip_reason is not null or v_campaign.template_id is not null or exists (
      select from unnest(v_words.required_names) as n (name)
      where coalesce(k.variables ->> n.name, p.attributes ->> n.name, '') !~ '\S'
    ) then (private.find_variables_flaw(
      v_words,
      v_campaign.variables || case
        when p.id is null then k.variables
        else private.contact_variables(p.display_name, p.attributes) || k.variables
      end
    )).code end as code
    -- Else it is worked out again wherever it is named.
    offset 0
  ) as f
  where k.campaign_id = v_campaign.id
    and (k.status = 'pending' or k.skip_reason in ('variable_missing', 'variable_invalid'))
    and (k.contact_id is not null or v_needs_check)
    and k.skip_reason is distinct from f.code
    and r.campaign_id = k.campaign_id and r.address = k.address;
end;
$$;
comment on function private.skip_recipients_without_variables(public.campaigns, private.campaign_words) is
  'Skips the recipients of a draft for whom its words cannot be made, and takes those back in for whom they can again.';
revoke execute on function private.skip_recipients_without_variables(public.campaigns, private.campaign_words)
  from public, anon, authenticated;

create function private.estimate_costs(campaign public.campaigns, countries text[], segment_counts bigint[])
returns table (provider text, country text, segment_count bigint, price numeric, cost numeric)
language sql stable set search_path = ''
as $$
  with senders as materialized (
    select s.provider, s.connection_id, avg(s.price) as price,
      sum(s.messages_per_second) / sum(sum(s.messages_per_second)) over () as share
    from private.campaign_senders(estimate_costs.campaign) as s
    group by s.provider, s.connection_id
  ),
  -- What was charged lately is closer to the truth than any rate.
  charged as materialized (
    select h.connection_id, private.country_of(h.to_address) as country, avg(h.price / coalesce(h.segment_count, 1)) as price
    from (
      select a.connection_id, m.to_address, a.price, a.segment_count
      from public.conversation_messages as m
      join public.conversations as t
        on t.workspace_id = m.workspace_id and t.id = m.conversation_id and t.channel = (estimate_costs.campaign).channel
      join public.message_attempts as a
        on a.message_id = m.id and a.outcome = 'accepted' and a.price is not null and a.price_currency = 'USD'
      where m.workspace_id = (estimate_costs.campaign).workspace_id and m.created_at > now() - interval '90 days'
      order by m.created_at desc
      limit 2000
    ) as h
    group by 1, 2
  ),
  shares as (
    select s.provider, g.country, g.segment_count * s.share as segment_count, coalesce(h.price, s.price) as price
    from unnest(estimate_costs.countries, estimate_costs.segment_counts) as g (country, segment_count)
    cross join senders as s
    left join charged as h on h.connection_id = s.connection_id and h.country is not distinct from g.country
  )
  select
    f.provider, f.country, round(sum(f.segment_count))::bigint,
    round(sum(f.segment_count * f.price) / nullif(sum(f.segment_count), 0), 6), round(sum(f.segment_count * f.price), 4)
  from shares as f
  group by f.provider, f.country
  order by f.country, f.provider;
$$;
comment on function private.estimate_costs(public.campaigns, text[], bigint[]) is
  'Segments and cost in USD by provider and country: by what was charged in the last 90 days, else by the connection''s rate.';
revoke execute on function private.estimate_costs(public.campaigns, text[], bigint[]) from public, anon, authenticated;

create function private.estimate_locked_campaign(campaign public.campaigns)
returns jsonb language plpgsql set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
declare
  c_sample constant integer := 10000;
  v_campaign public.campaigns := estimate_locked_campaign.campaign;
  v_words private.campaign_words := private.read_campaign_words(v_campaign);
  v_pending bigint;
  v_skipped jsonb;
  v_countries text[];
  v_segments bigint[];
  v_segment_count bigint;
  v_average numeric;
  v_is_sampled boolean := false;
  v_pace numeric;
  v_costs jsonb;
  v_cost numeric;
begin
  if v_words.flaw is not null then
    perform private.fail(
      422, 'campaign_incomplete', 'Cannot estimate the campaign: ' || v_words.flaw,
      v_words.flaw_field
    );
  end if;
  perform private.skip_recipients_without_variables(v_campaign, v_words);
  select coalesce(sum(s.count) filter (where s.skip_reason is null), 0),
    coalesce(jsonb_object_agg(s.skip_reason, s.count) filter (where s.skip_reason is not null), '{}')
  into v_pending, v_skipped
  from (
    select r.skip_reason, count(*) as count from public.campaign_recipients as r
    where r.campaign_id = v_campaign.id group by r.skip_reason
  ) as s;
  if v_pending = 0 then
    perform private.fail(
      422, 'recipient_missing', 'Cannot estimate the campaign: nobody is left to send it to', 'campaign_id',
      'Add recipients, by add_campaign_recipients or add_campaign_contacts'
    );
  end if;

  if v_campaign.channel <> 'sms' then
    v_average := 1;
  elsif v_campaign.template_id is null and v_words.body !~ '\{\{' then
    v_average := greatest(private.count_segments(v_words.body), 1);
  else
    -- Beyond the sample the average stands for the rest: addresses and the length of names have little in common.
    v_is_sampled := v_pending > c_sample;
    select avg(greatest(private.count_segments(case
      when v_campaign.template_id is null then private.fill_placeholders(v_words.body, a.variables)
      else (private.fill_template(v_words.template, private.template_variables(v_words, a.variables))).body
    end), 1))
    into v_average
    from (
      select k.contact_id, k.variables from public.campaign_recipients as k
      where k.campaign_id = v_campaign.id and k.status = 'pending'
      limit c_sample
    ) as r
    left join public.contacts as p on p.id = r.contact_id
    cross join lateral (
      select v_campaign.variables || case
        when p.id is null then r.variables
        else private.contact_variables(p.display_name, p.attributes) || r.variables
      end as variables
    ) as a;
  end if;
  -- By the first seven digits, of which there are few: what country each of them is in is asked once.
  select array_agg(g.country), array_agg(round(g.count * v_average)::bigint) into v_countries, v_segments
  from (
    select private.country_of(h.head) as country, sum(h.count) as count
    from (
      select left(r.address, 8) as head, count(*) as count
      from public.campaign_recipients as r
      where r.campaign_id = v_campaign.id and r.status = 'pending' and v_campaign.channel <> 'email'
      group by 1
      union all
      select '', v_pending where v_campaign.channel = 'email'
    ) as h
    group by 1
  ) as g;
  v_segment_count := round(v_pending * v_average);

  select sum(s.messages_per_second) into v_pace from private.campaign_senders(v_campaign) as s;
  if v_pace is null then
    perform private.fail(
      409, 'no_sender', 'Cannot estimate the campaign: no active sender of the workspace can send it',
      case when v_campaign.channel = 'email' then 'from_address' else 'phone_number_id' end
    );
  end if;
  select jsonb_agg(to_jsonb(c)), round(sum(c.cost), 2) into v_costs, v_cost
  from private.estimate_costs(v_campaign, v_countries, v_segments) as c;

  update public.campaigns as c
  set checked_at = now(), estimated_at = now(), estimated_segment_count = v_segment_count, estimated_cost = v_cost
  where c.id = v_campaign.id;
  return jsonb_build_object(
    'recipient_count', v_campaign.recipient_count, 'message_count', v_pending, 'skipped', v_skipped,
    'segment_count', v_segment_count, 'is_sampled', v_is_sampled, 'cost', v_cost, 'currency', 'USD', 'costs', v_costs,
    'duration_seconds', ceil(v_segment_count / v_pace)
  );
end;
$$;
comment on function private.estimate_locked_campaign(public.campaigns) is
  'Estimates a campaign that the caller holds, and keeps the sums with it.';
revoke execute on function private.estimate_locked_campaign(public.campaigns) from public, anon, authenticated;

-- Definer: nobody holds a write grant on campaigns.
create function private.estimate_campaign(campaign_id uuid)
returns jsonb language plpgsql security definer set search_path = ''
as $$
begin
  return private.estimate_locked_campaign(
    private.lock_campaign(estimate_campaign.campaign_id, 'estimate the campaign', '{draft,scheduled}')
  );
end;
$$;
comment on function private.estimate_campaign(uuid) is 'Does the work of public.estimate_campaign.';
revoke execute on function private.estimate_campaign(uuid) from public, anon;
grant execute on function private.estimate_campaign(uuid) to authenticated;

create function public.estimate_campaign(campaign_id uuid)
returns jsonb language sql set search_path = ''
as $$
  select private.estimate_campaign(estimate_campaign.campaign_id);
$$;
comment on function public.estimate_campaign(uuid) is
  'What starting a campaign would send: recipient_count, message_count, skipped by reason, segment_count (of a sample of 10000 where is_sampled), cost in USD, costs by provider and country, duration_seconds at the pace of its senders. Owners and admins. Errors: 403, 404, 409, 422.';
revoke execute on function public.estimate_campaign(uuid) from public, anon;
grant execute on function public.estimate_campaign(uuid) to authenticated;
