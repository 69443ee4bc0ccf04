-- What became of a campaign: recipient by recipient, and in numbers that add up.
create view public.campaign_results with (security_invoker = true) as
select
  r.campaign_id,
  r.address,
  r.workspace_id,
  r.contact_id,
  case
    when r.status = 'pending' then case when c.status = 'canceled' then 'skipped' else 'pending' end
    when r.status = 'skipped' then 'skipped'
    when m.status in ('scheduled', 'queued', 'sending') then 'queued'
    when m.status = 'sent' then 'sent'
    when m.status in ('delivered', 'read') then 'delivered'
    when m.status in ('failed', 'undelivered') then 'failed'
    when m.status = 'canceled' then 'canceled'
    else 'unknown'
  end as status,
  case when r.status = 'pending' and c.status = 'canceled' then 'campaign_canceled' else r.skip_reason end as skip_reason,
  r.message_id,
  m.status as message_status,
  m.error_code,
  m.error_message,
  m.sent_at,
  m.delivered_at
from public.campaign_recipients as r
join public.campaigns as c on c.id = r.campaign_id
left join public.conversation_messages as m on m.id = r.message_id;
comment on view public.campaign_results is
  'What became of each recipient: pending, skipped, queued, sent, delivered, failed, canceled; unknown where the message is gone.';
revoke all on public.campaign_results from anon, authenticated, service_role;
grant select on public.campaign_results to authenticated, service_role;

create view public.campaign_progress with (security_invoker = true) as
select
  c.id as campaign_id,
  c.workspace_id,
  c.status,
  coalesce(sum(n.count), 0)::bigint as total_count,
  coalesce(sum(n.count) filter (where n.status = 'pending'), 0)::bigint as pending_count,
  coalesce(sum(n.count) filter (where n.status = 'skipped'), 0)::bigint as skipped_count,
  coalesce(sum(n.count) filter (where n.status = 'queued'), 0)::bigint as queued_count,
  coalesce(sum(n.count) filter (where n.status = 'sent'), 0)::bigint as sent_count,
  coalesce(sum(n.count) filter (where n.status = 'delivered'), 0)::bigint as delivered_count,
  coalesce(sum(n.count) filter (where n.status = 'failed'), 0)::bigint as failed_count,
  coalesce(sum(n.count) filter (where n.status = 'canceled'), 0)::bigint as canceled_count,
  coalesce(sum(n.count) filter (where n.status = 'unknown'), 0)::bigint as unknown_count,
  coalesce(jsonb_object_agg(n.skip_reason, n.count) filter (where n.skip_reason is not null), '{}') as skipped
from public.campaigns as c
left join lateral (
  select r.status, r.skip_reason, count(*) as count
  from public.campaign_results as r
  where r.campaign_id = c.id
  group by r.status, r.skip_reason
) as n on true
group by c.id;
comment on view public.campaign_progress is
  'How far each campaign is: the counts add up to total_count at every moment; skipped says why.';
revoke all on public.campaign_progress from anon, authenticated, service_role;
grant select on public.campaign_progress to authenticated, service_role;
