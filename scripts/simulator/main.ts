import { parseArgs } from "node:util";
import { createSimulator, type Simulator } from "./app.ts";
import { DEFAULT_PORT, helpText } from "./help.ts";
import { DEFAULT_SETTINGS } from "./state.ts";

const OPTIONS = {
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: String(DEFAULT_PORT) },
  "receipt-delay-ms": { type: "string", default: String(DEFAULT_SETTINGS.receiptDelayMs) },
  help: { type: "boolean", short: "h", default: false },
} as const;

if (import.meta.main) await main(Deno.args);

async function main(parameters: string[]): Promise<void> {
  const values = readOptions(parameters);
  if (values.help) return console.log(helpText());
  const port = readNumber("port", values.port, 65_535);
  const receiptDelayMs = readNumber("receipt-delay-ms", values["receipt-delay-ms"], 600_000);
  const simulator = await start(values.host, port, receiptDelayMs);
  console.log(`Simulator listening on ${simulator.url}`);
  const stop = async () => {
    await simulator.close();
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
}

async function start(host: string, port: number, receiptDelayMs: number): Promise<Simulator> {
  try {
    return await createSimulator({ host, port, receiptDelayMs });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(1, `Cannot listen on ${host}:${port}: ${reason}`);
  }
}

function readOptions(parameters: string[]) {
  try {
    return parseArgs({ args: parameters, options: OPTIONS }).values;
  } catch (error) {
    return fail(2, error instanceof Error ? error.message : String(error));
  }
}

function readNumber(name: string, value: string, maximum: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= maximum) return number;
  return fail(2, `Cannot start: --${name} must be a whole number from 0 to ${maximum}`);
}

function fail(code: number, message: string): never {
  console.error(message);
  Deno.exit(code);
}
