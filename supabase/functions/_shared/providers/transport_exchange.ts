import type { ProviderResponse } from "./provider.ts";
import { storableText } from "./text.ts";

/** What happened to a request: an answer, a failure, or an answer of which a part is missing. */
export type Answer =
  | { response: ProviderResponse; failure: BodyFailure | null; state: string }
  | {
    response: null;
    failure: "connection_refused" | "timeout" | "connection_lost";
    state: string;
  };
type BodyFailure = "timeout" | "connection_lost" | "unreadable";

const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

/** Sends one request and reads its answer whole, within one limit of time and one of size. */
export async function exchange(
  send: (request: Request) => Promise<Response>,
  request: Request,
  limits: { timeoutMs: number; maxBodyBytes: number },
): Promise<Answer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), limits.timeoutMs);
  const timedOut = `no answer within ${limits.timeoutMs} ms`;
  try {
    let answered: Response;
    try {
      answered = await send(new Request(request, { signal: deadline.signal }));
    } catch (error) {
      if (deadline.signal.aborted) return { response: null, failure: "timeout", state: timedOut };
      if (failedToConnect(error)) {
        return { response: null, failure: "connection_refused", state: "connection refused" };
      }
      return { response: null, failure: "connection_lost", state: "connection lost" };
    }
    const { status, headers } = answered;
    const body = await readBody(answered, limits.maxBodyBytes);
    const response = { status, headers, text: body.text, json: parseJson(body.text) };
    if (body.isWhole) return { response, failure: null, state: "" };
    if (body.isTooLarge) {
      return { response, failure: "unreadable", state: `over ${limits.maxBodyBytes} bytes` };
    }
    return deadline.signal.aborted
      ? { response, failure: "timeout", state: timedOut }
      : { response, failure: "connection_lost", state: "connection lost during the answer" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * True when no connection came about (refused, name unknown, TLS refused), so that nothing was
 * written. Deno tells so in words only: in the cause since 2.9, in the error itself in 2.1, the line
 * that Supabase runs. Both were tried, and every later failure reads `client error (SendRequest)`.
 * The address in the same text cannot imitate it, since a URL has no unescaped space.
 */
function failedToConnect(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes(": client error (Connect): ")) return true;
  }
  return false;
}

interface Body {
  text: string;
  isWhole: boolean;
  isTooLarge: boolean;
}

async function readBody(answered: Response, maxBytes: number): Promise<Body> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  if (!answered.body) return { text, isWhole: true, isTooLarge: false };
  const reader = answered.body.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return { text: text + decoder.decode(), isWhole: true, isTooLarge: false };
      bytes += value.byteLength;
      if (bytes > maxBytes) {
        await reader.cancel();
        return { text: "", isWhole: false, isTooLarge: true };
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    return { text, isWhole: false, isTooLarge: false };
  }
}

/** Escapes are the only way in which JSON in UTF-8 can hold what Postgres cannot store. */
const UNSTORABLE_ESCAPE = /\\u(0000|d[89a-f])/i;

function parseJson(text: string): unknown {
  try {
    if (!UNSTORABLE_ESCAPE.test(text)) return JSON.parse(text);
    return JSON.parse(text, (_key, value) => isText(value) ? storableText(value) : value);
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from now; at most a day. */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const isSeconds = /^\d+(\.\d+)?$/.test(value);
  if (!isSeconds && !/^[A-Z][a-z]+,? /.test(value)) return undefined;
  const waitMs = isSeconds ? Number(value) * 1000 : Date.parse(value) - nowMs;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(Math.round(waitMs), 0), LONGEST_WAIT_MS);
}
