import type { Server } from "node:http";
import { Hono } from "hono";
import { AGENT_HOST, AgentInbox } from "./agent_inbox.ts";
import { controlErrorResponse, createControl } from "./control.ts";
import type { SimulatedProvider } from "./provider.ts";
import { PROVIDERS } from "./registry.ts";
import { close, type Connection, listen, resetConnection } from "./server.ts";
import { DEFAULT_SETTINGS, type SimulatorSettings, SimulatorState } from "./state.ts";
import { Cancelled } from "./timers.ts";

/** A simulator that was started. */
export interface Simulator {
  /** `http://127.0.0.1:54329`, without a slash at the end. */
  readonly url: string;
  readonly providers: readonly SimulatedProvider[];
  /** Stops serving, and drops what is pending. */
  close(): Promise<void>;
}

/** Where a simulator listens, and how it behaves. */
export interface SimulatorOptions extends Partial<SimulatorSettings> {
  host?: string;
  /** 0 picks a free one. */
  port?: number;
}

/** Starts a simulator of every provider in the registry. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", port = 0, ...settings } = options;
  const state = new SimulatorState({ ...DEFAULT_SETTINGS, ...settings });
  const providers = PROVIDERS.map((create) => create(state));
  const app = createApp(state, providers);
  const server = await listen((request, connection) => app.fetch(request, connection), host, port);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${portOf(server)}`,
    providers,
    async close() {
      state.close();
      await close(server);
    },
  };
}

function createApp(
  state: SimulatorState,
  providers: readonly SimulatedProvider[],
): Hono<{ Bindings: Connection }> {
  const app = new Hono<{ Bindings: Connection }>();
  for (const provider of providers) {
    for (const host of provider.hosts) app.route(`/${host}`, provider.api);
  }
  const inbox = new AgentInbox(state.settings.maximumLogEntries);
  app.route(`/${AGENT_HOST}`, inbox.api);
  app.route("/_control", createControl(state, providers, inbox));
  app.notFound(() =>
    Response.json({ error: { code: "unknown_host", message: "Cannot serve: no such provider" } }, {
      status: 404,
    })
  );
  app.onError((error) =>
    error instanceof Cancelled ? resetConnection() : controlErrorResponse(error)
  );
  return app;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("Cannot read port: the server has none");
  }
  return address.port;
}
