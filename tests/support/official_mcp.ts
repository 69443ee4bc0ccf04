/** The official server with the tools of a test, to compare with. It is too large to be deployed. */
import { createMcpHandler, Server } from "@modelcontextprotocol/server";

/** Answers every call with its arguments. */
export function createOfficialServer(tools: string[]) {
  return createMcpHandler(() => {
    const server = new Server({ name: "official", version: "1.0.0" }, {
      capabilities: { tools: {} },
    });
    server.setRequestHandler("tools/list", () => ({
      tools: tools.map((name) => ({ name, inputSchema: { type: "object" as const } })),
    }));
    server.setRequestHandler("tools/call", ({ params }) => ({
      content: [{ type: "text", text: JSON.stringify(params.arguments ?? {}) }],
    }));
    // deno-lint-ignore no-explicit-any -- two versions of one type, by the flags of this project
    return server as any;
  });
}
