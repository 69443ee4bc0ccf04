import { readTestStack } from "./stack.ts";

export interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into answers whose shape is what they test
  body: any;
}

/** Calls an edge function over HTTP through the gateway, as a front end would. */
export async function callFunction(
  path: string,
  options: {
    method?: string;
    token?: string;
    json?: unknown;
    body?: BodyInit;
    headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const { url, publishable_key } = readTestStack();
  const headers = new Headers({ apikey: publishable_key, ...options.headers });
  if (options.token) headers.set("authorization", `Bearer ${options.token}`);
  let body = options.body ?? null;
  if (options.json !== undefined) {
    headers.set("content-type", "application/json");
    body = JSON.stringify(options.json);
  }
  const method = options.method ?? (body === null ? "GET" : "POST");
  const response = await fetch(`${url}/functions/v1/${path}`, { method, headers, body });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

/** Calls a worker once, as the schedule would; answers its report. */
export async function runWorker(name: "dispatch" | "maintenance") {
  const { status, body } = await callFunction(name, {
    method: "POST",
    headers: { apikey: readTestStack().secret_key },
  });
  if (status !== 200) throw new Error(`Cannot run ${name}: ${JSON.stringify(body)}`);
  return body;
}
