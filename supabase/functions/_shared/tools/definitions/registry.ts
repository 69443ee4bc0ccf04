/** Every tool that an agent can be given. */
import { NEUTRAL_TOOLS } from "./neutral.ts";
import { OFFERS } from "./offers.ts";
import type { ToolDefinition } from "./tool.ts";

export { parseToolArguments } from "./parse.ts";
export type { Flaw, ToolArguments, ToolDefinition } from "./tool.ts";

const neutral = Object.entries(NEUTRAL_TOOLS).map(([key, kind], index): ToolDefinition => ({
  ...kind,
  key,
  family: key,
  provider: null,
  position: index + 1,
}));

const provided = OFFERS.flatMap(({ provider, displayName, prefix, tools }) =>
  Object.entries(tools).map(([family, kind], index): ToolDefinition => ({
    ...kind,
    description: kind.description.replace("{provider}", displayName),
    key: `${prefix}_${family}`,
    family,
    provider,
    position: index + 1,
  }))
);

/** By key: the neutral ones, then each provider's, in the order in which people are shown them. */
export const toolDefinitions: ReadonlyMap<string, ToolDefinition> = new Map(
  [...neutral, ...provided].map((definition) => [definition.key, definition]),
);
