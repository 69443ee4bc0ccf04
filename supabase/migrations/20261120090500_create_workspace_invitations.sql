-- Who is asked to join a workspace, by e-mail address. Admins read; only functions write.
create table public.workspace_invitations (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  email text not null,
  role text not null,
  invited_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '7 days',
  accepted_at timestamptz,
  accepted_by uuid references public.profiles (id) on delete set null,
  revoked_at timestamptz,
  constraint workspace_invitations_email_is_an_address
    check (email ~ '^[^\s@]+@[^\s@]+$' and email = lower(email) and char_length(email) <= 254),
  constraint workspace_invitations_role_is_known check (role in ('owner', 'admin', 'member')),
  constraint workspace_invitations_expire_later check (expires_at > created_at),
  constraint workspace_invitations_end_once check (accepted_at is null or revoked_at is null),
  constraint workspace_invitations_acceptor_has_accepted check (accepted_by is null or accepted_at is not null)
);
comment on table public.workspace_invitations is
  'An invitation to join a workspace: open until accepted, revoked, or past expires_at.';
comment on column public.workspace_invitations.email is 'Lower case. Only an account with this confirmed address may accept.';
comment on column public.workspace_invitations.role is 'The role the person gets.';
comment on column public.workspace_invitations.revoked_at is 'When an admin withdrew it, or a newer one took its place.';
create index workspace_invitations_workspace_id_idx on public.workspace_invitations (workspace_id);
create index workspace_invitations_invited_by_idx on public.workspace_invitations (invited_by);
create index workspace_invitations_accepted_by_idx on public.workspace_invitations (accepted_by);
create unique index workspace_invitations_open_once_idx on public.workspace_invitations (workspace_id, email)
  where accepted_at is null and revoked_at is null;

alter table public.workspace_invitations enable row level security;
revoke all on public.workspace_invitations from anon, authenticated, service_role;
grant select on public.workspace_invitations to authenticated, service_role;
create policy workspace_invitations_select_admin on public.workspace_invitations
  for select to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger workspace_invitations_keep_workspace before update of workspace_id on public.workspace_invitations
  for each row execute function private.refuse_workspace_change();

create table private.invitation_tokens (
  invitation_id uuid primary key references public.workspace_invitations (id) on delete cascade,
  token_hash bytea not null unique,
  constraint invitation_tokens_hash_is_sha256 check (octet_length(token_hash) = 32)
);
comment on table private.invitation_tokens is 'SHA-256 of the token that the invited person presents.';
alter table private.invitation_tokens enable row level security;
revoke all on private.invitation_tokens from public, anon, authenticated, service_role;
