import type { DatabaseClient } from "../../database/client.ts";
import type { Json } from "../../database/types.ts";
import type { ErrorCode } from "../../http/error.ts";
import type { Transport } from "../../providers/transport.ts";

/** What asking a provider needs. */
export interface AskDeps {
  service: DatabaseClient;
  transport: Transport;
  webhooksUrl: string;
}

export type JsonObject = { [name: string]: Json };

/** What the database lets a provider be asked for, on behalf of one tool call. */
export interface Ask {
  family: string;
  connection_id: string;
  provider: string;
  workspace_id: string;
  arguments: JsonObject;
  /** The call that was written down, where one is to be started. */
  call?: { call_id: string; is_duplicate: boolean };
}

/** What came of it, as the tool call keeps it. */
export type AskOutcome =
  | { result: JsonObject }
  | { error: { code: ErrorCode; message: string; hint?: string } };

/** The outcome of one operation; null while another request is at the same thing. */
export type AskOperation = (
  deps: AskDeps,
  ask: Ask,
  toolCallId: string,
) => Promise<AskOutcome | null>;
