import postgres from "postgres";
import { describeError, StackError } from "./errors.ts";

/** How a database becomes like the platform's. */
export interface BootstrapOptions {
  /** A superuser's connection string. */
  adminDatabaseUrl: string;
  /** For the role `postgres`, where this stack may set it. */
  postgresPassword: string;
  /** A file which the server can read and its database roles cannot; holds the vault's key. */
  vaultKeyFile: string | undefined;
  /** What to do when the server refuses that superuser. */
  remedy: string;
}

/** What became of the role `postgres`. */
export interface Bootstrapped {
  /** True where the server's own superuser has that name, and was left as it is. */
  isPostgresSuperuser: boolean;
}

type Transaction = postgres.TransactionSql;

/** Opens a connection that is quiet about notices, for the statements of one caller. */
export function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
}

/** Creates the platform's roles, schemas and vault; harmless to repeat. */
export async function bootstrapDatabase(options: BootstrapOptions): Promise<Bootstrapped> {
  const sql = connect(options.adminDatabaseUrl);
  try {
    await requireSuperuser(sql, options.remedy);
    return await sql.begin(async (transaction) => {
      await transaction`select pg_advisory_xact_lock(7426830)`;
      const isPostgresSuperuser = await ensurePostgresRole(transaction, options.postgresPassword);
      await transaction.unsafe(await readSql("roles.sql"));
      await ensureVault(transaction, options.vaultKeyFile);
      return { isPostgresSuperuser };
    });
  } finally {
    await sql.end();
  }
}

/** Adds the platform's helpers and grants to schema auth, once its tables exist. */
export async function grantAuth(adminDatabaseUrl: string): Promise<void> {
  await applySql(adminDatabaseUrl, "auth.sql");
}

/** Adds the platform's owner and grants to schema storage, once its tables exist. */
export async function grantStorage(adminDatabaseUrl: string): Promise<void> {
  await applySql(adminDatabaseUrl, "storage.sql");
}

async function applySql(adminDatabaseUrl: string, file: string): Promise<void> {
  const sql = connect(adminDatabaseUrl);
  try {
    await sql.unsafe(await readSql(file));
  } finally {
    await sql.end();
  }
}

async function requireSuperuser(sql: postgres.Sql, remedy: string): Promise<void> {
  const [role] = await sql<{ rolname: string; rolsuper: boolean }[]>`
    select rolname, rolsuper from pg_roles where rolname = current_user`
    .catch((error: unknown) => {
      throw new StackError(`Cannot log in to the database: ${describeError(error)}; ${remedy}`);
    });
  if (!role?.rolsuper) {
    throw new StackError(
      `Cannot prepare the database: ${role?.rolname} is no superuser; ${remedy}`,
    );
  }
}

async function ensurePostgresRole(sql: Transaction, password: string): Promise<boolean> {
  const [found] = await sql<{ rolsuper: boolean }[]>`
    select rolsuper from pg_roles where rolname = 'postgres'`;
  if (found?.rolsuper) return true;
  if (!found) await sql.unsafe("create role postgres");
  await sql.unsafe(
    "alter role postgres with nosuperuser createdb createrole replication bypassrls login " +
      `password ${literal(password)}`,
  );
  const [{ name }] = await sql<[{ name: string }]>`select quote_ident(current_database()) as name`;
  await sql.unsafe(`alter database ${name} owner to postgres`);
  return false;
}

async function ensureVault(sql: Transaction, vaultKeyFile: string | undefined): Promise<void> {
  const [extension] = await sql`
    select from pg_available_extensions where name = 'supabase_vault'`;
  if (extension) {
    await sql.unsafe("create extension if not exists supabase_vault with schema vault cascade");
    return;
  }
  const keyFile = vaultKeyFile ?? await ensureKeyOnServer(sql);
  await sql.unsafe((await readSql("vault.sql")).replaceAll("{{key_file}}", literal(keyFile)));
}

// The files of somebody else's server are out of our reach, so it writes the key itself.
async function ensureKeyOnServer(sql: Transaction): Promise<string> {
  const [{ path }] = await sql<[{ path: string }]>`
    select current_setting('data_directory') || '/switchboard_vault_key' as path`;
  const [{ exists }] = await sql<[{ exists: boolean }]>`
    select pg_stat_file(${path}, true) is not null as exists`;
  if (!exists) {
    await sql.unsafe(
      "copy (select encode(extensions.gen_random_bytes(32), 'hex')) to " + literal(path),
    );
  }
  return path;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function readSql(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(`./sql/${name}`, import.meta.url));
}
