import { createBaseApp } from "../_shared/http/app.ts";
import { requireSecretKey } from "../_shared/http/secret_key.ts";
import { dispatch, type DispatcherDeps } from "../_shared/messages/dispatch.ts";

/** The worker: called by the schedule and after each send, by nobody else. */
export function createApp(deps: DispatcherDeps & { secretKeys: string[] }) {
  return createBaseApp({ name: "dispatch" })
    .use(requireSecretKey(deps.secretKeys))
    .post("/", async (c) => c.json(await dispatch(deps)));
}
