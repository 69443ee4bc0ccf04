/** Deletes the local stack's data; the next `task dev` begins with an empty database. */
import { join } from "node:path";
import { readOptions, runScript } from "./stack/arguments.ts";
import { REPOSITORY } from "./stack/directories.ts";
import { deleteStackData } from "./stack/reset.ts";

const HELP = `Usage: npx -y deno@2.9.6 task reset

Deletes the local database, its vault key and the logs in .stack, without asking. API keys and the
Supabase CLI stay. Refuses while a stack is running. A server named by DATABASE_URL is not touched.`;

await runScript(async () => {
  readOptions(HELP, {});
  await deleteStackData(join(REPOSITORY, ".stack"));
  console.log("Deleted the local data; `npx -y deno@2.9.6 task dev` starts with an empty database");
});
