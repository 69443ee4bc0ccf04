/** The way from a tool to its answer, over a database and a provider that answer as scripted. */
import { createTransport } from "../../../supabase/functions/_shared/providers/transport.ts";
import {
  executeTool,
  type ToolDeps,
} from "../../../supabase/functions/_shared/tools/execute_tool.ts";
import { type Arguments, scriptedService, succeed, TOKEN } from "../../support/scripted_service.ts";

export const CALLER = { agent_id: crypto.randomUUID(), actor_id: crypto.randomUUID() };
export const CREDENTIALS = {
  account_sid: `AC${"0".repeat(32)}`,
  auth_token: "5".repeat(32),
};
export const ROW = {
  tool_call_id: crypto.randomUUID(),
  is_duplicate: false,
  result: null,
  error_code: null,
  error_field: null,
  error_message: null,
  hint: null,
  ask: null,
};

export const askFor = (family: string, given: Record<string, unknown> = {}) => ({
  ...ROW,
  state: "ask",
  ask: {
    family,
    connection_id: crypto.randomUUID(),
    provider: "twilio",
    workspace_id: crypto.randomUUID(),
    arguments: given,
  },
});

export interface Scripts {
  row: Record<string, unknown>;
  provider?: (request: Request) => Response | Promise<Response>;
  answers?: Record<string, (input: Arguments) => unknown>;
}

export function arrange({ row, provider, answers = {} }: Scripts) {
  const database = scriptedService({
    execute_agent_tool: () => succeed([row]),
    finish_agent_tool: ({ outcome }) => succeed([finishedAs(row, outcome as Finished)]),
    read_connection_credentials: ({ connection_ids }) =>
      succeed((connection_ids as string[]).map((connection_id) => ({
        connection_id,
        credentials: CREDENTIALS,
        webhook_token: TOKEN,
      }))),
    ...answers,
  });
  const requests: string[] = [];
  let kicks = 0;
  const deps: ToolDeps = {
    service: database.service,
    transport: createTransport({
      fetch: async (request) => {
        requests.push(request.url);
        return await provider?.(request) ?? new Response("", { status: 500 });
      },
    }),
    webhooksUrl: "https://example.com/webhooks",
    kickDispatch: () => kicks++,
  };
  const execute = (tool: string, given: unknown) =>
    executeTool(deps, CALLER, { tool, arguments: given, run_id: "run", call_id: "call" });
  const inputOf = (name: string) => database.calls.find((call) => call.name === name)?.input;
  return { ...database, execute, requests, inputOf, countKicks: () => kicks };
}

export interface Finished {
  result?: unknown;
  error?: { code: string; message: string };
}

const finishedAs = (row: Record<string, unknown>, { result, error }: Finished) =>
  error
    ? { ...row, state: "failed", error_code: error.code, error_message: error.message }
    : { ...row, state: "succeeded", result };
