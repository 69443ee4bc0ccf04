import { createCallerDeps } from "../_shared/caller_deps.ts";
import { createServiceClient } from "../_shared/database/client.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { kickDispatch } from "../_shared/messages/kick_dispatch.ts";
import { createTransport } from "../_shared/providers/transport.ts";
import { createApp } from "./app.ts";

const environment = readEnvironment((name) => Deno.env.get(name));

Deno.serve(
  createApp({
    ...createCallerDeps(environment),
    service: createServiceClient(environment),
    transport: createTransport({ simulatorUrl: environment.simulatorUrl }),
    webhooksUrl: environment.webhooksUrl,
    fingerprintKey: environment.secretKey,
    kickDispatch: () => kickDispatch(environment),
  }).fetch,
);
