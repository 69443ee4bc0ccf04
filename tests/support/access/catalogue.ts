import type { Database, Role } from "./probe.ts";

export interface Column {
  name: string;
  readers: Role[];
  writers: Role[];
  /** Setting every row of a table to its default breaks no constraint. */
  isResettable: boolean;
}

/** A table or a view. */
export interface Relation {
  schema: string;
  name: string;
  /** As SQL says it. */
  path: string;
  kind: "table" | "view";
  columns: Column[];
  inserters: Role[];
}

export interface FunctionEntry {
  name: string;
  /** With the names and types of its arguments. */
  signature: string;
  /** As `grant` and `revoke` want it. */
  path: string;
  /** A call with a null of the right type for each argument. */
  emptyCall: string;
  callers: Role[];
  isOverloaded: boolean;
}

const CONFIG = new URL("../../../supabase/config.toml", import.meta.url);

/** The schemas that the Data API serves, as far as they exist. */
export async function listExposedSchemas(sql: Database): Promise<string[]> {
  const config = await Deno.readTextFile(CONFIG);
  const list = /^\[api\][^[]*?^schemas = (\[.*?\])/ms.exec(config)?.[1];
  if (!list) throw new Error("Cannot list the exposed schemas: config.toml names none");
  const rows = await sql`
    select nspname as name from pg_namespace
    where nspname = any (${JSON.parse(list) as string[]}) order by nspname`;
  return rows.map((row) => row.name);
}

export async function listRelations(sql: Database): Promise<Relation[]> {
  const rows = await sql`
    select
      n.nspname as schema, c.relname as name, c.oid::regclass::text as path,
      case when c.relkind in ('v', 'm') then 'view' else 'table' end as kind,
      array(
        select r.name from ${roles(sql)} where has_any_column_privilege(r.name, c.oid, 'insert')
      ) as inserters,
      (
        select json_agg(json_build_object(
          'name', a.attname,
          'readers', array(
            select r.name from ${
    roles(sql)
  } where has_column_privilege(r.name, c.oid, a.attnum, 'select')
          ),
          'writers', array(
            select r.name from ${
    roles(sql)
  } where has_column_privilege(r.name, c.oid, a.attnum, 'update')
          ),
          'isResettable',
            (not a.attnotnull or a.atthasdef)
            and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey))
        ) order by a.attname)
        from pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and a.attgenerated = '' and a.attidentity = ''
      ) as columns
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any (${await listExposedSchemas(
    sql,
  )}) and c.relkind in ('r', 'p', 'f', 'v', 'm')
    order by n.nspname, c.relname`;
  return rows.map((row) => ({ ...row }) as Relation);
}

export async function listFunctions(sql: Database): Promise<FunctionEntry[]> {
  const rows = await sql`
    select
      p.proname as name, p.oid::regprocedure::text as path,
      p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as signature,
      format('select %I.%I(%s)', n.nspname, p.proname, (
        select string_agg('null::' || format_type(t.oid, null), ', ' order by t.position)
        from unnest(p.proargtypes) with ordinality as t (oid, position)
      )) as "emptyCall",
      count(*) over (partition by p.proname) > 1 as "isOverloaded",
      array(
        select r.name from ${roles(sql)} where has_function_privilege(r.name, p.oid, 'execute')
      ) as callers
    from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = any (${await listExposedSchemas(sql)})
    order by n.nspname, 3`;
  return rows.map((row) => ({ ...row }) as FunctionEntry);
}

function roles(sql: Database) {
  return sql`(values ('anon'), ('authenticated'), ('service_role')) as r (name)`;
}
