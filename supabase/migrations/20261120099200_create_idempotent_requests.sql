-- Requests that carried an idempotency key, and the answer that each of them was given first.
create table private.idempotent_requests (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  caller_id uuid not null references public.profiles (id) on delete cascade,
  route text not null,
  idempotency_key text not null,
  fingerprint bytea not null,
  status smallint,
  body text,
  -- No function lives longer than 400 seconds; after two more minutes whoever ran it is gone.
  lease_ends_at timestamptz not null default now() + interval '520 seconds',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '24 hours',
  constraint idempotent_requests_key_has_length check (char_length(idempotency_key) between 1 and 255),
  constraint idempotent_requests_route_has_length check (char_length(route) between 1 and 200),
  constraint idempotent_requests_fingerprint_is_sha256 check (octet_length(fingerprint) = 32),
  constraint idempotent_requests_status_is_of_http check (status between 200 and 599),
  constraint idempotent_requests_body_has_status check (body is null or status is not null),
  constraint idempotent_requests_expire_after_lease check (expires_at > lease_ends_at),
  constraint idempotent_requests_are_begun_once unique (workspace_id, caller_id, route, idempotency_key)
);
comment on table private.idempotent_requests is
  'A request with an idempotency key, from when it began; a second one with the key gets the answer of the first.';
comment on column private.idempotent_requests.caller_id is
  'Who made it: nobody else is shown its answer.';
comment on column private.idempotent_requests.route is 'Method and path, such as POST /connections.';
comment on column private.idempotent_requests.fingerprint is
  'HMAC-SHA-256 of the request under a key that is not in the database, since a request may hold secrets.';
comment on column private.idempotent_requests.status is 'The HTTP status of the first answer; null while it runs.';
comment on column private.idempotent_requests.body is
  'The first answer, letter by letter: jsonb would put its fields in another order. Null where it had none.';
comment on column private.idempotent_requests.lease_ends_at is
  'A request without an answer after this has died, and nobody knows how far it came.';
comment on column private.idempotent_requests.expires_at is 'When the key is free again.';
create index idempotent_requests_caller_id_idx on private.idempotent_requests (caller_id);
create index idempotent_requests_expires_at_idx on private.idempotent_requests (expires_at);

alter table private.idempotent_requests enable row level security;
revoke all on private.idempotent_requests from public, anon, authenticated, service_role;

create trigger idempotent_requests_keep_workspace before update of workspace_id on private.idempotent_requests
  for each row execute function private.refuse_workspace_change();
