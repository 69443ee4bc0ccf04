import { assertEquals } from "@std/assert";
import { runSupabase } from "../../scripts/stack/supabase_cli.ts";
import { generateTypes, TYPES_FILE } from "../../scripts/generate/types.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";

/** Findings of the advisors that stay, each with its reason. Empty is best. */
const ALLOWED_FINDINGS: Record<string, string> = {};

Deno.test("the advisors find nothing at warn, and would", async () => {
  const sql = connectToDatabase();
  assertEquals(await findings(), []);

  await sql`create table public.left_open (id integer primary key)`;
  await sql`grant select on public.left_open to anon`;
  try {
    assertEquals(await findings(), ["rls_disabled_in_public"]);
  } finally {
    await sql`drop table public.left_open`;
    await sql.end();
  }
});

async function findings(): Promise<string[]> {
  const { database_url: databaseUrl } = readTestStack();
  const { code, stdout } = await runSupabase(
    ["db", "advisors", "--level", "warn", "--output-format", "json"],
    { databaseUrl },
  );
  assertEquals(code, 0, stdout);
  const { results } = JSON.parse(stdout) as { results: { name: string }[] };
  return results.map(({ name }) => name).filter((name) => !(name in ALLOWED_FINDINGS));
}

Deno.test("the generated types are those of the schema", async () => {
  assertEquals(
    await Deno.readTextFile(TYPES_FILE),
    await generateTypes(readTestStack().database_url),
  );
});

Deno.test("every migration was applied by the CLI, in order and once", async () => {
  const sql = connectToDatabase();
  const applied =
    await sql`select version from supabase_migrations.schema_migrations order by version`;
  await sql.end();
  const files = [];
  for await (
    const { name } of Deno.readDir(new URL("../../supabase/migrations", import.meta.url))
  ) {
    files.push(name);
  }
  assertEquals(applied.map((row) => row.version), files.map((name) => name.slice(0, 14)).sort());
  for (const name of files) {
    assertEquals(/^\d{14}_[a-z]+(_[a-z0-9]+)+\.sql$/.test(name), true, name);
  }
});
