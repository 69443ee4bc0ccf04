import { createServiceClient } from "../_shared/database/client.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { createTransport } from "../_shared/providers/transport.ts";
import { createApp } from "./app.ts";

const environment = readEnvironment((name) => Deno.env.get(name));

Deno.serve(
  createApp({
    service: createServiceClient(environment),
    transport: createTransport({ simulatorUrl: environment.simulatorUrl }),
    secretKeys: environment.secretKeys,
    webhooksUrl: environment.webhooksUrl,
  }).fetch,
);
