-- How a request with an idempotency key begins and ends. For service_role: the functions call it around their work.

-- Definer: service_role holds no grant on the table.
create function public.begin_idempotent_request(
  actor_id uuid,
  workspace_id uuid,
  route text,
  idempotency_key text,
  fingerprint text,
  may_run_again boolean default false
)
returns table (request_id uuid, state text, status smallint, body text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_fingerprint bytea := decode(begin_idempotent_request.fingerprint, 'hex');
  v_id uuid;
  v_request private.idempotent_requests;
begin
  -- Whoever has left is shown no answer that they were given while they were here.
  perform private.require_member(begin_idempotent_request.actor_id, begin_idempotent_request.workspace_id);
  delete from private.idempotent_requests as r
  where r.workspace_id = begin_idempotent_request.workspace_id and r.caller_id = begin_idempotent_request.actor_id
    and r.route = begin_idempotent_request.route and r.idempotency_key = begin_idempotent_request.idempotency_key
    and r.expires_at <= now();
  insert into private.idempotent_requests as r (workspace_id, caller_id, route, idempotency_key, fingerprint)
  values (
    begin_idempotent_request.workspace_id, begin_idempotent_request.actor_id, begin_idempotent_request.route,
    begin_idempotent_request.idempotency_key, v_fingerprint
  )
  on conflict on constraint idempotent_requests_are_begun_once do nothing
  returning r.id into v_id;
  if v_id is not null then
    return query select v_id, 'begun'::text, null::smallint, null::text;
    return;
  end if;

  select * into v_request from private.idempotent_requests as r
  where r.workspace_id = begin_idempotent_request.workspace_id and r.caller_id = begin_idempotent_request.actor_id
    and r.route = begin_idempotent_request.route and r.idempotency_key = begin_idempotent_request.idempotency_key
  for update;
  if not found then
    -- It ended this moment, with nothing done: the next try begins.
    return query select null::uuid, 'running'::text, null::smallint, null::text;
  elsif v_request.fingerprint <> v_fingerprint then
    return query select null::uuid, 'reused'::text, null::smallint, null::text;
  elsif v_request.status is not null then
    return query select null::uuid, 'answered'::text, v_request.status, v_request.body;
  elsif v_request.lease_ends_at > now() then
    return query select null::uuid, 'running'::text, null::smallint, null::text;
  elsif begin_idempotent_request.may_run_again then
    update private.idempotent_requests as r
    set lease_ends_at = now() + interval '520 seconds', expires_at = now() + interval '24 hours'
    where r.id = v_request.id;
    return query select v_request.id, 'begun'::text, null::smallint, null::text;
  else
    return query select null::uuid, 'unknown'::text, null::smallint, null::text;
  end if;
end;
$$;
comment on function public.begin_idempotent_request(uuid, uuid, text, text, text, boolean) is
  'Says whether a request with an idempotency key is to be run. begun: run it, then finish it; answered: repeat that answer; running: the first one is not finished; reused: the key belongs to another request; unknown: the first one died, and is run again only where the caller says that it may. Errors: 404. For service_role.';
revoke execute on function public.begin_idempotent_request(uuid, uuid, text, text, text, boolean)
  from public, anon, authenticated;
grant execute on function public.begin_idempotent_request(uuid, uuid, text, text, text, boolean) to service_role;

-- Definer: as above.
create function public.finish_idempotent_request(
  request_id uuid,
  status smallint default null,
  body text default null
)
returns void language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  if finish_idempotent_request.status is null then
    delete from private.idempotent_requests as r
    where r.id = finish_idempotent_request.request_id and r.status is null;
  else
    update private.idempotent_requests as r
    set status = finish_idempotent_request.status, body = finish_idempotent_request.body
    where r.id = finish_idempotent_request.request_id and r.status is null;
  end if;
end;
$$;
comment on function public.finish_idempotent_request(uuid, smallint, text) is
  'Keeps the answer of a request that was begun; without a status nothing was done, and the key is free again. The first answer stands. For service_role.';
revoke execute on function public.finish_idempotent_request(uuid, smallint, text) from public, anon, authenticated;
grant execute on function public.finish_idempotent_request(uuid, smallint, text) to service_role;
