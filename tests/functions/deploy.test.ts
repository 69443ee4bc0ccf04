import { assertEquals } from "@std/assert";

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);

/** Supabase reads `deno.json` there as an import map, which knows no more than its own lines. */
Deno.test("every function resolves by the import map that is deployed with it", async () => {
  const importMap = new URL("deno.json", FUNCTIONS).pathname;
  for await (const { name, isDirectory } of Deno.readDir(FUNCTIONS)) {
    if (!isDirectory || name.startsWith("_") || name === "node_modules") continue;
    const entry = new URL(`${name}/index.ts`, FUNCTIONS).pathname;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--no-config", `--import-map=${importMap}`, entry],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([name, code], [name, 0], new TextDecoder().decode(stderr));
  }
});
