import type { RequestId } from "./message.ts";
import type { Result } from "./methods.ts";
import { META, RPC_CODES, type RpcError } from "./protocol.ts";

/** What this one asked for is for nobody else to keep. */
const NOT_STORED = { "cache-control": "no-store" };

export function rpcResponse(id: RequestId, result: Result): Response {
  return Response.json({ jsonrpc: "2.0", id, result }, { headers: NOT_STORED });
}

/** Without an id where the request's could not be read: the protocol has no null there. */
export function rpcErrorResponse(error: RpcError, id?: RequestId): Response {
  const { code, message, data, status } = error;
  return Response.json({
    jsonrpc: "2.0",
    ...(id === undefined ? {} : { id }),
    error: { code: RPC_CODES[code], message, ...(data === undefined ? {} : { data }) },
  }, { status, headers: NOT_STORED });
}

/**
 * Agrees to send none of the notifications that were asked for, and ends the stream at once.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions (read 2026-11-20)
 */
export function endedSubscription(id: RequestId, result: Result): Response {
  const subscription = { [META.subscriptionId]: id };
  const messages = [
    {
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { _meta: subscription, notifications: {} },
    },
    { jsonrpc: "2.0", id, result: { ...result, _meta: { ...result._meta, ...subscription } } },
  ];
  const events = messages.map((message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`);
  return new Response(events.join(""), {
    headers: { ...NOT_STORED, "content-type": "text/event-stream", "x-accel-buffering": "no" },
  });
}
