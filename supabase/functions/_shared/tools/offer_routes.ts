import { Hono } from "hono/tiny";
import * as z from "zod/mini";
import type { CallerDeps } from "../caller_deps.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { checkFields } from "../http/body.ts";
import { AppError } from "../http/error.ts";
import { text, uuid } from "../http/fields.ts";
import { type AgentCaller, readAgentCaller } from "./caller.ts";

export interface OfferRoutesDeps extends Pick<CallerDeps, "authenticate"> {
  service: DatabaseClient;
  /** Between two looks while somebody waits; a second where it is not given. */
  pauseMs?: number;
}

/** An offer as the agent's webhook would be posted it, with what identifies it there in a header. */
export interface PolledOffer {
  id: string;
  attempt_number: number;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** Below the platform's limit for a request, and most proxies'. */
const LONGEST_WAIT_SECONDS = 25;

const count = (least: number, most: number) => {
  const error = `must be ${least} to ${most}`;
  return z.coerce.number({ error }).check(z.int(error), z.gte(least, error), z.lte(most, error));
};
const agent = { agent_id: z.optional(text(100)) };
const pollQuery = z.strictObject({
  ...agent,
  limit: z._default(count(1, 100), 10),
  wait_seconds: z._default(count(0, LONGEST_WAIT_SECONDS), 0),
  visibility_seconds: z._default(count(10, 900), 60),
});
const doneQuery = z.strictObject(agent);

/** How an agent without a webhook hears of messages: it asks, and says when it has one. */
export function createOfferRoutes({ authenticate, service, pauseMs = 1_000 }: OfferRoutesDeps) {
  const callerOf = (authorization: string | undefined, agentId: string | undefined) =>
    readAgentCaller(authenticate, authorization, agentId);

  async function poll(
    caller: AgentCaller,
    { limit, visibility_seconds }: z.output<typeof pollQuery>,
  ): Promise<PolledOffer[]> {
    const rows = dataOf(
      await service.rpc("poll_agent_offers", {
        caller: { ...caller },
        poll_limit: limit,
        visibility_seconds,
      }),
    );
    return rows.map(({ offer_id, attempt_number, payload }) => ({
      id: offer_id,
      attempt_number,
      ...payload as Pick<PolledOffer, "type" | "timestamp" | "data">,
    }));
  }

  return new Hono()
    .get("/", async (c) => {
      const query = checkFields(c.req.query(), pollQuery);
      const caller = await callerOf(c.req.header("authorization"), query.agent_id);
      const endsAtMs = Date.now() + query.wait_seconds * 1000;
      let offers = await poll(caller, query);
      // Whoever has gone would hide an offer from whoever asks next.
      while (offers.length === 0 && Date.now() + pauseMs <= endsAtMs && !c.req.raw.signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        offers = await poll(caller, query);
      }
      return c.json({ offers });
    })
    .post("/:id/done", async (c) => {
      const { agent_id } = checkFields(c.req.query(), doneQuery);
      const caller = await callerOf(c.req.header("authorization"), agent_id);
      const id = z.safeParse(uuid(), c.req.param("id"));
      if (!id.success) throw new AppError("not_found", "Cannot find the offer");
      const state = dataOf(
        await service.rpc("finish_agent_offer", { caller: { ...caller }, offer_id: id.data }),
      );
      return c.json({
        offer: { id: id.data, state },
        ...(state === "canceled"
          ? { next: "Do not answer it: the conversation is not in your hands any more" }
          : {}),
      });
    });
}
