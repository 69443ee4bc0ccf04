import { runSupabase } from "../stack/supabase_cli.ts";
import { formatSource } from "./format.ts";

export const TYPES_FILE = new URL(
  "../../supabase/functions/_shared/database/types.ts",
  import.meta.url,
);

/** The types of the schema behind a connection string, as the Supabase CLI generates them, formatted. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const { code, stdout, stderr } = await runSupabase(
    ["gen", "types", "typescript", "--schema", "public"],
    { databaseUrl },
  );
  if (code !== 0) throw new Error(`Cannot generate types: ${stderr}`);
  return await formatSource(stdout, "ts");
}
