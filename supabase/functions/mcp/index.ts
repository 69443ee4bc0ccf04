import { createServiceClient } from "../_shared/database/client.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { kickDispatch } from "../_shared/messages/kick_dispatch.ts";
import { createTransport } from "../_shared/providers/transport.ts";
import { executeTool, type ToolDeps } from "../_shared/tools/execute_tool.ts";
import { listTools } from "../_shared/tools/list_tools.ts";
import { createApp } from "./app.ts";
import { readOrigins } from "./origins.ts";

const environment = readEnvironment((name) => Deno.env.get(name));
const deps: ToolDeps = {
  service: createServiceClient(environment),
  transport: createTransport({ simulatorUrl: environment.simulatorUrl }),
  webhooksUrl: environment.webhooksUrl,
  kickDispatch: () => kickDispatch(environment),
};

Deno.serve(
  createApp({
    tools: {
      listTools: (caller, page) => listTools(deps.service, caller, page),
      executeTool: (caller, call) => executeTool(deps, caller, call),
    },
    allowedOrigins: readOrigins(Deno.env.get("MCP_ALLOWED_ORIGINS")),
  }).fetch,
);
