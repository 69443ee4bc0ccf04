import { deleteStackData } from "../stack/reset.ts";
import { startStack } from "../stack/stack.ts";

/** The stack a demo runs on, as `.stack/stack.json` describes it. */
export interface DemoStack {
  url: string;
  publishable_key: string;
  simulator_url: string;
  users: { email: string; password: string }[];
  /** Stops the stack if the demo started it. */
  stop(): Promise<void>;
}

/** Where `task dev` says how to reach its stack. */
export const STACK_FILE = new URL("../../.stack/stack.json", import.meta.url).pathname;

/** The stack that a file describes, if it runs, else one of the demo's own that leaves nothing behind. */
export async function openDemoStack(stackFile: string): Promise<DemoStack> {
  const running = await findRunningStack(stackFile);
  if (running) {
    console.log(`Using the stack at ${running.url}`);
    return { ...running, stop: () => Promise.resolve() };
  }
  console.log("No stack is running: starting one for the demo");
  const dataDirectory = await Deno.makeTempDir({ prefix: "switchboard-demo-" });
  const stack = await startStack({
    dataDirectory,
    port: 0,
    databasePort: 0,
    simulatorPort: 0,
    log: (text) => console.log(`  ${text}`),
  });
  return {
    url: stack.url,
    publishable_key: stack.publishableKey,
    simulator_url: stack.simulatorUrl!,
    users: stack.users,
    async stop() {
      await stack.stop();
      await deleteStackData(dataDirectory);
      await Deno.remove(dataDirectory, { recursive: true });
    },
  };
}

async function findRunningStack(stackFile: string): Promise<Omit<DemoStack, "stop"> | null> {
  try {
    const stack = JSON.parse(await Deno.readTextFile(stackFile));
    const response = await fetch(`${stack.url}/health`);
    await response.body?.cancel();
    return response.ok ? stack : null;
  } catch {
    return null;
  }
}
