import { createServiceClient } from "../_shared/database/client.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { kickFunction } from "../_shared/kick_function.ts";
import { createTransport } from "../_shared/providers/transport.ts";
import { createWebhookSecrets } from "../_shared/webhooks/secrets.ts";
import { createApp } from "./app.ts";

const environment = readEnvironment((name) => Deno.env.get(name));
const service = createServiceClient(environment);

Deno.serve(
  createApp({
    service,
    transport: createTransport({ simulatorUrl: environment.simulatorUrl }),
    secrets: createWebhookSecrets(service),
    webhooksUrl: environment.webhooksUrl,
    kickOffers: () => kickFunction(environment, "maintenance/offers"),
  }).fetch,
);
