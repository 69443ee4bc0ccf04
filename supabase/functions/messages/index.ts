import { createCallerDeps } from "../_shared/caller_deps.ts";
import { readEnvironment } from "../_shared/environment.ts";
import { kickDispatch } from "../_shared/messages/kick_dispatch.ts";
import { createApp } from "./app.ts";

const environment = readEnvironment((name) => Deno.env.get(name));
const deps = createCallerDeps(environment);

Deno.serve(createApp({ ...deps, kickDispatch: () => kickDispatch(environment) }).fetch);
