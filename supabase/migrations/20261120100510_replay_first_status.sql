-- A message that is queued again under its key is answered as it was the first time.

create or replace function private.queue_messages(workspace_id uuid, messages jsonb, is_trusted boolean)
returns table (
  index integer, message_id uuid, conversation_id uuid, status text, is_duplicate boolean,
  error_code text, error_field text, error_message text
)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workspace_id uuid := queue_messages.workspace_id;
  v_drafts private.outbound_draft[];
begin
  v_drafts := array(
    select d from private.read_outbound_drafts(v_workspace_id, queue_messages.messages, queue_messages.is_trusted) as d
  );
  v_drafts := private.refuse_beyond_limits(v_workspace_id, v_drafts);
  perform private.thread_and_queue(v_workspace_id, v_drafts);

  -- A second statement, so that it sees a message that someone else stored under the same key meanwhile.
  return query
  select
    d.index,
    m.id,
    m.conversation_id,
    -- As it was at first: whoever repeats a request gets the answer of the first.
    case when m.scheduled_at > m.created_at then 'scheduled' when m.id is not null then 'queued' end,
    m.id <> d.message_id,
    e.error_code, e.error_field, 'Cannot queue the message: ' || e.error_message
  from unnest(v_drafts) as d
  left join public.conversation_messages as k
    on k.workspace_id = v_workspace_id and k.idempotency_key = d.idempotency_key
  cross join lateral (
    select d.error_code, d.error_field, d.error_message where d.error_code is not null and k.id is null
    union all
    select 'idempotency_key_reused', 'idempotency_key', 'the key belongs to another message'
    where k.idempotency_fingerprint <> d.fingerprint
    union all
    select null, null, null
    limit 1
  ) as e
  left join public.conversation_messages as m on m.id = coalesce(k.id, d.message_id) and e.error_code is null
  order by d.index;
end;
$$;
