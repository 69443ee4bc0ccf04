import type postgres from "postgres";

/**
 * Throws unless what the map says once holds everywhere: anon has nothing, row level security holds
 * for people and in views, and service_role alone is above it.
 */
export async function refuseWhatIsOpen(tx: postgres.TransactionSql): Promise<void> {
  const rows = await tx<{ problem: string }[]>`
    with homes as (select oid, nspname, nspacl from pg_namespace where nspname in ('public', 'private')),
    relations as (select c.* from pg_class as c join homes as h on h.oid = c.relnamespace),
    grants as (
      select c.oid::regclass::text as name,
        coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)) as acl
      from relations as c
      union all
      select c.oid::regclass || '.' || a.attname, a.attacl
      from relations as c join pg_attribute as a on a.attrelid = c.oid where a.attacl is not null
      union all
      select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner))
      from pg_proc as p join homes as h on h.oid = p.pronamespace
      union all
      select 'schema private', h.nspacl from homes as h where h.nspname = 'private'
    )
    select 'anon holds ' || lower(x.privilege_type) || ' on ' || g.name as problem
    from grants as g cross join aclexplode(g.acl) as x
    where x.grantee = 0 or pg_has_role('anon', x.grantee, 'usage')
    union
    select c.oid::regclass || ' has no row level security' from relations as c
    where c.relkind in ('r', 'p', 'm', 'f') and not c.relrowsecurity
    union
    select c.oid::regclass || ' is a view without security_invoker' from relations as c
    where c.relkind = 'v' and not exists (
      select from pg_options_to_table(c.reloptions) as o
      where o.option_name = 'security_invoker' and o.option_value::boolean
    )
    union
    select r.rolname || case when r.rolbypassrls then ' bypasses' else ' is held back by' end || ' row level security'
    from pg_roles as r
    where (r.rolname in ('anon', 'authenticated') and r.rolbypassrls)
      or (r.rolname = 'service_role' and not r.rolbypassrls)
    order by problem`;
  if (rows.length > 0) {
    const problems = rows.map((row) => row.problem).join("\n- ");
    throw new Error(`Cannot generate the schema map:\n- ${problems}`);
  }
}
