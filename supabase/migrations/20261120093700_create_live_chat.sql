-- Chat on a workspace's own website: the widget that is embedded, and each visit that talks through it.

create function private.are_web_origins(origins text[])
returns boolean language sql immutable set search_path = ''
as $$
  select cardinality(are_web_origins.origins) > 0 and not exists (
    select from unnest(are_web_origins.origins) as o (origin)
    where (o.origin ~ '^https?://[a-z0-9.-]+(:[0-9]{1,5})?$') is not true
  );
$$;
comment on function private.are_web_origins(text[]) is 'Whether these are origins of websites, and at least one.';
revoke execute on function private.are_web_origins(text[]) from public, anon;
grant execute on function private.are_web_origins(text[]) to authenticated, service_role;

create table public.live_chat_widgets (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  public_key text not null unique default private.new_token(),
  allowed_origins text[] not null,
  greeting text,
  team_channel_id uuid,
  is_active boolean not null default true,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint live_chat_widgets_channel_of_workspace
    foreign key (workspace_id, team_channel_id) references public.team_channels (workspace_id, id)
    on delete set null (team_channel_id),
  constraint live_chat_widgets_name_has_length check (char_length(name) between 1 and 100),
  constraint live_chat_widgets_greeting_has_length check (char_length(greeting) between 1 and 500),
  constraint live_chat_widgets_key_is_long check (char_length(public_key) >= 32),
  constraint live_chat_widgets_origins_are_web check (private.are_web_origins(allowed_origins)),
  constraint live_chat_widgets_id_in_workspace unique (workspace_id, id)
);
comment on table public.live_chat_widgets is 'A chat that is embedded in a website of the workspace.';
comment on column public.live_chat_widgets.public_key is 'Names the widget in the embedded code. Everybody who visits the site can read it.';
comment on column public.live_chat_widgets.allowed_origins is 'Where it may be embedded, such as https://www.example.com.';
comment on column public.live_chat_widgets.team_channel_id is 'The team channel that new conversations are assigned to.';
create index live_chat_widgets_team_channel_id_idx on public.live_chat_widgets (workspace_id, team_channel_id);
create index live_chat_widgets_created_by_idx on public.live_chat_widgets (created_by);

alter table public.live_chat_widgets enable row level security;
revoke all on public.live_chat_widgets from anon, authenticated, service_role;
grant
  select,
  insert (workspace_id, name, allowed_origins, greeting, team_channel_id),
  update (name, allowed_origins, greeting, team_channel_id, is_active)
  on public.live_chat_widgets to authenticated;
grant select on public.live_chat_widgets to service_role;
create policy live_chat_widgets_select_member on public.live_chat_widgets
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy live_chat_widgets_insert_admin on public.live_chat_widgets
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy live_chat_widgets_update_admin on public.live_chat_widgets
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger live_chat_widgets_set_updated_at before update on public.live_chat_widgets
  for each row execute function public.update_updated_at_column();
create trigger live_chat_widgets_keep_workspace before update of workspace_id on public.live_chat_widgets
  for each row execute function private.refuse_workspace_change();

create table public.live_chat_sessions (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  widget_id uuid not null,
  conversation_id uuid not null,
  visitor_name text,
  visitor_email text,
  page_url text,
  started_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint live_chat_sessions_widget_of_workspace
    foreign key (workspace_id, widget_id) references public.live_chat_widgets (workspace_id, id) on delete cascade,
  constraint live_chat_sessions_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id) on delete cascade,
  constraint live_chat_sessions_visitor_name_has_length check (char_length(visitor_name) between 1 and 200),
  constraint live_chat_sessions_email_is_an_address check (private.is_address('email', visitor_email)),
  constraint live_chat_sessions_page_is_web check (page_url ~ '^https?://' and char_length(page_url) <= 2048),
  constraint live_chat_sessions_end_after_start check (ended_at >= started_at and last_seen_at >= started_at)
);
comment on table public.live_chat_sessions is 'One visit that talks through a widget. Only functions write.';
comment on column public.live_chat_sessions.visitor_email is 'What the visitor typed: nobody has confirmed it.';
comment on column public.live_chat_sessions.page_url is 'The page on which the visit began.';
create index live_chat_sessions_widget_id_idx on public.live_chat_sessions (workspace_id, widget_id);
create index live_chat_sessions_conversation_id_idx on public.live_chat_sessions (workspace_id, conversation_id);

alter table public.live_chat_sessions enable row level security;
revoke all on public.live_chat_sessions from anon, authenticated, service_role;
grant select on public.live_chat_sessions to authenticated, service_role;
create policy live_chat_sessions_select_member on public.live_chat_sessions
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger live_chat_sessions_keep_workspace before update of workspace_id on public.live_chat_sessions
  for each row execute function private.refuse_workspace_change();

create table private.live_chat_session_tokens (
  session_id uuid primary key references public.live_chat_sessions (id) on delete cascade,
  token_hash bytea not null unique,
  constraint live_chat_session_tokens_hash_is_sha256 check (octet_length(token_hash) = 32)
);
comment on table private.live_chat_session_tokens is 'SHA-256 of the token by which a visitor is known again.';
alter table private.live_chat_session_tokens enable row level security;
revoke all on private.live_chat_session_tokens from public, anon, authenticated, service_role;
