/** Runs every check of the project against a fresh stack of its own. */
import { readArguments, runScript } from "./stack/arguments.ts";
import { StackError } from "./stack/errors.ts";
import { LogFile } from "./stack/log_file.ts";
import { deleteStackData } from "./stack/reset.ts";
import { startStack } from "./stack/stack.ts";

const HELP = `Usage: npx -y deno@2.9.6 task test [--no-checks] [file ...]

Checks format, lint and types, starts an empty local stack (Postgres, Auth, Data API, functions,
simulator) on free ports, pushes all migrations and the seed with the Supabase CLI, and runs the
tests. With files, only those. --no-checks leaves out format, lint and types.`;

const ROOT = new URL("..", import.meta.url).pathname;
const TYPED = ["supabase/functions", "scripts", "tests"];

async function deno(args: string[], env: Record<string, string> = {}): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env }).spawn();
  return (await child.status).success;
}

async function runChecks(): Promise<boolean> {
  console.log("Checking format, lint and types");
  return await deno(["fmt", "--check", "--quiet"]) &&
    await deno(["lint", "--quiet"]) &&
    await deno(["check", "--quiet", ...TYPED]);
}

async function runTests(files: string[]): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "switchboard-test-" });
  const output: string[] = [];
  const logFile = new LogFile(directory, "stack.log");
  const startedAt = performance.now();
  console.log("Starting a stack for the tests");
  const stack = await startStack({
    dataDirectory: `${directory}/stack`,
    port: 0,
    databasePort: 0,
    simulatorPort: 0,
    scheduler: false,
    log: (line) => {
      output.push(line);
      logFile.write(line);
    },
  });
  try {
    const stackFile = `${directory}/stack.json`;
    await Deno.writeTextFile(
      stackFile,
      JSON.stringify({
        url: stack.url,
        publishable_key: stack.publishableKey,
        secret_key: stack.secretKey,
        database_url: stack.databaseUrl,
        admin_database_url: stack.adminDatabaseUrl,
        simulator_url: stack.simulatorUrl,
        log_file: logFile.path,
      }),
    );
    console.log(`Ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    const isGreen = await deno(["test", "-A", "--no-check", ...files], {
      TEST_STACK_FILE: stackFile,
    });
    if (!isGreen) console.error(["Last lines of the stack:", ...output.slice(-40)].join("\n"));
    return isGreen;
  } finally {
    await stack.stop();
    logFile.close();
    await deleteStackData(`${directory}/stack`);
    await Deno.remove(directory, { recursive: true });
  }
}

await runScript(async () => {
  const { values, positionals: files } = readArguments(HELP, { "no-checks": { type: "boolean" } });
  for (const file of files) {
    if (!await Deno.stat(file).catch(() => null)) {
      throw new StackError(`Cannot test ${file}: there is no such file or folder`);
    }
  }
  const isClean = values["no-checks"] || await runChecks();
  const isGreen = isClean && await runTests(files.length > 0 ? files : ["tests"]);
  Deno.exit(isGreen ? 0 : 1);
});
