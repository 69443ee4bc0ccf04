-- The approved template that a WhatsApp message was sent by. Members read; only functions write.
create table public.template_details (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  workspace_id uuid not null,
  conversation_id uuid not null,
  template_id uuid,
  external_id text not null,
  language text not null,
  variables jsonb not null default '{}',
  constraint template_details_template_of_workspace
    foreign key (workspace_id, template_id) references public.message_templates (workspace_id, id)
    on delete set null (template_id),
  constraint template_details_external_id_is_said check (external_id <> ''),
  constraint template_details_language_is_a_tag check (language ~ '^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$'),
  constraint template_details_variables_are_texts check (
    jsonb_typeof(variables) = 'object' and not jsonb_path_exists(variables, '$.* ? (@.type() <> "string")')
  )
);
comment on table public.template_details is 'The approved template that a WhatsApp message was sent by.';
comment on column public.template_details.conversation_id is 'That of the message: it decides who may see it.';
comment on column public.template_details.external_id is 'The provider''s id or name of the template.';
comment on column public.template_details.variables is 'What was filled in, by name or by position from 1.';
create index template_details_conversation_id_idx on public.template_details (workspace_id, conversation_id);
create index template_details_template_id_idx on public.template_details (workspace_id, template_id);

alter table public.template_details enable row level security;
revoke all on public.template_details from anon, authenticated, service_role;
grant select on public.template_details to authenticated, service_role;
create policy template_details_select_member on public.template_details
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger template_details_keep_workspace before update of workspace_id on public.template_details
  for each row execute function private.refuse_workspace_change();
