/** Runs the dispatcher once in a process of its own, for tests that kill it. */
import { createServiceClient } from "../../supabase/functions/_shared/database/client.ts";
import { dispatch } from "../../supabase/functions/_shared/messages/dispatch.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { readTestStack } from "./stack.ts";

const stack = readTestStack();
const environment = {
  supabaseUrl: stack.url,
  publishableKey: stack.publishable_key,
  secretKey: stack.secret_key,
  secretKeys: [stack.secret_key],
  webhooksUrl: `${stack.url}/functions/v1/webhooks`,
  simulatorUrl: stack.simulator_url,
};
await dispatch({
  service: createServiceClient(environment),
  transport: createTransport({ simulatorUrl: environment.simulatorUrl, timeoutMs: 60_000 }),
  webhooksUrl: environment.webhooksUrl,
  storage: {
    url: `${stack.url}/storage/v1`,
    publicUrl: `${stack.url}/storage/v1`,
    secretKey: stack.secret_key,
  },
});
