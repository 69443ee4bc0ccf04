import type { NumberWebhookDeps } from "../_shared/connections/number_webhooks.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { requireSecretKey } from "../_shared/http/secret_key.ts";
import { trackNumberOrders } from "../_shared/numbers/track_orders.ts";
import { verifyNumbers } from "../_shared/numbers/verify_numbers.ts";

/** What is looked at again although nobody asks, by the name of its report. */
const TASKS = {
  number_orders: trackNumberOrders,
  phone_numbers: verifyNumbers,
};

/** The slow clock: called by the schedule, by nobody else. */
export function createApp(deps: NumberWebhookDeps & { secretKeys: string[] }) {
  return createBaseApp({ name: "maintenance" })
    .use(requireSecretKey(deps.secretKeys))
    .post("/", async (c) => {
      const reports: Record<string, unknown> = {};
      const errors: unknown[] = [];
      for (const [name, run] of Object.entries(TASKS)) {
        // One that fails stands in no other's way, and is told in the end.
        try {
          reports[name] = await run(deps);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
      return c.json(reports);
    });
}
