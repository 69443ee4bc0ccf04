import { RpcError } from "./protocol.ts";

export type Fields = Record<string, unknown>;
export type RequestId = string | number;

/** One message of a client: a request where it has an id, else a notification. */
export interface ClientMessage {
  id: RequestId | undefined;
  method: string;
  params: Fields;
}

/** Arguments nest a few levels. What recurses over more would run out of stack. */
const DEEPEST_NESTING = 32;
const LONGEST_ID = 255;

export function readBody(bytes: ArrayBuffer): Fields {
  const value = parse(bytes);
  if (Array.isArray(value)) {
    throw new RpcError("invalid_request", "Cannot take a batch: send one message at a time", 400);
  }
  if (!isFields(value)) throw refuse("it must be an object");
  return value;
}

/** Read before the rest, so that what is wrong with that is answered by it; undefined in a notification. */
export function readId(message: Fields): RequestId | undefined {
  if (!("id" in message)) return undefined;
  const { id } = message;
  const isText = typeof id === "string" && id.length <= LONGEST_ID;
  // A larger number would come back as another one.
  if (isText || Number.isSafeInteger(id)) return id as RequestId;
  throw refuse(`id must be a whole number or a text of at most ${LONGEST_ID} characters`);
}

export function readCall(message: Fields): Omit<ClientMessage, "id"> {
  const { jsonrpc, method, params = {} } = message;
  if (jsonrpc !== "2.0") throw refuse('jsonrpc must be "2.0"');
  if ("result" in message || "error" in message) {
    throw refuse("nothing was asked that it would be the answer to");
  }
  if (typeof method !== "string") throw refuse("method must be text");
  if (!isFields(params)) throw refuse("params must be an object");
  if ("_meta" in params && !isFields(params._meta)) throw refuse("params._meta must be an object");
  if (!nestsAtMost(params, DEEPEST_NESTING)) {
    throw refuse(`params must not nest deeper than ${DEEPEST_NESTING} levels`);
  }
  return { method, params };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new RpcError("parse_error", "Cannot read the body: not JSON in UTF-8", 400);
  }
}

function refuse(flaw: string): RpcError {
  return new RpcError("invalid_request", `Cannot take the message: ${flaw}`, 400);
}

/** Level by level: a recursion would be what this is to prevent. */
function nestsAtMost(value: unknown, deepest: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= deepest; depth++) {
    level = level.flatMap((item) =>
      typeof item === "object" && item !== null ? Object.values(item) : []
    );
    if (level.length === 0) return true;
  }
  return false;
}
