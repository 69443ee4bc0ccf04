-- One text that confirms an opt-out, where the provider sends none, as 47 CFR 64.1200(a)(12) allows.

alter table public.workspaces add column opt_out_confirmation text
  default 'You have been unsubscribed from {{workspace}} and will get no more messages. Reply START to resubscribe.';
alter table public.workspaces
  add constraint workspaces_opt_out_confirmation_has_length
    check (opt_out_confirmation ~ '\S' and char_length(opt_out_confirmation) <= 320);
comment on column public.workspaces.opt_out_confirmation is
  'What answers a stop that the provider does not answer itself; {{workspace}} becomes the name. It may say nothing but that. Null: nothing is answered.';
grant update (opt_out_confirmation) on public.workspaces to authenticated;

create function private.confirm_opt_out(opt_out_id uuid, message public.conversation_messages)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message public.conversation_messages := confirm_opt_out.message;
  v_draft private.outbound_draft;
begin
  select left(replace(w.opt_out_confirmation, '{{workspace}}', w.name), 1600) into v_draft.body
  from public.workspaces as w where w.id = v_message.workspace_id;
  if v_draft.body is null then
    return;
  end if;
  select t.channel, t.contact_id into v_draft.channel, v_draft.contact_id
  from public.conversations as t where t.id = v_message.conversation_id;
  v_draft.index := 0;
  v_draft.message_id := private.time_ordered_uuid();
  v_draft.contact_address := v_message.from_address;
  v_draft.phone_number_id := v_message.phone_number_id;
  v_draft.from_address := v_message.to_address;
  v_draft.media_urls := '{}';
  v_draft.reference_ids := '{}';
  v_draft.message_class := 'opt_out_confirmation';
  v_draft.is_platform := exists (
    select from public.phone_numbers as p where p.id = v_message.phone_number_id and p.workspace_id is null
  );
  -- From the number that the person wrote to, or not at all.
  v_draft.is_sender_fixed := true;
  v_draft.segment_count := greatest(private.count_segments(v_draft.body), 1);
  v_draft.cost := v_draft.segment_count * private.default_rate(v_draft.channel);
  -- By the opt-out, so that it can never have a second one.
  v_draft.idempotency_key := 'opt_out_confirmation:' || confirm_opt_out.opt_out_id;
  v_draft.fingerprint := sha256(convert_to(v_draft.idempotency_key, 'UTF8'));
  -- The draft is not read from a request: what would refuse one to somebody who opted out is not asked.
  perform private.thread_and_queue(v_message.workspace_id, array[v_draft]);
exception
  -- The whole webhook is to be tried again.
  when deadlock_detected or serialization_failure or lock_not_available then
    raise;
  -- Whatever keeps the answer back, the opt-out holds.
  when others then
    perform private.write_audit(
      v_message.workspace_id, null, 'opt_out.not_confirmed', 'opt_out', confirm_opt_out.opt_out_id::text,
      jsonb_build_object('reason', left(sqlstate || ': ' || sqlerrm, 500))
    );
end;
$$;
comment on function private.confirm_opt_out(uuid, public.conversation_messages) is
  'Queues the one text that confirms an opt-out, from the sender that the person wrote to.';
revoke execute on function private.confirm_opt_out(uuid, public.conversation_messages) from public, anon, authenticated;
