-- The homes of the data and what holds everywhere: nothing is reachable until a migration grants it.

create schema private;
comment on schema private is
  'Tables and functions that the Data API never exposes: jobs, credential references, predicates of policies.';
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;

-- Older projects still hand out grants by default; these lines make every project like a new one.
alter default privileges for role postgres in schema public
  revoke all on tables from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke all on sequences from anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  revoke execute on functions from anon, authenticated, service_role;

create function public.update_updated_at_column()
returns trigger language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
comment on function public.update_updated_at_column() is
  'Trigger: stamps updated_at with the time of the change.';
revoke execute on function public.update_updated_at_column() from public, anon, authenticated;

create function private.fail(
  status integer,
  code text,
  message text,
  field text default null,
  hint text default null
)
returns void language plpgsql set search_path = ''
as $$
begin
  raise exception '%', fail.message using
    errcode = 'PT' || fail.status,
    detail = jsonb_strip_nulls(jsonb_build_object('code', fail.code, 'field', fail.field))::text,
    hint = coalesce(fail.hint, '');
end;
$$;
comment on function private.fail(integer, text, text, text, text) is
  'Refuses a call. The Data API answers with the HTTP status; the detail is JSON with a stable code and the field.';
revoke execute on function private.fail(integer, text, text, text, text) from public, anon;
grant execute on function private.fail(integer, text, text, text, text) to authenticated, service_role;

create function private.refuse_workspace_change()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if new.workspace_id is distinct from old.workspace_id then
    perform private.fail(
      422, 'workspace_is_fixed',
      format('Cannot move a row of %s to another workspace', tg_table_name), 'workspace_id'
    );
  end if;
  return new;
end;
$$;
comment on function private.refuse_workspace_change() is
  'Trigger: a row never changes its workspace, whoever writes it.';
revoke execute on function private.refuse_workspace_change() from public, anon, authenticated;

create function private.time_ordered_uuid()
returns uuid language sql volatile set search_path = ''
as $$
  select encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;
$$;
comment on function private.time_ordered_uuid() is
  'A UUID of version 7: new rows stand side by side in every index on the id, instead of all over it.';
revoke execute on function private.time_ordered_uuid() from public, anon;
grant execute on function private.time_ordered_uuid() to authenticated, service_role;

create function private.new_token()
returns text language sql volatile set search_path = ''
as $$
  select replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
$$;
comment on function private.new_token() is 'An unguessable token: 64 hexadecimal digits, 244 of their bits random.';
revoke execute on function private.new_token() from public, anon;
grant execute on function private.new_token() to authenticated, service_role;

create function private.hash_of(token text)
returns bytea language sql immutable set search_path = ''
as $$
  select sha256(convert_to(hash_of.token, 'UTF8'));
$$;
comment on function private.hash_of(text) is 'What is kept of a token: its SHA-256.';
revoke execute on function private.hash_of(text) from public, anon, authenticated;
