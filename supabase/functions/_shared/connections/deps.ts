import { type CallerDeps, createCallerDeps } from "../caller_deps.ts";
import { createServiceClient, type DatabaseClient } from "../database/client.ts";
import type { Environment } from "../environment.ts";
import type { IdempotencyDeps } from "../http/idempotent.ts";
import { createTransport, type Transport } from "../providers/transport.ts";

/** What a function that manages provider accounts is built from. */
export interface ConnectionDeps extends CallerDeps, IdempotencyDeps {
  service: DatabaseClient;
  transport: Transport;
  webhooksUrl: string;
}

export function createConnectionDeps(environment: Environment): ConnectionDeps {
  return {
    ...createCallerDeps(environment),
    service: createServiceClient(environment),
    transport: createTransport({ simulatorUrl: environment.simulatorUrl }),
    webhooksUrl: environment.webhooksUrl,
    fingerprintKey: environment.secretKey,
  };
}
