import { createConnectionDeps } from "../_shared/connections/deps.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { createApp } from "./app.ts";

const environment = readEnvironment((name) => Deno.env.get(name));

Deno.serve(createApp(createConnectionDeps(environment)).fetch);
