-- An edit that makes a message dearer stays within the spend cap.
create or replace function private.edit_words(message public.conversation_messages, changes jsonb)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message public.conversation_messages := edit_words.message;
  v_changes jsonb := edit_words.changes;
  v_channel text := (select t.channel from public.conversations as t where t.id = v_message.conversation_id);
  v_draft jsonb;
  v_whole private.outbound_draft;
begin
  if exists (select from public.template_details as d where d.message_id = v_message.id) then
    perform private.refuse_flaw(
      'template_invalid', (select min(k.name) from jsonb_object_keys(v_changes) as k (name)), 'its words are its template''s'
    );
  end if;
  v_draft := jsonb_build_object(
    'channel', v_channel, 'conversation_id', v_message.conversation_id, 'from_address', v_message.from_address,
    'body', v_message.body
  );
  if v_channel = 'email' then
    v_draft := v_draft || (
      select jsonb_build_object('subject', d.subject, 'html', d.html)
      from public.email_details as d where d.message_id = v_message.id
    );
  else
    v_draft := v_draft || jsonb_build_object(
      'media_urls', array(
        select d.url from public.message_media as d
        where d.message_id = v_message.id and d.url is not null order by d.position
      ),
      'media', array(
        select jsonb_build_object('path', d.storage_path) from public.message_media as d
        where d.message_id = v_message.id and d.storage_path is not null order by d.position
      )
    );
  end if;
  -- What enqueueing would say to the whole of it.
  select * into v_whole
  from private.read_outbound_drafts(v_message.workspace_id, jsonb_build_array(v_draft || v_changes), false) as d;
  if v_whole.error_code is not null then
    perform private.refuse_flaw(v_whole.error_code, v_whole.error_field, v_whole.error_message);
  end if;
  perform private.refuse_at_limit(
    private.limit_reached(
      v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_message.is_platform, 0,
      v_whole.cost - v_message.estimated_cost
    ),
    'edit the message'
  );

  -- Who changes the words answers for them.
  update public.conversation_messages as m
  set
    body = coalesce(v_changes ->> 'body', m.body),
    segment_count = v_whole.segment_count,
    estimated_cost = v_whole.cost,
    sender_id = coalesce(auth.uid(), m.sender_id),
    agent_id = case when auth.uid() is null then m.agent_id end
  where m.id = v_message.id;
  update public.email_details as d
  set subject = coalesce(v_changes ->> 'subject', d.subject), html = coalesce(v_changes ->> 'html', d.html)
  where d.message_id = v_message.id and v_changes ?| '{subject,html}';
  if v_changes ?| '{media_urls,media}' then
    delete from public.message_media as d where d.message_id = v_message.id;
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, storage_path)
    select
      v_message.id, u.position, v_message.workspace_id, v_message.conversation_id,
      case when starts_with(u.medium, 'https://') then u.medium end,
      case when not starts_with(u.medium, 'https://') then u.medium end
    from unnest(v_whole.media_urls) with ordinality as u (medium, position);
  end if;
  update public.conversations as t
  set snippet = private.snippet_of(v_changes ->> 'body')
  where t.id = v_message.conversation_id and v_changes ? 'body' and t.snippet = private.snippet_of(v_message.body);
  perform private.count_usage(array[(
    v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_message.is_platform, 0, 0,
    v_whole.cost - v_message.estimated_cost, 0
  )::private.usage_change]);
end;
$$;
