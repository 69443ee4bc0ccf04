-- How uploaded rows become recipients: each address once, those who said stop left out, errors row by row.

create function private.campaign_recipient_limit()
returns integer language sql immutable set search_path = ''
as $$
  select 1000000;
$$;
comment on function private.campaign_recipient_limit() is 'How many recipients one campaign may have.';
revoke execute on function private.campaign_recipient_limit() from public, anon, authenticated;

create function private.count_campaign_recipients(campaign_id uuid, added_count integer, duplicate_count integer)
returns void language plpgsql set search_path = ''
as $$
declare
  v_total integer;
begin
  update public.campaigns as c
  set
    recipient_count = c.recipient_count + count_campaign_recipients.added_count,
    duplicate_count = c.duplicate_count + count_campaign_recipients.duplicate_count,
    -- Each row is checked as it comes in; what was there before is as it was.
    checked_at = case when c.recipient_count = 0 then now() else c.checked_at end,
    status = 'draft', estimated_at = null, estimated_segment_count = null, estimated_cost = null
  where c.id = count_campaign_recipients.campaign_id
  returning c.recipient_count into v_total;
  if v_total > private.campaign_recipient_limit() then
    perform private.fail(
      422, 'too_many_recipients',
      format('Cannot add the recipients: a campaign has at most %s', private.campaign_recipient_limit()), 'campaign_id',
      'Split them among several campaigns'
    );
  end if;
end;
$$;
comment on function private.count_campaign_recipients(uuid, integer, integer) is
  'Counts recipients that were just added, and drops the estimate; refuses more than a campaign may have.';
revoke execute on function private.count_campaign_recipients(uuid, integer, integer) from public, anon, authenticated;

create function private.keep_row_errors(campaign public.campaigns, first_row_number integer, last_row_number integer, errors jsonb)
returns void language plpgsql set search_path = ''
as $$
begin
  -- Whoever sends the same rows again gets their errors once.
  delete from public.campaign_row_errors as e
  where e.campaign_id = (keep_row_errors.campaign).id
    and e.row_number between keep_row_errors.first_row_number and keep_row_errors.last_row_number;
  if keep_row_errors.errors = '[]' then
    return;
  end if;
  insert into public.campaign_row_errors (campaign_id, row_number, workspace_id, code, field, message)
  select (keep_row_errors.campaign).id, x.row_number, (keep_row_errors.campaign).workspace_id, x.code, x.field, x.message
  from jsonb_to_recordset(keep_row_errors.errors) as x (row_number integer, code text, field text, message text);
  if (
    select count(*) from public.campaign_row_errors as e where e.campaign_id = (keep_row_errors.campaign).id
  ) > 100000 then
    perform private.fail(
      422, 'too_many_errors', 'Cannot add the recipients: more than 100000 rows cannot be taken', 'addresses',
      'Look at the first errors, mend the list, and call clear_campaign_recipients before you send it again'
    );
  end if;
end;
$$;
comment on function private.keep_row_errors(public.campaigns, integer, integer, jsonb) is
  'Writes down which of the rows from first to last could not be taken, instead of what was known of them.';
revoke execute on function private.keep_row_errors(public.campaigns, integer, integer, jsonb) from public, anon, authenticated;

-- Definer: nobody holds a write grant on recipients.
create function private.add_campaign_recipients(
  campaign_id uuid, addresses text[], variables jsonb, first_row_number integer
)
returns table (added_count integer, duplicate_count integer, opted_out_count integer, error_count integer, errors jsonb)
language plpgsql security definer set search_path = ''
-- Planned for the rows at hand: a plan for a hundred is a bad one for fifty thousand.
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_campaign public.campaigns;
  v_first integer := add_campaign_recipients.first_row_number;
  v_row_count integer := cardinality(add_campaign_recipients.addresses);
  v_kind text;
  v_words private.campaign_words;
  v_needs_variables boolean;
  v_is_templated boolean;
  c_phone constant text := '^\+[1-9][0-9]{6,14}$';
  v_addresses text[];
  v_variables jsonb[];
  v_known text[] := '{}';
  v_opted_out text[];
  v_added integer;
  v_errors jsonb;
begin
  -- Held until the end: what is not a recipient yet is not made one by somebody else meanwhile.
  v_campaign := private.lock_campaign(
    add_campaign_recipients.campaign_id, 'add recipients to the campaign', '{draft,scheduled}'
  );
  if (v_row_count between 1 and 50000) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot add recipients: there are not 1 to 50000 addresses', 'addresses',
      'Send them in chunks'
    );
  end if;
  if (v_first between 1 and 100000000) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot add recipients: rows are counted from 1', 'first_row_number'
    );
  end if;
  if add_campaign_recipients.variables is not null and (
    jsonb_typeof(add_campaign_recipients.variables) = 'array'
    and jsonb_array_length(add_campaign_recipients.variables) = v_row_count
  ) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot add recipients: the variables are not a list as long as the addresses', 'variables'
    );
  end if;
  v_kind := case when v_campaign.channel = 'email' then 'email' else 'phone' end;
  v_words := private.read_campaign_words(v_campaign);
  v_needs_variables := v_words.flaw is null and private.needs_variables(v_words);
  v_is_templated := v_campaign.template_id is not null;

  with given as materialized (
    select
      u.position, a.address, coalesce(u.variables, '{}') as variables,
      case
        when coalesce(a.address, '') = '' then 'recipient_missing'
        when not u.is_plain and (
          case v_kind when 'email' then private.is_mailbox(a.address) else a.address ~ c_phone end
        ) is not true then 'invalid_recipient'
        when jsonb_typeof(u.variables) <> 'object' or pg_column_size(u.variables) > 8192 then 'variables_invalid'
        -- The first two are quick, and right for most; what is asked then is sure.
        when v_needs_variables and (
          v_is_templated or (u.variables ?& v_words.required_names) is not true
          or u.variables @? '$.* ? (@ == null || @ == "" || @ starts with " ")'
        ) then (private.find_variables_flaw(v_words, v_campaign.variables || coalesce(u.variables, '{}'))).code
      end as code
    from (
      select r.address, r.variables, r.position, v_kind = 'phone' and coalesce(r.address ~ c_phone, false) as is_plain
      from rows from (
        unnest(add_campaign_recipients.addresses), jsonb_array_elements(add_campaign_recipients.variables)
      ) with ordinality as r (address, variables, position)
      -- Keeps what is_plain stands for from being asked each time it is used.
      offset 0
    ) as u
    cross join lateral (
      select case
        when u.is_plain then u.address
        when v_kind = 'email' then lower(trim(u.address))
        else regexp_replace(regexp_replace(u.address, '[[:space:]().-]', '', 'g'), '^00', '+')
      end as address
    ) as a
  ),
  -- In the order of the index, so that neighbours there are written together.
  wanted as (
    select distinct on (g.address collate "C") g.address, g.variables
    from given as g
    where g.code is null
    order by g.address collate "C", g.position
  )
  select
    (select array_agg(w.address) from wanted as w),
    (select array_agg(w.variables) from wanted as w),
    (
      select coalesce(jsonb_agg(jsonb_build_object(
        'row_number', v_first - 1 + g.position,
        'code', g.code,
        'field', case g.code
          when 'variables_invalid' then 'variables'
          else coalesce(f.field, 'address')
        end,
        'message', case g.code
          when 'recipient_missing' then 'there is no address'
          when 'invalid_recipient' then case v_kind
            when 'email' then 'the address is not an e-mail address' else 'the address is not an E.164 number'
          end
          when 'variables_invalid' then 'the variables do not fit the header, or are not an object of up to 8 kB'
          else f.message
        end
      ) order by g.position), '[]')
      from given as g
      left join lateral private.find_variables_flaw(v_words, v_campaign.variables || g.variables) as f
        on g.code in ('variable_missing', 'variable_invalid')
      where g.code is not null
    )
  into v_addresses, v_variables, v_errors;

  -- Asked with the addresses as they are, so that the plan is for them, and a wrong guess at a table costs little.
  if v_campaign.recipient_count > 0 then
    v_known := array(
      select r.address from public.campaign_recipients as r
      where r.campaign_id = v_campaign.id and r.address = any (v_addresses)
    );
  end if;
  v_opted_out := array(
    select o.address from public.opt_outs as o
    where o.workspace_id = v_campaign.workspace_id and o.kind = v_kind and o.address = any (v_addresses)
      and o.ended_at is null
  );
  -- No `on conflict`, which writes each row twice: nobody else adds to a campaign that is held.
  insert into public.campaign_recipients (campaign_id, address, workspace_id, variables, status, skip_reason)
  select
    v_campaign.id, w.address, v_campaign.workspace_id, w.variables,
    case when w.address = any (v_opted_out) then 'skipped' else 'pending' end,
    case when w.address = any (v_opted_out) then 'recipient_opted_out' end
  from unnest(v_addresses, v_variables) as w (address, variables)
  where w.address <> all (v_known);
  get diagnostics v_added = row_count;

  perform private.keep_row_errors(v_campaign, v_first, v_first + v_row_count - 1, v_errors);
  perform private.count_campaign_recipients(
    v_campaign.id, v_added, v_row_count - v_added - jsonb_array_length(v_errors)
  );
  return query
  select
    v_added, v_row_count - v_added - jsonb_array_length(v_errors),
    -- Those of them that were there already are duplicates.
    (select count(*)::integer from unnest(v_opted_out) as u (address) where u.address <> all (v_known)),
    jsonb_array_length(v_errors), v_errors;
end;
$$;
comment on function private.add_campaign_recipients(uuid, text[], jsonb, integer) is
  'Does the work of public.add_campaign_recipients.';
revoke execute on function private.add_campaign_recipients(uuid, text[], jsonb, integer) from public, anon;
grant execute on function private.add_campaign_recipients(uuid, text[], jsonb, integer) to authenticated;

create function public.add_campaign_recipients(
  campaign_id uuid, addresses text[], variables jsonb default null, first_row_number integer default 1
)
returns table (added_count integer, duplicate_count integer, opted_out_count integer, error_count integer, errors jsonb)
language sql set search_path = ''
as $$
  select * from private.add_campaign_recipients(
    add_campaign_recipients.campaign_id, add_campaign_recipients.addresses, add_campaign_recipients.variables,
    add_campaign_recipients.first_row_number
  );
$$;
comment on function public.add_campaign_recipients(uuid, text[], jsonb, integer) is
  'Adds up to 50000 rows to a draft: addresses, and as many objects of variables. Rows with an error {row_number, code, field, message} are left out and kept in campaign_row_errors; addresses that are there already are duplicates; opted-out ones (part of added_count) are skipped. Owners and admins. Errors: 400, 403, 404, 409, 422.';
revoke execute on function public.add_campaign_recipients(uuid, text[], jsonb, integer) from public, anon;
grant execute on function public.add_campaign_recipients(uuid, text[], jsonb, integer) to authenticated;
