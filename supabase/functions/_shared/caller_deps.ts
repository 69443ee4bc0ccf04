import { createCallerClient, type DatabaseClient } from "./database/client.ts";
import type { Environment } from "./environment.ts";
import { type Authenticate, createAuthenticate } from "./http/authentication.ts";

/** What every function that people call is built from. */
export interface CallerDeps {
  authenticate: Authenticate;
  /** A client with the rights of the person behind the token. */
  asCaller(token: string): DatabaseClient;
}

export function createCallerDeps(environment: Environment): CallerDeps {
  return {
    authenticate: createAuthenticate(environment),
    asCaller: (token) => createCallerClient(environment, token),
  };
}
