import { type Context, Hono } from "hono";
import type { AgentInbox } from "./agent_inbox.ts";
import { ControlError, Fields } from "./fields.ts";
import type { SimulatedProvider } from "./provider.ts";
import type { Connection } from "./server.ts";
import type { SimulatorState } from "./state.ts";

const MAXIMUM_ENTRIES = 50_000;
const DEFAULT_ENTRIES = 1_000;
const MAXIMUM_IDLE_WAIT_MS = 10_000;

/** The API by which tests arrange and observe; for clients on this machine only. */
export function createControl(
  state: SimulatorState,
  providers: readonly SimulatedProvider[],
  inbox: AgentInbox,
): Hono<{ Bindings: Connection }> {
  const control = new Hono<{ Bindings: Connection }>();
  control.use(async (c, next) => {
    if (!isLocal(c.env.remoteAddress, c.req.url, c.req.header("origin"))) {
      throw new ControlError(403, "not_local", "Cannot serve: not a request from this machine");
    }
    await next();
  });
  control.get("/health", (c) => c.json({ status: "ok", providers: providers.map(({ id }) => id) }));
  control.get("/state", (c) =>
    c.json({
      pending: state.work.count(),
      faults: state.faults.list(undefined),
      held_receipts: state.receipts.held(() => true),
      accounts: Object.fromEntries(providers.map((p) => [p.id, p.listAccounts()])),
    }));
  control.post("/reset", (c) => {
    state.reset();
    for (const provider of providers) provider.reset();
    inbox.clear();
    return c.json({ status: "ok" });
  });
  addFaultRoutes(control, state, providers);
  addLogRoutes(control, state, providers);
  addReceiptRoutes(control, state);
  control.get("/agent-webhooks", (c) => {
    const query = readQuery(c);
    const matches = readMatch(query, ["path"]);
    const { total, entries } = inbox.received.newest(matches, readLimit(query));
    return c.json({ total, webhooks: entries });
  });
  for (const provider of providers) control.route(`/${provider.id}`, provider.control);
  control.all("*", () => {
    throw new ControlError(404, "unknown_path", "Cannot serve: no such path");
  });
  return control;
}

/** An error as the control API words it. */
export function controlErrorResponse(error: Error): Response {
  if (error instanceof ControlError) {
    const { status, code, message } = error;
    return Response.json({ error: { code, message } }, { status });
  }
  if (error instanceof SyntaxError) {
    const message = "Cannot read request: not JSON";
    return Response.json({ error: { code: "invalid_body", message } }, { status: 400 });
  }
  console.error(error);
  const message = "Cannot serve: the simulator has a fault of its own";
  return Response.json({ error: { code: "internal", message } }, { status: 500 });
}

function addFaultRoutes(
  control: Hono<{ Bindings: Connection }>,
  state: SimulatorState,
  providers: readonly SimulatedProvider[],
): void {
  const operationsOf = (id: string) => {
    const provider = providers.find((candidate) => candidate.id === id);
    if (provider) return provider.operations;
    throw new ControlError(400, "unknown_provider", `Cannot set fault: no provider ${id}`);
  };
  control.get("/faults", (c) => {
    const query = readQuery(c);
    const accountSid = query.text("account_sid");
    query.finish();
    return c.json({ faults: state.faults.list(accountSid) });
  });
  control.post(
    "/faults",
    async (c) => c.json({ fault: state.faults.add(await c.req.json(), operationsOf) }, 201),
  );
  control.delete("/faults", (c) => {
    const query = readQuery(c);
    const accountSid = query.text("account_sid");
    query.finish();
    const removed = state.faults.remove((fault) =>
      accountSid === undefined || fault.account_sid === accountSid
    );
    return c.json({ removed });
  });
  control.delete("/faults/:fault", (c) => {
    const removed = state.faults.remove((fault) => fault.fault_id === c.req.param("fault"));
    if (removed === 0) throw new ControlError(404, "unknown_fault", "Cannot find fault");
    return c.json({ removed });
  });
}

function addLogRoutes(
  control: Hono<{ Bindings: Connection }>,
  state: SimulatorState,
  providers: readonly SimulatedProvider[],
): void {
  control.get("/requests", (c) => {
    const query = readQuery(c);
    const matches = readMatch(query, ["provider", "operation", "account_sid"]);
    const limit = readLimit(query);
    const { total, entries } = state.calls.newest(matches, limit);
    return c.json({ total, requests: entries });
  });
  control.get("/deliveries", (c) => {
    const query = readQuery(c);
    const matches = readMatch(query, ["provider", "account_sid", "purpose", "message_sid"]);
    const limit = readLimit(query);
    const { total, entries } = state.deliveries.newest(matches, limit);
    return c.json({ total, deliveries: entries });
  });
  control.get("/messages", (c) => {
    const query = readQuery(c);
    const filter = { accountSid: query.text("account_sid"), to: query.text("to") };
    const provider = query.text("provider");
    const limit = readLimit(query);
    const messages = providers
      .filter(({ id }) => provider === undefined || provider === id)
      .flatMap((candidate) => candidate.listMessages(filter));
    return c.json({ total: messages.length, messages: messages.slice(-limit) });
  });
}

function addReceiptRoutes(control: Hono<{ Bindings: Connection }>, state: SimulatorState): void {
  const fields = ["account_sid", "message_sid", "to", "status"] as const;
  control.get("/receipts", (c) => {
    const query = readQuery(c);
    const matches = readMatch(query, fields);
    query.finish();
    return c.json({ receipts: state.receipts.held(matches) });
  });
  control.post("/receipts/release", async (c) => {
    const text = await c.req.text();
    const body = new Fields(text === "" ? {} : JSON.parse(text), "release");
    const matches = readMatch(body, fields);
    body.finish();
    return c.json({ released: await state.receipts.release(matches) });
  });
  control.get("/idle", async (c) => {
    const query = readQuery(c);
    const accountSid = query.text("account_sid");
    const timeoutMs = query.integer("timeout_ms", 0, MAXIMUM_IDLE_WAIT_MS) ?? MAXIMUM_IDLE_WAIT_MS;
    query.finish();
    if (await state.work.idle(accountSid, timeoutMs)) return c.json({ idle: true, pending: 0 });
    const pending = state.work.count(accountSid);
    throw new ControlError(504, "not_idle", `Cannot wait longer: ${pending} still pending`);
  });
}

function readQuery(c: Context): Fields {
  return new Fields(c.req.query(), "query");
}

/** Reads the newest-so-many parameter, which is the last one: nothing may be left after it. */
function readLimit(query: Fields): number {
  const limit = query.integer("limit", 0, MAXIMUM_ENTRIES) ?? DEFAULT_ENTRIES;
  query.finish();
  return limit;
}

/** A test whether the named fields of an entry have the values that were asked for. */
function readMatch<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): (entry: Readonly<Record<Name, unknown>>) => boolean {
  const wanted = names.map((name) => [name, fields.text(name)] as const)
    .filter(([, value]) => value !== undefined);
  return (entry) => wanted.every(([name, value]) => entry[name] === value);
}

/** A page in a browser must not be able to steer the simulator: hence `Origin` and the host. */
function isLocal(remoteAddress: string, url: string, origin: string | undefined): boolean {
  const isLoopback = remoteAddress === "::1" || /^(::ffff:)?127\./.test(remoteAddress);
  const { hostname } = new URL(url);
  const isNamedLocal = hostname === "localhost" || hostname === "[::1]" ||
    hostname.startsWith("127.");
  return isLoopback && isNamedLocal && origin === undefined;
}
