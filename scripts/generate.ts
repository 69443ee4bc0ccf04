/** Writes what is generated: from the schema, from the registry of providers, from their sources. */
import { providers } from "../supabase/functions/_shared/providers/registry.ts";
import { type GeneratedPart, replacePart } from "./generate/generated_part.ts";
import {
  generateProvidersTable,
  readCatalogueEntries,
  README_FILE,
} from "./generate/providers_table.ts";
import { generateSchemaMap, SCHEMA_MAP_FILE } from "./generate/schema_map.ts";
import { ADDING_A_PROVIDER_FILE, generateSharedLines } from "./generate/shared_lines.ts";
import { generateToolMigration } from "./generate/tool_migration.ts";
import { generateToolsPage, TOOLS_PAGE_FILE } from "./generate/tools_page.ts";
import { generateTypes, TYPES_FILE } from "./generate/types.ts";
import { readOptions, runScript } from "./stack/arguments.ts";
import { deleteStackData } from "./stack/reset.ts";
import { startStack } from "./stack/stack.ts";

const HELP = `Usage: npx -y deno@2.9.6 task generate

Writes supabase/functions/_shared/database/types.ts and docs/schema.md from the migrations, which it
pushes to an empty database of its own; the table of providers in README.md from the registry and
the catalogue; the count of lines in docs/adding-a-provider.md; docs/tools.md from the definitions
of the agents' tools, and where the catalogue's tools differ from them, the migration that aligns
the two. Run it after every change of a migration, an adapter or a tool.`;

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
    const catalogue = await readCatalogueEntries(stack.databaseUrl);
    await writePart(README_FILE, generateProvidersTable(providers.values(), catalogue));
    await writePart(ADDING_A_PROVIDER_FILE, await generateSharedLines());
    await write(TOOLS_PAGE_FILE, await generateToolsPage());
    const migration = await generateToolMigration(stack.databaseUrl);
    if (migration) {
      await write(migration.file, migration.content);
      console.log(
        "The definitions of tools have changed: commit this migration with them. To change them " +
          "once more before that, delete it and generate again.",
      );
    }
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

async function writePart(file: URL, part: GeneratedPart): Promise<void> {
  await write(file, await replacePart(await Deno.readTextFile(file), part));
}
