import { Hono } from "hono";
import { BoundedLog } from "./log.ts";

/** Where the agents of the simulated world live. */
export const AGENT_HOST = "agent.example.com";

/** What an agent was posted. */
export interface AgentWebhook {
  /** After the host, such as `/messages`. */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * Stands in for agents that take webhooks at any path, and keeps what they got. They answer 204, or
 * as the last parts of the path say: `/status/410` with that status, `/redirect` with a redirect.
 */
export class AgentInbox {
  readonly received: BoundedLog<AgentWebhook>;
  readonly api = new Hono();

  constructor(maximumEntries: number) {
    this.received = new BoundedLog(maximumEntries);
    this.api.post("*", async (c) => {
      const path = new URL(c.req.url).pathname.slice(`/${AGENT_HOST}`.length);
      const headers = Object.fromEntries(c.req.raw.headers);
      this.received.push({ path, headers, body: await c.req.text() });
      if (path.endsWith("/redirect")) return c.redirect(`/${AGENT_HOST}/redirected`, 307);
      const status = Number(/\/status\/(\d{3})$/.exec(path)?.[1] ?? 204);
      return new Response(null, {
        status,
        headers: status === 429 ? { "retry-after": "900" } : {},
      });
    });
  }

  clear(): void {
    this.received.clear();
  }
}
