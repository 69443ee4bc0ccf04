/** What a tool is, whoever runs it. */
import type * as z from "zod/mini";
import type { Json } from "../../database/types.ts";
import type { ProviderId } from "../../providers/provider.ts";

/** Arguments that passed their rules, without those that are null. */
export type ToolArguments = { [name: string]: Json };

/** What is wrong with arguments: a sentence that says what to give instead. */
export interface Flaw {
  field: string;
  message: string;
}

/** What all tools of a kind have in common. */
export interface ToolKind {
  label: string;
  /** Told to the model: what the tool does and when to use it. */
  description: string;
  /** Any one of them on a usable connection opens the tool. */
  scopes: readonly string[];
  /** It changes nothing and costs nothing. */
  isReadOnly: boolean;
  /** It reaches a person or cannot be undone. */
  isDestructive: boolean;
  /** A second call with the same arguments changes nothing more. */
  isIdempotent: boolean;
  /** One rule for each argument; no more are taken. */
  arguments: z.ZodMiniObject;
  /** What no schema can say: how arguments go together. The message goes on after the field's name. */
  findFlaw?: (given: ToolArguments) => Flaw | null;
}

export const READS = { isReadOnly: true, isDestructive: false, isIdempotent: true };
export const REACHES_PEOPLE = { isReadOnly: false, isDestructive: true, isIdempotent: false };

/** One row of `integration_capabilities`. */
export interface ToolDefinition extends ToolKind {
  key: string;
  family: string;
  /** Null where it works whatever the provider. */
  provider: ProviderId | null;
  /** Among the tools of its provider, from 1. */
  position: number;
}
