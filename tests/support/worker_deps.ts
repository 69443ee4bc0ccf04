import { createServiceClient } from "../../supabase/functions/_shared/database/client.ts";
import type { DispatcherDeps } from "../../supabase/functions/_shared/messages/dispatch.ts";
import {
  createTransport,
  type TransportOptions,
} from "../../supabase/functions/_shared/providers/transport.ts";
import { readTestStack } from "./stack.ts";

/** What the workers get on the stack under test, for tests that run them themselves. */
export function createWorkerDeps(
  options: Pick<TransportOptions, "fetch"> = {},
): DispatcherDeps {
  const stack = readTestStack();
  const environment = {
    supabaseUrl: stack.url,
    publishableKey: stack.publishable_key,
    secretKey: stack.secret_key,
    secretKeys: [stack.secret_key],
    webhooksUrl: `${stack.url}/functions/v1/webhooks`,
    simulatorUrl: stack.simulator_url,
  };
  return {
    service: createServiceClient(environment),
    transport: createTransport({
      simulatorUrl: environment.simulatorUrl,
      timeoutMs: 60_000,
      ...options,
    }),
    webhooksUrl: environment.webhooksUrl,
    storage: {
      url: `${stack.url}/storage/v1`,
      publicUrl: `${stack.url}/storage/v1`,
      secretKey: stack.secret_key,
    },
  };
}
