import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import postgres from "postgres";
import { runSupabase } from "../../scripts/stack/supabase_cli.ts";
import type { Stack } from "../../scripts/stack/types.ts";
import { Project } from "./support/project.ts";

const REQUEST_ROLES = ["anon", "authenticated", "service_role"];

Deno.test("the local database is like the platform's", async (t) => {
  await using project = await Project.create();
  const stack = await project.start();
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await t.step("postgres owns the migrations and is no superuser", () => checkPostgres(sql));
    await t.step("roles have the platform's attributes", () => checkRoles(sql));
    await t.step("schemas, publication and time limits exist", () => checkObjects(sql));
    await t.step("the vault encrypts", () => checkVaultEncrypts(sql, stack));
    await t.step("the vault keeps its promises on update", () => checkVaultUpdates(sql));
    await t.step("the vault opens for postgres and service_role only", () => checkVaultGrants(sql));
    await t.step("the vault's key is out of every role's reach", () => checkVaultKey(sql));
    await t.step("a request without a key is not elevated", () => checkKeyless(stack, sql));
    await t.step("auth helpers read the claims", () => checkClaims(sql));
    await t.step("the Supabase CLI reads the schema", () => checkCli(stack));
  } finally {
    await sql.end();
    await stack.stop();
  }
});

async function checkPostgres(sql: postgres.Sql): Promise<void> {
  const [me] = await sql`
    select current_user as name, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
    from pg_roles where rolname = current_user`;
  assertEquals({ ...me }, {
    name: "postgres",
    rolsuper: false,
    rolcreatedb: true,
    rolcreaterole: true,
    rolreplication: true,
    rolbypassrls: true,
  });
  const [table] = await sql`
    select tableowner from pg_tables where schemaname = 'public' and tablename = 'workspaces'`;
  assertEquals(table?.tableowner, "postgres");
  await assertRejects(() => sql`alter role anon superuser`, Error, "permission denied");
  await assertRejects(() => sql`select pg_read_file('/etc/passwd')`, Error, "permission denied");
  await assertRejects(() => sql`create table auth.mine (id int)`, Error, "permission denied");
}

async function checkRoles(sql: postgres.Sql): Promise<void> {
  const rows = await sql`
    select rolname, rolcanlogin, rolsuper, rolbypassrls from pg_roles
    where rolname = any (${[...REQUEST_ROLES, "authenticator"]}) order by rolname`;
  assertEquals(rows.map((row) => Object.values(row)), [
    ["anon", false, false, false],
    ["authenticated", false, false, false],
    ["authenticator", true, false, false],
    ["service_role", false, false, true],
  ]);
  for (const role of REQUEST_ROLES) {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(`set local role ${role}`);
      const [row] = await transaction`select current_user as name`;
      assertEquals(row?.name, role);
    });
  }
}

async function checkObjects(sql: postgres.Sql): Promise<void> {
  const extensions = await sql`
    select n.nspname from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'pgcrypto'`;
  assertEquals(extensions.map((row) => row.nspname), ["extensions"]);
  const publications = await sql`
    select pg_get_userbyid(pubowner) as owner from pg_publication
    where pubname = 'supabase_realtime'`;
  assertEquals(publications.map((row) => row.owner), ["postgres"]);
  const limits = await sql`
    select rolname, array_to_string(rolconfig, ',') as config from pg_roles
    where rolname in ('anon', 'authenticated') order by rolname`;
  assertEquals(limits.map((row) => row.config), ["statement_timeout=3s", "statement_timeout=8s"]);
}

async function checkVaultEncrypts(sql: postgres.Sql, stack: Stack): Promise<void> {
  const secret = "an auth token that nobody may see";
  const [created] = await sql`select vault.create_secret(${secret}, 'token', 'of a test') as id`;
  const [row] = await sql`
    select d.decrypted_secret, s.secret, s.name, s.description
    from vault.decrypted_secrets as d join vault.secrets as s using (id)
    where id = ${created?.id}`;
  assertEquals([row?.decrypted_secret, row?.name, row?.description], [
    secret,
    "token",
    "of a test",
  ]);
  const stored = atob(row?.secret.replaceAll("\n", ""));
  for (const part of ["auth", "token", "nobody"]) assert(!stored.includes(part));

  await assertRejects(() => sql`select vault.create_secret('another', 'token')`, Error, "unique");

  const [other] = await sql`select vault.create_secret(${secret}) as id`;
  const admin = postgres(stack.adminDatabaseUrl, { max: 1 });
  try {
    await admin`update vault.secrets set secret = ${row?.secret} where id = ${other?.id}`;
  } finally {
    await admin.end();
  }
  await assertRejects(
    () => sql`select decrypted_secret from vault.decrypted_secrets where id = ${other?.id}`,
    Error,
    "Wrong key",
  );
  await sql`delete from vault.secrets where id = ${other?.id}`;
}

async function checkVaultUpdates(sql: postgres.Sql): Promise<void> {
  const [created] = await sql`select vault.create_secret('before', 'changing') as id`;
  await sql`select vault.update_secret(${created?.id}, new_description := 'described')`;
  const read = async () => {
    const [row] = await sql`
      select decrypted_secret, name, description from vault.decrypted_secrets
      where id = ${created?.id}`;
    return Object.values(row ?? {});
  };
  assertEquals(await read(), ["before", "changing", "described"]);
  await sql`select vault.update_secret(${created?.id}, 'after')`;
  assertEquals(await read(), ["after", "changing", "described"]);
}

async function checkVaultGrants(sql: postgres.Sql): Promise<void> {
  const attempts = [
    "select secret from vault.secrets",
    "select decrypted_secret from vault.decrypted_secrets",
    "select vault.create_secret('x')",
    "select vault.update_secret(gen_random_uuid(), 'x')",
  ];
  for (const attempt of attempts) {
    for (const role of ["anon", "authenticated"]) {
      const error = await assertRejects(() => as(sql, role, attempt));
      assertMatch(error.message, /permission denied for schema vault/);
    }
    await as(sql, "service_role", attempt);
  }
  for (const role of ["postgres", "service_role"]) {
    await assertRejects(
      () => as(sql, role, "insert into vault.secrets (secret) values ('plain')"),
      Error,
      "permission denied",
    );
    await as(sql, role, "delete from vault.secrets where name = 'none'");
  }
}

async function checkVaultKey(sql: postgres.Sql): Promise<void> {
  const attempts = ["select vault._key()", "select vault._row_key('\\x00', '\\x00')"];
  for (const attempt of attempts) {
    for (const role of ["postgres", ...REQUEST_ROLES]) {
      await assertRejects(() => as(sql, role, attempt), Error, "permission denied");
    }
  }
  const settings = await sql`select name from pg_settings where name ilike '%vault%'`;
  assertEquals(settings.length, 0);
}

async function checkKeyless(stack: Stack, sql: postgres.Sql): Promise<void> {
  const rows = `${stack.url}/rest/v1/workspaces?select=name`;
  const statusOf = async (headers: Record<string, string>) => {
    const response = await fetch(rows, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await statusOf({}), 401);
  assertEquals(await statusOf({ host: "localhost" }), 401);
  assertEquals(await statusOf({ apikey: "sb_secret_wrong" }), 401);
  assertEquals(await statusOf({ apikey: stack.publishableKey }), 401);

  const [user] = stack.users;
  const signedIn = await fetch(`${stack.url}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email: user?.email, password: user?.password }),
  });
  const { access_token } = await signedIn.json();
  const own = await fetch(rows, {
    headers: { apikey: stack.publishableKey, authorization: `Bearer ${access_token}` },
  });
  assertEquals(await own.json(), [{ name: `seeded for ${user?.email}` }]);

  // The library would have granted these at its first request.
  const [granted] = await sql`
    select
      has_table_privilege('anon', 'private.notes', 'select') as notes,
      has_table_privilege('authenticated', 'public.workspaces', 'delete') as workspaces,
      has_schema_privilege('anon', 'vault', 'usage') as vault`;
  assertEquals({ ...granted }, { notes: false, workspaces: false, vault: false });
}

async function checkClaims(sql: postgres.Sql): Promise<void> {
  const id = "b0000000-0000-4000-8000-000000000002";
  await sql.begin(async (transaction) => {
    await transaction`set local role authenticated`;
    await transaction`
      select set_config('request.jwt.claims', ${JSON.stringify({ sub: id, role: "x" })}, true)`;
    const [row] =
      await transaction`select auth.uid() as id, auth.role() as role, auth.jwt() as jwt`;
    assertEquals([row?.id, row?.role, row?.jwt.sub], [id, "x", id]);
  });
}

async function checkCli(stack: Stack): Promise<void> {
  const types = await runSupabase(["gen", "types", "typescript"], {
    databaseUrl: stack.databaseUrl,
  });
  assertEquals(types.code, 0, types.stderr);
  assertMatch(types.stdout, /^\s*export type Json/);
  assertMatch(types.stdout, /"workspaces": \{/);
}

async function as(sql: postgres.Sql, role: string, statement: string): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`set local role ${role}`);
    await transaction.unsafe(statement);
  });
}
