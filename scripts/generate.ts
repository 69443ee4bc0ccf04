/** Writes what is generated from the schema: the types of the functions, and the map in docs. */
import { generateSchemaMap, SCHEMA_MAP_FILE } from "./generate/schema_map.ts";
import { generateTypes, TYPES_FILE } from "./generate/types.ts";
import { readOptions, runScript } from "./stack/arguments.ts";
import { deleteStackData } from "./stack/reset.ts";
import { startStack } from "./stack/stack.ts";

const HELP = `Usage: npx -y deno@2.9.6 task generate

Writes supabase/functions/_shared/database/types.ts and docs/schema.md from the migrations, which it
pushes to an empty database of its own. Run it after every change of a migration.`;

await runScript(async () => {
  readOptions(HELP, {});
  const dataDirectory = await Deno.makeTempDir({ prefix: "switchboard-generate-" });
  console.log("Pushing the migrations to an empty database");
  const stack = await startStack({
    dataDirectory,
    port: 0,
    databasePort: 0,
    simulatorPort: 0,
    scheduler: false,
  });
  try {
    await write(TYPES_FILE, await generateTypes(stack.databaseUrl));
    await write(SCHEMA_MAP_FILE, await generateSchemaMap(stack.databaseUrl));
  } finally {
    await stack.stop();
    await deleteStackData(dataDirectory);
    await Deno.remove(dataDirectory, { recursive: true });
  }
});

async function write(file: URL, content: string): Promise<void> {
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeTextFile(file, content);
  console.log(`Wrote ${file.pathname}`);
}
