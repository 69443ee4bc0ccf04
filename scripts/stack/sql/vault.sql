-- Stands in for the extension supabase_vault 0.3.1: the same relations, functions and grants.
-- https://github.com/supabase/vault/tree/v0.3.1/sql (read 2026-11-20)
create schema if not exists vault;

-- Definer: only a superuser may read the key, which is a file outside the database.
create or replace function vault._key() returns text
language sql stable security definer set search_path = ''
as $$
  select pg_catalog.rtrim(pg_catalog.pg_read_file({{key_file}}), E'\n');
$$;
revoke execute on function vault._key () from public;

create or replace function vault._crypto_aead_det_noncegen() returns bytea
language sql volatile set search_path = ''
as $$ select extensions.gen_random_bytes(16) $$;
revoke execute on function vault._crypto_aead_det_noncegen () from public;

-- A key of its own for each row, so that a ciphertext moved to another row does not open. The casts
-- leave no room for overloads: postgres may create functions in schema extensions.
create or replace function vault._row_key(additional bytea, nonce bytea) returns text
language sql stable set search_path = ''
as $$
  select pg_catalog.encode(
    extensions.hmac(additional || nonce, pg_catalog.convert_to(vault._key(), 'utf8'), 'sha256'::text),
    'hex'
  );
$$;
revoke execute on function vault._row_key (bytea, bytea) from public;

create or replace function vault._crypto_aead_det_encrypt(
  message bytea, additional bytea, key_id bigint,
  context bytea default 'pgsodium'::bytea, nonce bytea default null
) returns bytea
language sql volatile security definer set search_path = ''
as $$
  select extensions.pgp_sym_encrypt_bytea(
    message, vault._row_key(additional, nonce), 'cipher-algo=aes256, s2k-mode=1'::text
  );
$$;
revoke execute on function vault._crypto_aead_det_encrypt (bytea, bytea, bigint, bytea, bytea)
  from public;

create or replace function vault._crypto_aead_det_decrypt(
  message bytea, additional bytea, key_id bigint,
  context bytea default 'pgsodium'::bytea, nonce bytea default null
) returns bytea
language sql stable security definer set search_path = ''
as $$
  select extensions.pgp_sym_decrypt_bytea(message, vault._row_key(additional, nonce));
$$;
revoke execute on function vault._crypto_aead_det_decrypt (bytea, bytea, bigint, bytea, bytea)
  from public;

create table if not exists vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
create unique index if not exists secrets_name_idx on vault.secrets (name) where name is not null;

create or replace view vault.decrypted_secrets as
select
  s.id,
  s.name,
  s.description,
  s.secret,
  convert_from(
    vault._crypto_aead_det_decrypt(
      message := decode(s.secret, 'base64'),
      additional := convert_to(s.id::text, 'utf8'),
      key_id := 0,
      context := 'pgsodium'::bytea,
      nonce := s.nonce
    ),
    'utf8'
  ) as decrypted_secret,
  s.key_id,
  s.nonce,
  s.created_at,
  s.updated_at
from vault.secrets as s;

-- Definer: callers hold no insert on the table, as on the platform. The key id is ignored there too.
create or replace function vault.create_secret(
  new_secret text, new_name text default null, new_description text default '',
  new_key_id uuid default null
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
  v_nonce bytea := vault._crypto_aead_det_noncegen();
begin
  insert into vault.secrets (id, name, description, nonce, secret)
  values (
    v_id, new_name, new_description, v_nonce,
    encode(
      vault._crypto_aead_det_encrypt(
        convert_to(new_secret, 'utf8'), convert_to(v_id::text, 'utf8'), 0, nonce := v_nonce
      ),
      'base64'
    )
  );
  return v_id;
end;
$$;

-- Definer: callers hold no update on the table, as on the platform. Null leaves a column as it is.
create or replace function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null,
  new_description text default null, new_key_id uuid default null
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  -- As the platform does: a secret that cannot be read cannot be updated either.
  v_current text := (select d.decrypted_secret from vault.decrypted_secrets as d where d.id = secret_id);
begin
  update vault.secrets as s
  set
    secret = coalesce(
      encode(
        vault._crypto_aead_det_encrypt(
          convert_to(new_secret, 'utf8'), convert_to(s.id::text, 'utf8'), 0, nonce := s.nonce
        ),
        'base64'
      ),
      s.secret
    ),
    name = coalesce(new_name, s.name),
    description = coalesce(new_description, s.description),
    updated_at = now()
  where s.id = secret_id;
end;
$$;

revoke all on schema vault from public;
revoke all on vault.secrets, vault.decrypted_secrets from public;
revoke execute on function vault.create_secret (text, text, text, uuid) from public;
revoke execute on function vault.update_secret (uuid, text, text, text, uuid) from public;

grant usage on schema vault to postgres with grant option;
grant select, delete on vault.secrets, vault.decrypted_secrets to postgres with grant option;
grant execute on function
  vault.create_secret (text, text, text, uuid),
  vault.update_secret (uuid, text, text, text, uuid),
  vault._crypto_aead_det_decrypt (bytea, bytea, bigint, bytea, bytea)
  to postgres with grant option;

grant usage on schema vault to service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
grant execute on function
  vault.create_secret (text, text, text, uuid),
  vault.update_secret (uuid, text, text, text, uuid),
  vault._crypto_aead_det_decrypt (bytea, bytea, bigint, bytea, bytea)
  to service_role;
