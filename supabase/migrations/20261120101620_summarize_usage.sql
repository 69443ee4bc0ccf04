-- What a workspace used this month, and what is left of it.
create function public.usage_summary(workspace_id uuid)
returns table (
  month date, channel text, is_in_plan boolean, monthly_limit integer, used_count bigint, reserved_count bigint,
  left_count bigint, own_used_count bigint, own_reserved_count bigint, used_cost numeric, reserved_cost numeric,
  monthly_spend_cap numeric, left_to_spend numeric
)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
declare
  v_month date := date_trunc('month', now() at time zone 'UTC')::date;
  v_workspace public.workspaces;
begin
  select * into v_workspace from public.workspaces as w where w.id = usage_summary.workspace_id;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  return query
  with used as (
    select
      u.channel,
      coalesce(sum(u.settled_count) filter (where u.is_platform), 0)::bigint as used_count,
      coalesce(sum(u.reserved_count) filter (where u.is_platform), 0)::bigint as reserved_count,
      coalesce(sum(u.settled_count) filter (where not u.is_platform), 0)::bigint as own_used_count,
      coalesce(sum(u.reserved_count) filter (where not u.is_platform), 0)::bigint as own_reserved_count,
      sum(u.settled_cost) as used_cost, sum(u.reserved_cost) as reserved_cost
    from public.usage_counters as u
    where u.workspace_id = v_workspace.id and u.month = v_month
    group by u.channel
  )
  select
    v_month, k.channel, l.plan_id is not null, l.monthly_limit,
    coalesce(u.used_count, 0), coalesce(u.reserved_count, 0),
    case
      when l.plan_id is null then 0
      when l.monthly_limit is not null then greatest(l.monthly_limit - coalesce(u.used_count + u.reserved_count, 0), 0)
    end,
    coalesce(u.own_used_count, 0), coalesce(u.own_reserved_count, 0), coalesce(u.used_cost, 0), coalesce(u.reserved_cost, 0),
    v_workspace.monthly_spend_cap,
    case when v_workspace.monthly_spend_cap is not null then
      greatest(v_workspace.monthly_spend_cap - coalesce((select sum(s.used_cost + s.reserved_cost) from used as s), 0), 0)
    end
  from unnest('{sms,whatsapp,email,call}'::text[]) with ordinality as k (channel, position)
  left join public.plan_limits as l on l.plan_id = v_workspace.plan_id and l.channel = k.channel
  left join used as u on u.channel = k.channel
  order by k.position;
end;
$$;
comment on function public.usage_summary(uuid) is
  'This month (UTC) by channel, in messages, or minutes for call: used_count and reserved_count through the operator''s connections, left_count of the plan''s monthly_limit (null: not capped), own_… through its own; costs in USD by our estimate, left_to_spend of the spend cap over all channels. Members. Errors: 404.';
revoke execute on function public.usage_summary(uuid) from public, anon;
grant execute on function public.usage_summary(uuid) to authenticated, service_role;
