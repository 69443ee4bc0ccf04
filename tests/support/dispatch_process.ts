/** Runs the dispatcher once in a process of its own, for tests that kill it. */
import { dispatch } from "../../supabase/functions/_shared/messages/dispatch.ts";
import { createWorkerDeps } from "./worker_deps.ts";

await dispatch(createWorkerDeps());
