import { fileURLToPath } from "node:url";

const PROCESS = fileURLToPath(new URL("./provider_process.ts", import.meta.url));

export interface BenchProvider {
  url: string;
  stop(): Promise<void>;
}

/** Starts the provider that accepts everything. */
export async function startProvider(): Promise<BenchProvider> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", "--quiet", PROCESS],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  const port = Number(new TextDecoder().decode(value));
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}
