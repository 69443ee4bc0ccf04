/** Runs the whole project on this machine until Ctrl-C. */
import { join } from "node:path";
import { readOptions, readPort, runScript } from "./stack/arguments.ts";
import { REPOSITORY } from "./stack/directories.ts";
import { readEnvFile } from "./stack/function_environment.ts";
import { onStopRequest } from "./stack/stop_request.ts";
import { DEFAULT_PORTS, startStack } from "./stack/stack.ts";
import { describeStack } from "./stack/summary.ts";

const HELP = `Usage: npx -y deno@2.9.6 task dev [options]

Starts Postgres, Auth, the Data API, the edge functions and the provider simulator, applies new
migrations and the seed, and stays until Ctrl-C. Data is kept in .stack; \`task reset\` deletes it.

  --port <number>             Where clients connect (${DEFAULT_PORTS.gateway}); 0 picks a free port
  --database-port <number>    Where Postgres listens (${DEFAULT_PORTS.database})
  --simulator-port <number>   Where the provider simulator listens (${DEFAULT_PORTS.simulator})
  --data-directory <path>     Where data is kept (.stack)
  --project-directory <path>  What to run: the folder that holds supabase/ (this repository)
  --no-scheduler              Do not call dispatch and maintenance on a schedule
  -h, --help                  This text

DATABASE_URL, in the environment or in .env, names a server to use instead of the embedded Postgres:
a superuser's connection string.`;

await runScript(async () => {
  const startedAt = performance.now();
  const values = readOptions(HELP, {
    "port": { type: "string" },
    "database-port": { type: "string" },
    "simulator-port": { type: "string" },
    "data-directory": { type: "string" },
    "project-directory": { type: "string", default: REPOSITORY },
    "no-scheduler": { type: "boolean" },
  });
  const stopRequest = onStopRequest(() => console.log("Stopping"));
  const projectDirectory = values["project-directory"];
  const stack = await startStack({
    projectDirectory,
    dataDirectory: values["data-directory"] ?? join(projectDirectory, ".stack"),
    port: readPort("port", values.port) ?? DEFAULT_PORTS.gateway,
    databasePort: readPort("database-port", values["database-port"]) ?? DEFAULT_PORTS.database,
    simulatorPort: readPort("simulator-port", values["simulator-port"]) ?? DEFAULT_PORTS.simulator,
    ...(values["no-scheduler"] ? { scheduler: false as const } : {}),
    log: (line) => console.log(line),
    signal: stopRequest,
    ...await readDatabaseUrl(projectDirectory),
  }).catch((error: unknown) => {
    if (stopRequest.aborted) Deno.exit(0);
    throw error;
  });
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`Ready in ${seconds.toFixed(1)} s\n\n${describeStack(stack)}`);
  await new Promise((resolve) => {
    if (stopRequest.aborted) resolve(undefined);
    stopRequest.addEventListener("abort", resolve);
  });
  await stack.stop();
  Deno.exit(0);
});

async function readDatabaseUrl(projectDirectory: string): Promise<{ databaseUrl?: string }> {
  const fromFile = (await readEnvFile(join(projectDirectory, ".env"))).DATABASE_URL;
  const databaseUrl = Deno.env.get("DATABASE_URL") ?? fromFile;
  return databaseUrl ? { databaseUrl } : {};
}
