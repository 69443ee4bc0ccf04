/** A worker that serves one bundle on a port of its own and reports the port. */

/** What functions read at their start; nobody is behind it. */
const ENVIRONMENT: Record<string, string> = {
  SUPABASE_URL: "http://127.0.0.1:9",
  SUPABASE_ANON_KEY: "sb_publishable_bench",
  SUPABASE_SERVICE_ROLE_KEY: "sb_secret_bench",
};

const worker = globalThis as unknown as { postMessage(message: unknown): void };
const serve = Deno.serve;

Deno.env.get = (name) => ENVIRONMENT[name];
Object.assign(Deno, {
  serve(handler: Deno.ServeHandler) {
    return serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) => worker.postMessage(port),
    }, handler);
  },
});

await import(new URL(import.meta.url).searchParams.get("bundle") ?? "");
