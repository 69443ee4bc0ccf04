-- One person who can sign in. A row appears with the account; the person edits the display name.
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  display_name text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint profiles_display_name_has_length check (char_length(display_name) between 1 and 100)
);
comment on table public.profiles is 'One person who can sign in.';
comment on column public.profiles.id is 'The id of the account in auth.users.';
comment on column public.profiles.display_name is 'What colleagues see, 1 to 100 characters.';

alter table public.profiles enable row level security;
revoke all on public.profiles from anon, authenticated, service_role;
grant select, update (display_name) on public.profiles to authenticated;
grant select on public.profiles to service_role;

create policy profiles_update_self on public.profiles
  for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()));

create trigger profiles_set_updated_at before update on public.profiles
  for each row execute function public.update_updated_at_column();

create function private.display_name_of(account jsonb)
returns text language sql immutable set search_path = ''
as $$
  select left(coalesce(
    nullif(trim(display_name_of.account #>> '{raw_user_meta_data,display_name}'), ''),
    nullif(split_part(display_name_of.account ->> 'email', '@', 1), ''),
    'Unnamed'
  ), 100);
$$;
comment on function private.display_name_of(jsonb) is 'What a row of auth.users calls itself: its display name, else its address.';
revoke execute on function private.display_name_of(jsonb) from public, anon, authenticated;

-- Definer: the account is written by Auth's own role, which holds no grant on profiles.
create function private.create_profile()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.profiles (id, display_name)
  values (new.id, private.display_name_of(to_jsonb(new)))
  on conflict (id) do nothing;
  return new;
end;
$$;
comment on function private.create_profile() is 'Trigger: gives every new account its profile.';
revoke execute on function private.create_profile() from public, anon, authenticated;

create trigger create_profile after insert on auth.users
  for each row execute function private.create_profile();

-- Accounts that exist already, when this is deployed to a project with users.
insert into public.profiles (id, display_name)
select u.id, private.display_name_of(to_jsonb(u))
from auth.users as u
on conflict (id) do nothing;
