import { deliverOffers, type OfferDeps } from "../_shared/agents/deliver_offers.ts";
import type { NumberWebhookDeps } from "../_shared/connections/number_webhooks.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { requireSecretKey } from "../_shared/http/secret_key.ts";
import { reconcile } from "../_shared/messages/reconcile.ts";
import { trackNumberOrders } from "../_shared/numbers/track_orders.ts";
import { verifyNumbers } from "../_shared/numbers/verify_numbers.ts";
import { countUsage } from "./count_usage.ts";
import { expireAgentApprovals } from "./expire_agent_approvals.ts";
import { purgeIdempotentRequests } from "./purge_idempotent_requests.ts";

interface MaintenanceDeps extends NumberWebhookDeps {
  secretKeys: string[];
  /** How the agents' webhooks are called, which belong to anybody. */
  offers: Omit<OfferDeps, "service">;
  /** How long one task is waited for; 45 s where it is not given. */
  taskLimitMs?: number;
}

/** What is looked at again although nobody asks, by the name of its report; first what people wait for. */
const TASKS: Record<string, (deps: MaintenanceDeps) => Promise<unknown>> = {
  look_ups: reconcile,
  agent_offers: ({ service, offers }) => deliverOffers({ service, ...offers }),
  number_orders: trackNumberOrders,
  phone_numbers: verifyNumbers,
  agent_approvals: expireAgentApprovals,
  idempotent_requests: purgeIdempotentRequests,
  usage: countUsage,
};

/** All of them, one after the other, within the platform's 150 s. */
const TASK_LIMIT_MS = 45_000;

/** The slow clock: called by the schedule, by nobody else. */
export function createApp(deps: MaintenanceDeps) {
  const limitMs = deps.taskLimitMs ?? TASK_LIMIT_MS;
  return createBaseApp({ name: "maintenance" })
    .use(requireSecretKey(deps.secretKeys))
    // On their own, as soon as there is one: people wait for the answer.
    .post("/offers", async (c) => c.json(await TASKS.agent_offers!(deps)))
    .post("/", async (c) => {
      const reports: Record<string, unknown> = {};
      const errors: unknown[] = [];
      for (const [name, run] of Object.entries(TASKS)) {
        // One that fails, or takes too long, stands in no other's way, and is told in the end.
        try {
          reports[name] = await waitFor(name, run(deps), limitMs);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
      return c.json(reports);
    });
}

/** Waits for so long and no longer: what a task has claimed and not done is claimed again later. */
async function waitFor<Report>(
  name: string,
  work: Promise<Report>,
  limitMs: number,
): Promise<Report> {
  const { promise: isOver, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Cannot wait for ${name}: not done within ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([work, isOver]);
  } finally {
    clearTimeout(timer);
  }
}
