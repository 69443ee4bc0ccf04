import { assertEquals } from "@std/assert";
import { connectToDatabase } from "../support/stack.ts";

/** Rules that every table and function keeps, read from the catalogue, so that a new one keeps them too. */

Deno.test("every table has row level security and says what it is, and so does every view", async () => {
  const sql = connectToDatabase();
  const rows = await sql`
    select c.oid::regclass::text as name from pg_class as c
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
      and (
        (c.relkind in ('r', 'p') and not c.relrowsecurity)
        or (c.relkind in ('v', 'm') and not coalesce(c.reloptions, '{}') @> '{security_invoker=true}')
        or obj_description(c.oid, 'pg_class') is null
      )`;
  await sql.end();
  assertEquals(rows.map((row) => row.name), []);
});

Deno.test("every function pins an empty search path, says what it is, and is closed to anon", async () => {
  const sql = connectToDatabase();
  const rows = await sql`
    select p.oid::regprocedure::text as name from pg_proc as p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and (
        not coalesce(p.proconfig, '{}') @> array['search_path=""']
        or obj_description(p.oid, 'pg_proc') is null
        or has_function_privilege('anon', p.oid, 'execute')
      )`;
  await sql.end();
  assertEquals(rows.map((row) => row.name), []);
});

Deno.test("no definer function in public can be called by a signed-in person", async () => {
  const sql = connectToDatabase();
  const rows = await sql`
    select p.oid::regprocedure::text as name from pg_proc as p
    where p.pronamespace = 'public'::regnamespace and p.prosecdef
      and has_function_privilege('authenticated', p.oid, 'execute')`;
  await sql.end();
  assertEquals(rows.map((row) => row.name), []);
});

Deno.test("nothing in private can be read or written by the roles of the Data API", async () => {
  const sql = connectToDatabase();
  const rows = await sql`
    select c.oid::regclass::text as name, r.role
    from pg_class as c
    cross join (values ('anon'), ('authenticated'), ('service_role')) as r (role)
    where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and (
        (c.relkind <> 'S' and has_table_privilege(r.role, c.oid, 'select, insert, update, delete, truncate'))
        or (c.relkind = 'S' and has_sequence_privilege(r.role, c.oid, 'usage, select, update'))
      )`;
  await sql.end();
  assertEquals([...rows], []);
});

Deno.test("each verb of a table has at most one policy per role, for authenticated, with a check on writes", async () => {
  const sql = connectToDatabase();
  const rows = await sql`
    select tablename, cmd, array_agg(policyname::text) as policies from pg_policies
    where schemaname = 'public'
    group by tablename, cmd
    having count(*) > 1 or bool_or(cmd = 'ALL') or bool_or(roles <> '{authenticated}')
      or bool_or(cmd in ('INSERT', 'UPDATE') and with_check is null)`;
  await sql.end();
  assertEquals([...rows], []);
});
