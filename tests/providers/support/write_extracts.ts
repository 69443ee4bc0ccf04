/** Rewrites every extract from the official documents below `SPECS_DIRECTORY`. */
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { extract } from "./openapi_extract.ts";

for (const id of providers.keys()) {
  const folder = new URL(`../fixtures/${id}/`, import.meta.url);
  const { FILE, OPERATIONS } = await import(new URL("specification.ts", folder).href);
  const official = await Deno.readTextFile(`${Deno.env.get("SPECS_DIRECTORY")}/${FILE}`);
  const part = extract(JSON.parse(official), Object.values(OPERATIONS));
  await Deno.writeTextFile(new URL("openapi.json", folder), JSON.stringify(part, null, 2) + "\n");
}
