import { assertEquals, assertRejects } from "@std/assert";
import { generateSchemaMap, SCHEMA_MAP_FILE } from "../../scripts/generate/schema_map.ts";
import { expressionInWords } from "../../scripts/generate/schema_map/policies.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";

Deno.test("the map of the schema is that of the database", async () => {
  assertEquals(
    await Deno.readTextFile(SCHEMA_MAP_FILE),
    await generateSchemaMap(readTestStack().database_url),
  );
});

Deno.test("the map refuses a table that is open to anon, or bare, or in no section", async () => {
  const sql = connectToDatabase();
  await sql`create table public.left_open (id integer primary key)`;
  const isRefused = (what: string) =>
    assertRejects(() => generateSchemaMap(readTestStack().database_url), Error, what);
  try {
    await sql`grant update (id) on public.left_open to anon`;
    await isRefused("anon holds update on left_open.id");
    await sql`revoke update (id) on public.left_open from anon`;
    await isRefused("left_open has no row level security");
    await sql`alter table public.left_open enable row level security`;
    await isRefused("no section; add it: left_open");
  } finally {
    await sql`drop table public.left_open`;
    await sql.end();
  }
});

Deno.test("a condition of a policy is put in words, and what is not known stays as it is", () => {
  const mine =
    "(workspace_id = ANY (ARRAY( SELECT private.my_workspace_ids() AS my_workspace_ids)))";
  const own = "(owner_user_id = ( SELECT auth.uid() AS uid))";

  assertEquals(expressionInWords(mine, "contacts"), "members");
  assertEquals(
    expressionInWords(`(${mine} AND ((owner_user_id IS NULL) OR ${own}))`, "connections"),
    "members, and (no `owner_user_id`, or oneself as `owner_user_id`)",
  );
  assertEquals(
    expressionInWords(`(NOT (${mine} OR (kind = 'a) OR (b'::text)))`, "contacts"),
    `\`NOT (${mine} OR (kind = 'a) OR (b'::text))\``,
  );
});
