import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { asRole, connectToDatabase } from "../support/stack.ts";
import { createAccount, createWorld, type World } from "../support/world.ts";

/**
 * Who may do what to which table, and call which function, tried out on rows that exist. The
 * expectation is a file that people read; UPDATE_ACCESS_MATRIX=1 writes it anew.
 */
const EXPECTATION = new URL("./access_matrix.txt", import.meta.url);

type Role = "anon" | "authenticated" | "service_role";
interface Subject {
  name: string;
  role: Role;
  userId: string | null;
}

Deno.test("every role may do with every table and function what the access matrix says", async () => {
  const sql = connectToDatabase();
  try {
    const [own, other] = [await createWorld(sql), await createWorld(sql)];
    const subjects: Subject[] = [
      { name: "anon", role: "anon", userId: null },
      { name: "stranger", role: "authenticated", userId: await createAccount(sql, "stranger") },
      { name: "member", role: "authenticated", userId: own.memberId },
      { name: "admin", role: "authenticated", userId: own.adminId },
      { name: "owner", role: "authenticated", userId: own.ownerId },
      { name: "service_role", role: "service_role", userId: null },
    ];
    const lines = ["# object | who | own workspace | other workspace"];
    for (const table of await listTables(sql)) {
      for (const subject of subjects) {
        const rights = [];
        for (const world of [own, other]) {
          rights.push(await tryEverything(sql, subject, table, world));
        }
        lines.push([table.name, subject.name, ...rights].join(" | "));
      }
    }
    lines.push("", "# function | who may execute it");
    lines.push(...await listFunctions(sql));
    const actual = lines.join("\n") + "\n";
    if (Deno.env.get("UPDATE_ACCESS_MATRIX")) await Deno.writeTextFile(EXPECTATION, actual);
    assertEquals(actual, await Deno.readTextFile(EXPECTATION));
  } finally {
    await sql.end();
  }
});

interface Table {
  name: string;
  columns: string[];
  /** Picks the rows of a world. */
  condition: (world: World) => string;
}

async function listTables(sql: postgres.Sql): Promise<Table[]> {
  const rows = await sql`
    select c.relname as name, array_agg(a.attname::text order by a.attname) as columns
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    group by c.relname order by c.relname`;
  return rows.map((row) => ({
    name: row.name,
    columns: row.columns,
    condition: conditionFor(row.name, row.columns),
  }));
}

function conditionFor(table: string, columns: string[]): (world: World) => string {
  if (table === "service_providers") return () => "true";
  if (table === "profiles") return (world) => `id in ('${world.ownerId}', '${world.memberId}')`;
  if (table === "workspaces") return (world) => `id = '${world.workspaceId}'`;
  if (columns.includes("workspace_id")) return (world) => `workspace_id = '${world.workspaceId}'`;
  throw new Error(`Cannot test ${table}: say here how its rows belong to a workspace`);
}

async function tryEverything(
  sql: postgres.Sql,
  { role, userId }: Subject,
  table: Table,
  world: World,
): Promise<string> {
  const where = table.condition(world);
  const name = `public.${table.name}`;
  const attempt = async (statement: string): Promise<boolean> => {
    try {
      return await asRole(sql, role, userId, async (tx) => (await tx.unsafe(statement)).count > 0);
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code === "42501") return false;
      // A generated column is refused before any right is looked at: this says nothing of rights.
      if (code === "428C9") return false;
      // Allowed by rights and policies, and stopped by a constraint or a trigger.
      if (/^(23|PT)/.test(code ?? "")) return true;
      throw error;
    }
  };
  const rights: string[] = [];
  if (await attempt(`select 1 from ${name} where ${where}`)) rights.push("select");
  // Without an updatable row in sight an insert is tried by copying one, seen with all rights.
  const writable = [];
  for (const column of table.columns) {
    if (await attempt(`update ${name} set ${column} = ${column} where ${where}`)) {
      writable.push(column);
    }
  }
  if (writable.length > 0) rights.push(`update(${writable.join(", ")})`);
  if (await attempt(insertFor(table, world))) rights.push("insert");
  if (await attempt(`delete from ${name} where ${where}`)) rights.push("delete");
  return rights.join(", ") || "-";
}

function insertFor(table: Table, world: World): string {
  const values: Record<string, string> = {
    contacts: `(workspace_id) values ('${world.workspaceId}')`,
    contact_addresses:
      `(workspace_id, contact_id, kind, address) values ('${world.workspaceId}', '${world.contactId}', 'phone', '+19995550123')`,
  };
  return `insert into public.${table.name} ${values[table.name] ?? "default values"}`;
}

async function listFunctions(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
      array_remove(array[
        case when has_function_privilege('anon', p.oid, 'execute') then 'anon' end,
        case when has_function_privilege('authenticated', p.oid, 'execute') then 'authenticated' end,
        case when has_function_privilege('service_role', p.oid, 'execute') then 'service_role' end
      ], null) as roles
    from pg_proc as p where p.pronamespace = 'public'::regnamespace order by 1`;
  return rows.map((row) => `${row.name} | ${row.roles.join(", ") || "-"}`);
}
