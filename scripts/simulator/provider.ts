import type { Hono } from "hono";
import type { SimulatorState } from "./state.ts";

/** What `GET /_control/messages` can be asked for. */
export interface MessageFilter {
  accountSid: string | undefined;
  to: string | undefined;
}

/** One simulated provider: one file in `providers/`, one line in `registry.ts`. */
export interface SimulatedProvider {
  /** As in `service_providers`. */
  readonly id: string;
  /** The API hosts it answers for; each becomes the first path segment. */
  readonly hosts: readonly string[];
  /** The names under which faults and the request log know its calls. */
  readonly operations: readonly string[];
  /** What `--help` says about it: demo account, recipients with a fixed outcome. */
  readonly help: string;
  /** Its API, with paths as on the real host. */
  readonly api: Hono;
  /** What tests can arrange, below `/_control/<id>`. */
  readonly control: Hono;
  /** Goes back to the state at start-up. */
  reset(): void;
  /** The messages it holds, oldest first, in the provider's own form. */
  listMessages(filter: MessageFilter): unknown[];
  /** A short description of each account, free of secrets. */
  listAccounts(): unknown[];
}

/** Builds a provider over the state that all of them share. */
export type ProviderFactory = (state: SimulatorState) => SimulatedProvider;
