-- A small world for development: two workspaces and the people of the demo. Production needs none of it.
-- Everybody's password is switchboard-demo.

do $$
declare
  v_people jsonb;
  v_columns text;
begin
  select jsonb_agg(jsonb_build_object(
    'id', p.id,
    'instance_id', '00000000-0000-0000-0000-000000000000',
    'aud', 'authenticated',
    'role', 'authenticated',
    'email', p.email,
    'encrypted_password', extensions.crypt('switchboard-demo', extensions.gen_salt('bf', 10)),
    'email_confirmed_at', now(),
    'raw_app_meta_data', '{"provider": "email", "providers": ["email"]}'::jsonb,
    'raw_user_meta_data', jsonb_build_object('display_name', p.display_name),
    'is_sso_user', false,
    'is_anonymous', false,
    'email_change_confirm_status', 0,
    'confirmation_token', '',
    'recovery_token', '',
    'email_change_token_new', '',
    'email_change', '',
    'created_at', now(),
    'updated_at', now()
  ))
  into v_people
  from (values
    ('5eed0000-0000-4000-8000-000000000001'::uuid, 'owner@example.com', 'Owner'),
    ('5eed0000-0000-4000-8000-000000000002'::uuid, 'admin@example.com', 'Admin'),
    ('5eed0000-0000-4000-8000-000000000003'::uuid, 'member@example.com', 'Member'),
    ('5eed0000-0000-4000-8000-000000000004'::uuid, 'stranger@example.com', 'Stranger')
  ) as p (id, email, display_name);

  -- Auth's tables differ between its versions: only the columns that are there are filled.
  select string_agg(quote_ident(c.column_name), ', ') into v_columns
  from information_schema.columns as c
  where c.table_schema = 'auth' and c.table_name = 'users' and c.is_generated = 'NEVER'
    and v_people -> 0 ? c.column_name;
  execute format(
    'insert into auth.users (%1$s) select %1$s from jsonb_populate_recordset(null::auth.users, $1) on conflict do nothing',
    v_columns
  ) using v_people;

  insert into auth.identities (id, user_id, provider_id, provider, identity_data, last_sign_in_at, created_at, updated_at)
  select u.id, u.id, u.id::text, 'email', jsonb_build_object('sub', u.id, 'email', u.email), now(), now(), now()
  from auth.users as u
  where u.id::text like '5eed0000-%'
  on conflict do nothing;
end;
$$;

insert into public.workspaces (id, slug, name, timezone)
values
  ('5eed0000-0000-4000-8000-000000000011', 'acme-dental', 'Acme Dental', 'America/Chicago'),
  ('5eed0000-0000-4000-8000-000000000012', 'birch-bakery', 'Birch Bakery', 'Europe/Berlin')
on conflict do nothing;

insert into public.workspace_members (workspace_id, user_id, role)
select w.id, u.id, m.role
from (values
  ('acme-dental', 'owner@example.com', 'owner'),
  ('acme-dental', 'admin@example.com', 'admin'),
  ('acme-dental', 'member@example.com', 'member'),
  ('birch-bakery', 'stranger@example.com', 'owner')
) as m (slug, email, role)
join public.workspaces as w on w.slug = m.slug
join auth.users as u on u.email = m.email
on conflict do nothing;
