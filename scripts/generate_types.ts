/** Writes the TypeScript types of the database schema, as the Supabase CLI generates them. */
import { readOptions, runScript } from "./stack/arguments.ts";
import { StackError } from "./stack/errors.ts";
import { runSupabase } from "./stack/supabase_cli.ts";

export const TYPES_FILE = new URL(
  "../supabase/functions/_shared/database/types.ts",
  import.meta.url,
);

const HELP = `Usage: npx -y deno@2.9.6 task types

Writes supabase/functions/_shared/database/types.ts from the schema of the running stack
(task dev), or of DATABASE_URL.`;

/** The types of the schema behind a connection string, formatted. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const { code, stdout, stderr } = await runSupabase(
    ["gen", "types", "typescript", "--schema", "public"],
    { databaseUrl },
  );
  if (code !== 0) throw new Error(`Cannot generate types: ${stderr}`);
  return await format(stdout);
}

async function format(source: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "ts", "--line-width", "100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("Cannot format the generated types");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await runScript(async () => {
    readOptions(HELP, {});
    const databaseUrl = Deno.env.get("DATABASE_URL") ?? await readRunningDatabaseUrl();
    await Deno.writeTextFile(TYPES_FILE, await generateTypes(databaseUrl));
    console.log(`Wrote ${TYPES_FILE.pathname}`);
  });
}

async function readRunningDatabaseUrl(): Promise<string> {
  try {
    const file = new URL("../.stack/stack.json", import.meta.url);
    return JSON.parse(await Deno.readTextFile(file)).database_url;
  } catch {
    throw new StackError("Cannot generate types: no stack is running; start it with task dev");
  }
}
