import { parseArgs, type ParseArgsConfig, type ParseArgsOptionsConfig } from "node:util";
import { describeError, StackError } from "./errors.ts";

/** Reads a script's options; prints the help and leaves where asked for it. */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
) {
  return read(help, { args: Deno.args, options }).values;
}

/** The same for a script that also takes names, such as files. */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
) {
  return read(help, { args: Deno.args, options, allowPositionals: true });
}

function read<Config extends ParseArgsConfig>(help: string, config: Config) {
  if (Deno.args.some((argument) => argument === "--help" || argument === "-h")) {
    console.log(help);
    Deno.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    throw new StackError(`${describeError(error)}; --help lists the options`);
  }
}

/** A port given on the command line; undefined where it was not. */
export function readPort(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new StackError(`Cannot use ${text} for --${name}: give a number from 0 to 65535`);
}

/** Runs a script's main part; a failure becomes one line and exit code 1. */
export async function runScript(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(describeError(error));
    Deno.exit(1);
  }
}
