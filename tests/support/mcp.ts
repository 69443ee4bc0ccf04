import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createApp } from "../../supabase/functions/mcp/app.ts";
import { API_KEY, type Script, scriptedTools } from "./scripted_tools.ts";

type Fields = Record<string, unknown>;

/** How clients of the two eras of the protocol begin. */
export const ERAS = {
  handshake: { mode: "legacy" },
  stateless: { mode: { pin: "2026-07-28" } },
  /** Finds out by itself. */
  either: { mode: "auto" },
} as const;
export type Era = keyof typeof ERAS;

/** The mcp function over HTTP on loopback, with tools in memory. */
export function serveMcp(
  script: Script = {},
  options: { pageSize?: number; allowedOrigins?: string[] } = {},
) {
  const { tools, calls } = scriptedTools(script);
  const app = createApp({ allowedOrigins: [], ...options, tools });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    app.fetch,
  );
  const url = `http://127.0.0.1:${server.addr.port}/mcp`;
  return {
    url,
    calls,
    /** The official client, connected. */
    connect: (era: Era, key?: string) => connect(url, era, key),
    /** Posts whatever it is given. */
    post: (body: BodyInit | Fields, headers?: Record<string, string>) => post(url, body, headers),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

export async function connect(url: string, era: Era, key = API_KEY) {
  const client = new Client(
    { name: "test", version: "1.0.0" },
    { versionNegotiation: ERAS[era] },
  );
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

export interface RawAnswer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into answers whose shape is what they test
  body: any;
}

/** A header that is empty is left out. */
export async function post(
  url: string,
  body: BodyInit | Fields,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array ||
    body instanceof ReadableStream;
  const given = {
    authorization: `Bearer ${API_KEY}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    ...headers,
  };
  const response = await fetch(url, {
    method: "POST",
    headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")),
    body: isRaw ? body as BodyInit : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

/** A request of the era that shakes hands. */
export function request(method: string, params?: Fields, id: unknown = 1): Fields {
  return { jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) };
}

export const STATELESS_META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A request of the stateless era, and the headers that belong to it. */
export function statelessRequest(method: string, params: Fields = {}) {
  return {
    body: request(method, { ...params, _meta: { ...STATELESS_META, ...params._meta as Fields } }),
    headers: {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(typeof params.name === "string" ? { "mcp-name": params.name } : {}),
    } as Record<string, string>,
  };
}
