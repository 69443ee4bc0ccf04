/** Reads tables, views and functions of public and private from the catalogue of a database. */
import postgres from "postgres";
import { refuseWhatIsOpen } from "./guard.ts";

export interface Relation {
  /** Without its schema when that is public. */
  name: string;
  isView: boolean;
  comment: string;
  columns: Column[];
  foreignKeys: ForeignKey[];
  policies: Policy[];
  rights: Right[];
  /** Tables that a view reads. */
  reads: string[];
}

export interface Column {
  name: string;
  type: string;
  isNullable: boolean;
  isPrimaryKey: boolean;
  comment: string;
  /** Check constraints on this column alone. */
  checks: string[];
}

export interface ForeignKey {
  columns: string[];
  target: string;
  isOptional: boolean;
  /** At most one row of the table points to a row of the target. */
  isUnique: boolean;
}

export interface Policy {
  verb: "select" | "insert" | "update" | "delete" | "all";
  isPermissive: boolean;
  using: string | null;
  check: string | null;
}

export interface Right {
  role: "authenticated" | "service_role";
  verb: string;
  /** Null when the whole table is granted, else the granted columns. */
  columns: string[] | null;
}

export interface SchemaFunction {
  /** Without its schema when that is public. */
  name: string;
  arguments: string;
  result: string;
  comment: string;
  roles: string[];
}

export interface Catalogue {
  relations: Relation[];
  functions: SchemaFunction[];
}

/** Everything is read in one snapshot, with names spelled alike whatever the search path of the role. */
export async function readCatalogue(databaseUrl: string): Promise<Catalogue> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return await sql.begin("isolation level repeatable read read only", async (tx) => {
      await tx`set local search_path = public`;
      await refuseWhatIsOpen(tx);
      const relations = await tx<Relation[]>`${relationsQuery(tx)}`;
      const functions = await tx<SchemaFunction[]>`${functionsQuery(tx)}`;
      return { relations: [...relations], functions: [...functions] };
    });
  } finally {
    await sql.end();
  }
}

function relationsQuery(tx: postgres.TransactionSql) {
  const columns = tx`
    select jsonb_agg(jsonb_build_object(
      'name', a.attname, 'type', replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'), 'isNullable', not a.attnotnull,
      'isPrimaryKey', exists (
        select from pg_constraint as k where k.conrelid = c.oid and k.contype = 'p' and a.attnum = any (k.conkey)
      ),
      'comment', coalesce(col_description(c.oid, a.attnum), ''),
      'checks', array(
        select pg_get_constraintdef(k.oid) from pg_constraint as k
        where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] order by k.conname
      )
    ) order by a.attnum)
    from pg_attribute as a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;
  const foreignKeys = tx`
    select jsonb_agg(jsonb_build_object(
      'columns', array(
        select a.attname from unnest(k.conkey) with ordinality as u (attnum, position)
        join pg_attribute as a on a.attrelid = c.oid and a.attnum = u.attnum order by u.position
      ),
      'target', k.confrelid::regclass::text,
      'isOptional', exists (
        select from pg_attribute as a where a.attrelid = c.oid and a.attnum = any (k.conkey) and not a.attnotnull
      ),
      'isUnique', exists (
        select from pg_index as i where i.indrelid = c.oid and i.indisunique and i.indpred is null
          and (i.indkey::smallint[])[0:i.indnkeyatts - 1] <@ k.conkey
      )
    ) order by k.conkey, k.conname)
    from pg_constraint as k where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0`;
  const policies = tx`
    select jsonb_agg(jsonb_build_object(
      'verb', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all' end,
      'isPermissive', p.polpermissive,
      'using', pg_get_expr(p.polqual, c.oid), 'check', pg_get_expr(p.polwithcheck, c.oid)
    ) order by p.polname)
    from pg_policy as p where p.polrelid = c.oid and exists (
      select from unnest(p.polroles) as r (oid) where r.oid = 0 or pg_has_role('authenticated', r.oid, 'usage')
    )`;
  const rights = tx`
    select jsonb_agg(jsonb_build_object(
      'role', r.role, 'verb', v.verb, 'columns', case when not w.is_whole then to_jsonb(g.columns) end
    ) order by r.role, v.position)
    from (values ('authenticated'), ('service_role')) as r (role)
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain'])
      with ordinality as v (verb, position)
    cross join lateral (select has_table_privilege(r.role, c.oid, v.verb)) as w (is_whole)
    cross join lateral (select array(
      select a.attname from pg_attribute as a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and case when v.verb in ('select', 'insert', 'update', 'references')
          then has_column_privilege(r.role, c.oid, a.attnum, v.verb) end
      order by a.attnum
    )) as g (columns)
    where w.is_whole or g.columns <> '{}'`;
  const reads = tx`
    select jsonb_agg(distinct d.refobjid::regclass::text)
    from pg_rewrite as w join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
    where w.ev_class = c.oid and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid and c.relkind = 'v'`;
  return tx`
    select c.oid::regclass::text as name, c.relkind = 'v' as "isView",
      coalesce(obj_description(c.oid, 'pg_class'), '') as comment, (${columns}) as columns,
      coalesce((${foreignKeys}), '[]') as "foreignKeys", coalesce((${policies}), '[]') as policies,
      coalesce((${rights}), '[]') as rights, coalesce((${reads}), '[]') as reads
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
    order by n.nspname desc, c.relname`;
}

function functionsQuery(tx: postgres.TransactionSql) {
  return tx`
    select case when n.nspname = 'private' then 'private.' else '' end || p.proname as name,
      replace(pg_get_function_arguments(p.oid), 'timestamp with time zone', 'timestamptz') as arguments,
      replace(pg_get_function_result(p.oid), 'timestamp with time zone', 'timestamptz') as result,
      coalesce(obj_description(p.oid, 'pg_proc'), '') as comment,
      array(
        select r.role from unnest(array['authenticated', 'service_role']) as r (role)
        where has_function_privilege(r.role, p.oid, 'execute')
      ) as roles
    from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private') and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
    order by n.nspname desc, p.proname, pg_get_function_identity_arguments(p.oid)`;
}
