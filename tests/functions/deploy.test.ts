import { assert, assertEquals } from "@std/assert";
import { bundleFunction, entryOf, limitsOf, listFunctions } from "../../scripts/bench/bundles.ts";

const IMPORT_MAP = new URL("../../supabase/functions/deno.json", import.meta.url).pathname;

/** Supabase reads `deno.json` there as an import map, which knows no more than its own lines. */
Deno.test("every function resolves by the import map that is deployed with it", async () => {
  for (const name of await listFunctions()) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--no-config", `--import-map=${IMPORT_MAP}`, entryOf(name)],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([name, code], [name, 0], new TextDecoder().decode(stderr));
  }
});

/** Every cold start pays for the bytes, before the first webhook is answered. */
Deno.test("every function is small enough to start in time", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const names = await listFunctions();
    assert(names.includes("webhooks") && names.includes("dispatch"));
    for (const name of names) {
      const bytes = await bundleFunction(name, directory);
      assert(bytes <= limitsOf(name).bytes, `${name} has ${bytes} bytes`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
