import { OFFER_TRANSPORT } from "../_shared/agents/agent_endpoint.ts";
import { createServiceClient } from "../_shared/database/client.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { resolveName } from "../_shared/http/name_guard.ts";
import { createTransport } from "../_shared/providers/transport.ts";
import { createApp } from "./app.ts";

const environment = readEnvironment((name) => Deno.env.get(name));
const { simulatorUrl } = environment;

Deno.serve(
  createApp({
    service: createServiceClient(environment),
    transport: createTransport({ simulatorUrl }),
    offers: {
      transport: createTransport({ simulatorUrl, ...OFFER_TRANSPORT }),
      // No name is looked up where nothing leaves this machine.
      resolve: simulatorUrl === undefined ? resolveName : () => Promise.resolve([]),
    },
    secretKeys: environment.secretKeys,
    webhooksUrl: environment.webhooksUrl,
  }).fetch,
);
