import { StackError } from "./errors.ts";
import { runSupabase } from "./supabase_cli.ts";
import type { Log } from "./types.ts";

/** Brings a database up to the project's migrations, and loads its seed. */
export async function pushMigrations(options: {
  databaseUrl: string;
  projectDirectory: string;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const push = ["db", "push", "--include-seed", "--yes"];
  const { code, stdout, stderr } = await runSupabase(push, options);
  if (code !== 0) throw new StackError(describeFailedPush(`${stdout}\n${stderr}`));
  const applied = stderr.match(/^Applying migration /gm)?.length ?? 0;
  if (applied > 0) options.log(`Applied ${applied} ${applied === 1 ? "migration" : "migrations"}`);
}

/** One line for what the CLI says over many: which file, what Postgres answered, what to do. */
export function describeFailedPush(output: string): string {
  const reset = "run `npx -y deno@2.9.6 task reset` to begin with an empty database";
  const error = /^ERROR: (.*?)(?: \(SQLSTATE (\w+)\))?$/m.exec(output);
  const reason = error
    ? `${error[1]}${error[2] === undefined ? "" : ` (SQLSTATE ${error[2]})`}`
    : lastMeaningfulLine(output);
  const files = [...output.matchAll(/^(Applying migration|Seeding data from) (\S+?)\.\.\.$/gm)];
  const [, step, file] = files.at(-1) ?? [];
  if (step === "Applying migration") {
    return `Cannot apply migration ${file}: ${reason}; fix the file, or ${reset}`;
  }
  if (step === "Seeding data from") {
    return `Cannot load seed ${file}: ${reason}; fix the file, or ${reset}`;
  }
  return `Cannot push the migrations: ${reason}; ${reset}`;
}

function lastMeaningfulLine(output: string): string {
  const lines = output.split("\n").map((line) => line.replace(/^[│▲■◇\s]+/u, "").trim());
  return lines.filter((line) => line !== "" && !line.startsWith("Try rerunning")).at(-1) ??
    "the Supabase CLI gave no reason";
}
