import type { DiscoverResult, InitializeResult } from "@modelcontextprotocol/server";
import type { AgentCaller } from "../_shared/tools/caller.ts";
import type { AgentTools } from "./agent_tools.ts";
import { callTool } from "./call_tool.ts";
import { listTools } from "./list_tools.ts";
import type { Fields } from "./message.ts";
import { object, readParams, string } from "./params.ts";
import {
  CAPABILITIES,
  type Era,
  HANDSHAKE_VERSIONS,
  INSTRUCTIONS,
  META,
  SERVER_INFO,
  STATELESS_VERSIONS,
} from "./protocol.ts";

/** What answers a request. */
export interface MethodContext {
  tools: AgentTools;
  caller: AgentCaller;
  /** How many tools a page of the list has. */
  pageSize: number;
}

export interface Result {
  [name: string]: unknown;
  _meta?: object | undefined;
}

export type Method = (context: MethodContext, params: Fields) => Result | Promise<Result>;

/** Its answer is a stream. */
export const LISTEN = "subscriptions/listen";

/** For how long a client may go on with what it read: a call is judged anew in any case. */
const LIST_FRESH_MS = 60_000;
const DISCOVERY_FRESH_MS = 3_600_000;

const initializeParams = object({
  protocolVersion: string(),
  capabilities: object({}),
  clientInfo: object({ name: string(), version: string() }),
});

function initialize(_context: MethodContext, params: Fields): InitializeResult {
  const { protocolVersion } = readParams(initializeParams, params);
  const isKnown = (HANDSHAKE_VERSIONS as readonly string[]).includes(protocolVersion);
  return {
    protocolVersion: isKnown ? protocolVersion : HANDSHAKE_VERSIONS[0],
    capabilities: CAPABILITIES,
    serverInfo: SERVER_INFO,
    instructions: INSTRUCTIONS,
  };
}

function discover(): DiscoverResult {
  return {
    // Those of the other era are agreed upon by shaking hands.
    supportedVersions: [...STATELESS_VERSIONS],
    capabilities: CAPABILITIES,
    instructions: INSTRUCTIONS,
    ttlMs: DISCOVERY_FRESH_MS,
    cacheScope: "private",
  };
}

function listen(_context: MethodContext, params: Fields): Result {
  readParams(object({ notifications: object({}) }), params);
  return {};
}

const METHODS: Record<Era, ReadonlyMap<string, Method>> = {
  handshake: new Map<string, Method>([
    ["initialize", initialize],
    ["ping", () => ({})],
    ["tools/list", listTools],
    ["tools/call", callTool],
  ]),
  stateless: new Map<string, Method>([
    ["server/discover", discover],
    ["tools/list", async (context, params) => ({
      ...await listTools(context, params),
      ttlMs: LIST_FRESH_MS,
      cacheScope: "private",
    })],
    ["tools/call", callTool],
    [LISTEN, listen],
  ]),
};

export function findMethod(era: Era, name: string): Method | undefined {
  return METHODS[era].get(name);
}

/** With what an era has every result say. */
export function complete(era: Era, result: Result): Result {
  if (era === "handshake") return result;
  return {
    resultType: "complete",
    ...result,
    _meta: { ...result._meta, [META.serverInfo]: SERVER_INFO },
  };
}
