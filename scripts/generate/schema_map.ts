import { readCatalogue } from "./schema_map/catalogue.ts";
import { formatSource } from "./format.ts";
import { layOut } from "./schema_map/page.ts";
import { arrange } from "./schema_map/sections.ts";

export const SCHEMA_MAP_FILE = new URL("../../docs/schema.md", import.meta.url);

/** The map of the schema behind a connection string, which people look at: tables, relations, rights. */
export async function generateSchemaMap(databaseUrl: string): Promise<string> {
  const catalogue = await readCatalogue(databaseUrl);
  const sections = arrange(catalogue.relations.filter((relation) => !relation.isView));
  return await formatSource(layOut(catalogue, sections), "md");
}
