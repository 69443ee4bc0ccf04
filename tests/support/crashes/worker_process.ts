/** Runs a worker again and again, as its plan on stdin says, until it is killed. */
import { dispatch } from "../../../supabase/functions/_shared/messages/dispatch.ts";
import { reconcile } from "../../../supabase/functions/_shared/messages/reconcile.ts";
import { createWorkerDeps } from "../worker_deps.ts";
import { linesOf } from "./lines.ts";
import { Checkpoints, fetchWithPoints, type Plan, withPoints } from "./points.ts";

const PAUSE_MS = 10;

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const lines = linesOf(Deno.stdin.readable);
say("ready");
const plan: Plan = JSON.parse((await lines.next()).value ?? "");

say("told");
let goingOn = Promise.withResolvers<void>();

/** Ends with whoever started it: nothing is to outlive the tests. */
async function listen(): Promise<never> {
  for await (const _ of lines) {
    goingOn.resolve();
    goingOn = Promise.withResolvers();
  }
  Deno.exit(1);
}

void listen();
const points = new Checkpoints(plan, say, () => goingOn.promise);
const plain = createWorkerDeps({ fetch: fetchWithPoints(points) });
const deps = { ...plain, service: withPoints(plain.service, points, plan.batch_size) };
for (;;) {
  try {
    await (plan.worker === "dispatch" ? dispatch(deps) : reconcile(deps));
  } catch (error) {
    say(`failed ${error}`);
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
