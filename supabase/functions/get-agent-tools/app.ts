import * as z from "zod/mini";
import type { CallerDeps } from "../_shared/caller_deps.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { checkFields } from "../_shared/http/body.ts";
import { browserFacing } from "../_shared/http/browser_facing.ts";
import { text } from "../_shared/http/fields.ts";
import { readAgentCaller } from "../_shared/tools/caller.ts";
import { toFormat } from "../_shared/tools/formats.ts";
import { listTools } from "../_shared/tools/list_tools.ts";

export interface AgentToolsDeps extends Pick<CallerDeps, "authenticate"> {
  service: DatabaseClient;
}

const query = z.strictObject({
  agent_id: z.optional(text(100)),
  format: z._default(
    z.enum(["openai", "anthropic", "mcp"], { error: "must be openai, anthropic or mcp" }),
    "openai",
  ),
  limit: z.optional(
    z.coerce.number({ error: "must be 1 to 100" })
      .check(
        z.int("must be 1 to 100"),
        z.gte(1, "must be 1 to 100"),
        z.lte(100, "must be 1 to 100"),
      ),
  ),
  cursor: z.optional(
    z.string().check(z.regex(/^[a-z][a-z0-9_]{0,63}$/, "must be next_cursor of the page before")),
  ),
});

/** Lists what an agent may do, as tools in the format that its model expects. */
export function createApp(deps: AgentToolsDeps) {
  return createBaseApp({ name: "get-agent-tools", cors: browserFacing() })
    .get("/", async (c) => {
      const { agent_id, format, limit, cursor } = checkFields(c.req.query(), query);
      const authorization = c.req.header("authorization");
      const caller = await readAgentCaller(deps.authenticate, authorization, agent_id);
      const page = await listTools(deps.service, caller, { limit, cursor });
      return c.json({
        agent: page.agent,
        format,
        tools: page.tools.map((tool) => toFormat(tool, format)),
        labels: Object.fromEntries(page.tools.map(({ key, label }) => [key, label])),
        next_cursor: page.nextCursor,
        ...(page.emptyBecause === null ? {} : { empty_because: page.emptyBecause }),
      });
    });
}
