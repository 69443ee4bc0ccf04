-- Tools that work whatever the provider, and what any client of tools wants to know of one.
alter table public.integration_capabilities
  alter column integration_id drop not null,
  alter column required_scope drop not null,
  add column sufficient_scopes text[],
  add column family text,
  add column is_idempotent boolean;

update public.integration_capabilities
set
  sufficient_scopes = array[required_scope],
  family = regexp_replace(capability_key, '^[a-z]+_', ''),
  is_idempotent = is_read_only
where sufficient_scopes is null;

alter table public.integration_capabilities
  alter column sufficient_scopes set not null,
  alter column family set not null,
  alter column is_idempotent set not null,
  add constraint integration_capabilities_provider_requires_scope
    check ((integration_id is null) = (required_scope is null)),
  add constraint integration_capabilities_scopes_suffice check (
    cardinality(sufficient_scopes) > 0
    and array_position(sufficient_scopes, null) is null
    and (required_scope is null or sufficient_scopes = array[required_scope])
  ),
  add constraint integration_capabilities_family_ends_key check (
    case when integration_id is null
      then capability_key = family
      else starts_with(reverse(capability_key), reverse('_' || family))
    end
  ),
  add constraint integration_capabilities_reading_is_idempotent check (is_idempotent or not is_read_only),
  drop constraint integration_capabilities_order_once_per_provider,
  -- Deferrable, so that one statement may exchange places.
  add constraint integration_capabilities_order_once_per_provider
    unique nulls not distinct (integration_id, display_order) deferrable initially immediate;
comment on table public.integration_capabilities is
  'What agents can be given to do, as tools: what a provider can do, and what works whatever the provider. Filled by migrations from the definitions in the functions.';
comment on column public.integration_capabilities.integration_id is
  'The provider, a row of service_providers; null where the tool works whatever the provider.';
comment on column public.integration_capabilities.required_scope is
  'What an agent must have been granted for a provider''s tool: one of the provider''s scopes_supported.';
comment on column public.integration_capabilities.sufficient_scopes is
  'Scopes of which any one, granted on a connection that can be used, opens the tool.';
comment on column public.integration_capabilities.family is
  'What it does: the same word for every provider that can do it, such as send_sms.';
comment on column public.integration_capabilities.is_idempotent is
  'A second call with the same arguments changes nothing more.';

create or replace function private.require_supported_scope()
returns trigger language plpgsql set search_path = ''
as $$
declare
  v_scope text;
begin
  select s.scope into v_scope
  from unnest(new.sufficient_scopes) as s (scope)
  where s.scope is not null and not exists (
    select from public.service_providers as p
    where p.scopes_supported ? s.scope and (new.integration_id is null or p.id = new.integration_id)
  )
  limit 1;
  if found then
    raise exception 'Cannot keep capability %: no provider of it supports the scope %', new.capability_key, v_scope
      using errcode = 'check_violation', constraint = 'integration_capabilities_scope_is_supported';
  end if;
  return new;
end;
$$;
comment on function private.require_supported_scope() is
  'Trigger: a capability is opened by scopes that its provider supports, or some provider where it has none, since no other can ever be granted.';
drop trigger integration_capabilities_require_supported_scope on public.integration_capabilities;
create trigger integration_capabilities_require_supported_scope
  before insert or update of integration_id, required_scope, sufficient_scopes on public.integration_capabilities
  for each row execute function private.require_supported_scope();
