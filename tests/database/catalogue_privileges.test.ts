import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest } from "../support/engine.ts";
import { inTrial } from "./impossible_rows/trial.ts";

/** What the roles of the Data API can reach at all, and that policies ask once per query. */

databaseTest("anon has no privilege on anything, and nobody has one on sequences", async (sql) => {
  const reachable = (tx: postgres.ISql) =>
    tx`
      select r.role, c.oid::regclass::text as name
      from pg_class as c
      cross join (values ('anon'), ('authenticated'), ('service_role')) as r (role)
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and case
          when c.relkind = 'S' then has_sequence_privilege(r.role, c.oid, 'usage, select, update')
          when c.relkind in ('r', 'p', 'v', 'm', 'f') then r.role = 'anon' and (
            has_table_privilege(r.role, c.oid, 'select, insert, update, delete, truncate, references, trigger, maintain')
            or has_any_column_privilege(r.role, c.oid, 'select, insert, update, references')
          )
        end
      union all
      select 'anon', p.oid::regprocedure::text from pg_proc as p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and has_function_privilege('anon', p.oid, 'execute')
      union all
      select 'anon', 'private' where has_schema_privilege('anon', 'private', 'usage, create')
      union all
      select r.role, n.name from (values ('anon'), ('authenticated'), ('service_role')) as r (role)
      cross join (values ('public'), ('private')) as n (name)
      where has_schema_privilege(r.role, n.name, 'create')
      order by 1, 2`;
  const openings = `
    create table public.trials (id bigint generated always as identity, name text);
    grant select (name) on public.trials to anon;
    grant usage on sequence public.trials_id_seq to authenticated;
    create function public.trial() returns integer language sql return 1;`;

  assertEquals(await listOf(reachable(sql)), []);
  assertEquals(await inTrial(sql, openings, async (tx) => await listOf(reachable(tx))), [
    ["anon", "trial()"],
    ["anon", "trials"],
    ["authenticated", "trials_id_seq"],
  ]);
});

databaseTest(
  "the operator's machinery reads tables and writes through functions alone",
  async (sql) => {
    const writable = (tx: postgres.ISql) =>
      tx`
      select c.oid::regclass::text as name from pg_class as c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and (
          not has_table_privilege('service_role', c.oid, 'select')
          or has_table_privilege('service_role', c.oid, 'insert, update, delete')
          or has_any_column_privilege('service_role', c.oid, 'insert, update')
        )
      order by 1`;
    const opening = `
    create table public.trials (name text);
    grant select, update (name) on public.trials to service_role;`;

    assertEquals(await listOf(writable(sql)), []);
    assertEquals(await inTrial(sql, opening, async (tx) => await listOf(writable(tx))), [[
      "trials",
    ]]);
  },
);

databaseTest(
  "no role of the Data API may truncate, refer to, hang triggers on or maintain",
  async (sql) => {
    const unruly = (tx: postgres.ISql) =>
      tx`
      select r.role, c.oid::regclass::text as name
      from pg_class as c
      cross join (values ('anon'), ('authenticated'), ('service_role')) as r (role)
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and (
          has_table_privilege(r.role, c.oid, 'truncate, references, trigger, maintain')
          or has_any_column_privilege(r.role, c.oid, 'references')
        )
      order by 1, 2`;
    const opening = `
    create table public.trials (name text);
    grant truncate on public.trials to authenticated;
    grant references (name) on public.trials to service_role;`;

    assertEquals(await listOf(unruly(sql)), []);
    assertEquals(await inTrial(sql, opening, async (tx) => await listOf(unruly(tx))), [
      ["authenticated", "trials"],
      ["service_role", "trials"],
    ]);
  },
);

databaseTest("what a later migration creates is closed until it grants something", async (sql) => {
  const created = `
    create table public.trials (id bigint generated always as identity);
    create view public.trial_views as select 1 as one;`;
  const granted = await inTrial(sql, created, async (tx) =>
    await listOf(tx`
      select r.role, c.relname from pg_class as c
      cross join (values ('anon'), ('authenticated'), ('service_role')) as r (role)
      where c.relname in ('trials', 'trials_id_seq', 'trial_views')
        and case c.relkind
          when 'S' then has_sequence_privilege(r.role, c.oid, 'usage, select, update')
          else has_table_privilege(r.role, c.oid, 'select, insert, update, delete, truncate, references, trigger, maintain')
        end`));

  assertEquals(granted, []);
});

/** Everything a policy may be made of: each compares a column with what is looked up once per query. */
const LOOK_UP = /\b\w+ (?:= ANY|<> ALL) \(ARRAY\( SELECT private\.(my_\w+_ids)\(\) AS \1\)\)/g;
const CALLER = /\b\w+ = \( SELECT auth\.uid\(\) AS uid\)/g;
const OF_NOBODY = /\bowner_user_id IS NULL\b/g;
const MADE_OF_THESE = /^(?:[() ]|atom|AND|OR)+$/;

const isAskedOnce = (expression: string): boolean =>
  MADE_OF_THESE.test(
    expression.replace(LOOK_UP, "atom").replace(CALLER, "atom").replace(OF_NOBODY, "atom"),
  );

/** Policies that would call a function, or run a query, for every row, or that do not ask for the workspace. */
async function badPolicies(sql: postgres.ISql): Promise<string[]> {
  const rows = await sql`
    select p.policyname as name, array_remove(array[p.qual, p.with_check], null) as expressions, exists (
      select from pg_attribute as a
      where a.attrelid = format('public.%I', p.tablename)::regclass and a.attname = 'workspace_id'
    ) as is_of_workspace
    from pg_policies as p where p.schemaname = 'public' order by 1`;
  return rows
    .filter(({ expressions, is_of_workspace }) =>
      (expressions as string[]).some((expression) =>
        is_of_workspace
          ? !isAskedOnce(expression) || !/\bworkspace_id = ANY/.test(expression)
          : !isAskedOnce(expression) && expression !== "true"
      )
    )
    .map((row) => row.name);
}

databaseTest("policies ask once per query, and a tenant's for the workspace", async (sql) => {
  assertEquals(await badPolicies(sql), []);
});

for (
  const bad of [
    "true",
    "workspace_id in (select private.my_workspace_ids())",
    "workspace_id = any (array(select m.workspace_id from public.workspace_members as m))",
    "workspace_id = any (array(select private.my_workspace_ids())) or user_id = auth.uid()",
    "workspace_id = any (array(select private.my_workspace_ids())) or user_id is null",
    "workspace_id = any (array(select private.my_workspace_ids())) and user_id::text = current_setting('x')",
    "exists (select from public.workspace_members as m where m.workspace_id = trials.workspace_id)",
    "user_id = (select auth.uid())",
    "user_id is not null",
  ]
) {
  databaseTest(`a policy that says ${bad} is found`, async (sql) => {
    const table = `
      create table public.trials (workspace_id uuid, user_id uuid);
      create policy trials_select_member on public.trials for select to authenticated using (${bad});`;
    assertEquals(await inTrial(sql, table, badPolicies), ["trials_select_member"]);
  });
}

const listOf = async (rows: PromiseLike<postgres.Row[]>): Promise<string[][]> =>
  (await rows).map((row) => Object.values(row));
