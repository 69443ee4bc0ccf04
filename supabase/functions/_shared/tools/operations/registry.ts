import type { AskDeps, AskOperation } from "./ask.ts";
import { getBalance } from "./get_balance.ts";
import { getUsage } from "./get_usage.ts";
import { searchNumbers } from "./search_numbers.ts";
import { startCall } from "./start_call.ts";

export type { Ask, AskDeps, AskOutcome, JsonObject } from "./ask.ts";

/** Families of tools that a provider is asked for; all others the database runs by itself. */
export const askOperations: ReadonlyMap<string, AskOperation> = new Map([
  ["get_balance", getBalance],
  ["get_usage", getUsage],
  ["search_numbers", searchNumbers],
  ["start_call", startCall],
]);

/** The outcome; null while another request is at it. */
export async function askProvider(
  deps: AskDeps,
  ask: Parameters<AskOperation>[1],
  toolCallId: string,
): ReturnType<AskOperation> {
  const operation = askOperations.get(ask.family);
  if (!operation) throw new Error(`No provider can be asked for ${ask.family}`);
  return await operation(deps, ask, toolCallId);
}
