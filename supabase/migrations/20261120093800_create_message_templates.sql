-- Words that are used again, with places for what differs. Admins write.
create table public.message_templates (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  channel text not null,
  language text not null default 'en',
  subject text,
  body text not null,
  variables jsonb not null default '[]',
  external_id text,
  is_active boolean not null default true,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint message_templates_name_is_plain check (name ~ '^[a-z0-9][a-z0-9_-]{0,99}$'),
  constraint message_templates_channel_is_known check (channel in ('sms', 'whatsapp', 'email', 'live_chat')),
  constraint message_templates_language_is_a_tag check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint message_templates_subject_is_of_email
    check (subject is null or (channel = 'email' and char_length(subject) between 1 and 998)),
  constraint message_templates_body_has_length check (char_length(body) between 1 and 100000),
  constraint message_templates_variables_are_described check (
    case when jsonb_typeof(variables) = 'array' then
      jsonb_array_length(variables) = jsonb_array_length(jsonb_path_query_array(
        variables,
        'strict $[*] ? (@.name like_regex "^[a-z][a-z0-9_]*$"
          && (@.type == "text" || @.type == "number" || @.type == "date" || @.type == "url"))'
      ))
    else false end
  ),
  constraint message_templates_external_id_is_of_whatsapp check (external_id is null or channel = 'whatsapp'),
  constraint message_templates_id_in_workspace unique (workspace_id, id),
  constraint message_templates_written_once unique (workspace_id, name, channel, language)
);
comment on table public.message_templates is 'Words that are used again, one row per channel and language.';
comment on column public.message_templates.language is 'BCP 47, such as en or pt-BR.';
comment on column public.message_templates.body is 'Text with {{variable}} where something is filled in.';
comment on column public.message_templates.variables is
  'What is to be filled in: a list of {"name", "type": "text" | "number" | "date" | "url", "is_required"}.';
comment on column public.message_templates.external_id is 'The provider''s id of an approved WhatsApp template.';
create index message_templates_created_by_idx on public.message_templates (created_by);

alter table public.message_templates enable row level security;
revoke all on public.message_templates from anon, authenticated, service_role;
grant
  select,
  insert (workspace_id, name, channel, language, subject, body, variables, external_id),
  update (name, subject, body, variables, external_id, is_active),
  delete
  on public.message_templates to authenticated;
grant select on public.message_templates to service_role;
create policy message_templates_select_member on public.message_templates
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy message_templates_insert_admin on public.message_templates
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy message_templates_update_admin on public.message_templates
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy message_templates_delete_admin on public.message_templates
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger message_templates_set_updated_at before update on public.message_templates
  for each row execute function public.update_updated_at_column();
create trigger message_templates_keep_workspace before update of workspace_id on public.message_templates
  for each row execute function private.refuse_workspace_change();
