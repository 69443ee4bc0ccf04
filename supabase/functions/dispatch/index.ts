import { createServiceClient } from "../_shared/database/client.ts";
import { readEnvironment, readStorageAccess } from "../_shared/environment.ts";
import { createTransport } from "../_shared/providers/transport.ts";
import { createApp } from "./app.ts";

const get = (name: string) => Deno.env.get(name);
const environment = readEnvironment(get);

Deno.serve(
  createApp({
    service: createServiceClient(environment),
    transport: createTransport({ simulatorUrl: environment.simulatorUrl }),
    secretKeys: environment.secretKeys,
    webhooksUrl: environment.webhooksUrl,
    storage: readStorageAccess(get),
  }).fetch,
);
