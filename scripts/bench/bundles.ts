/** What a function may cost before it answers at all, and how it is bundled to find out. */
import { fileURLToPath } from "node:url";

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);
const COLD_START = fileURLToPath(new URL("./cold_start.ts", import.meta.url));

/** The name of the bundle that does nothing but answer. */
export const EMPTY = "empty";
const EMPTY_SOURCE = `Deno.serve(() => new Response("ok"));\n`;

export interface Limits {
  /** Minified. */
  bytes: number;
  /** From a fresh isolate to its first answer, as a multiple of what an empty handler takes. */
  coldStartRatio: number;
}

/** Providers lose patience with webhooks, and every message waits for dispatch. */
const LIMITS: Record<string, Limits> = {
  webhooks: { bytes: 150_000, coldStartRatio: 2.5 },
  dispatch: { bytes: 150_000, coldStartRatio: 2.5 },
};
const OTHER_LIMITS: Limits = { bytes: 300_000, coldStartRatio: 3 };

export function limitsOf(name: string): Limits {
  return LIMITS[name] ?? OTHER_LIMITS;
}

export async function listFunctions(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(FUNCTIONS)) {
    if (isDirectory && !name.startsWith("_") && name !== "node_modules") names.push(name);
  }
  return names.sort();
}

export function entryOf(name: string): string {
  return fileURLToPath(new URL(`${name}/index.ts`, FUNCTIONS));
}

/** Bundles one function into `<directory>/<name>.js`; returns its bytes. */
export async function bundleFunction(name: string, directory: string): Promise<number> {
  return await bundle(entryOf(name), `${directory}/${name}.js`);
}

async function bundle(entry: string, output: string): Promise<number> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--minify", "--platform=deno"],
      ...[`--config=${fileURLToPath(new URL("deno.json", FUNCTIONS))}`, `--output=${output}`],
      entry,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
  return (await Deno.stat(output)).size;
}

/** Prints the size and the cold start of every function; one verdict for each kind. */
export async function compareBundles(): Promise<boolean[]> {
  const directory = await Deno.makeTempDir({ prefix: "switchboard-bundles-" });
  try {
    const areSmall = await compareSizes(directory);
    await Deno.writeTextFile(`${directory}/${EMPTY}.ts`, EMPTY_SOURCE);
    await bundle(`${directory}/${EMPTY}.ts`, `${directory}/${EMPTY}.js`);
    // A process of its own: only the command line keeps Deno from storing what V8 compiled.
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-code-cache", COLD_START, directory],
    }).spawn().status;
    return [areSmall, success];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function compareSizes(directory: string): Promise<boolean> {
  console.log("\nSize of each function, minified");
  let areSmall = true;
  for (const name of await listFunctions()) {
    const bytes = await bundleFunction(name, directory);
    const limit = limitsOf(name).bytes;
    console.log(
      `  ${name}: ${show(bytes)} bytes (at most ${show(limit)}): ${
        bytes <= limit ? "ok" : "TOO LARGE"
      }`,
    );
    areSmall &&= bytes <= limit;
  }
  return areSmall;
}

function show(bytes: number): string {
  return bytes.toLocaleString("en");
}
