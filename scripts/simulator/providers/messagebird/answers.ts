import { json, proxyError, withRetryAfter } from "../../shared/answers.ts";

/** An error as MessageBird words it. */
export function fail(
  status: number,
  code: number,
  description: string,
  parameter: string | null,
): Response {
  return json({ errors: [{ code, description, parameter }] }, status);
}

/** A part of a list, from `offset` on. */
export function listAnswer(items: unknown[], query: URLSearchParams): Response {
  const limit = Number(query.get("limit") ?? 20);
  const offset = Number(query.get("offset") ?? 0);
  const page = items.slice(offset, offset + limit);
  return json({ offset, limit, count: page.length, totalCount: items.length, items: page });
}

/** How MessageBird words the answers that faults ask for; what code it gives is not documented. */
export const FAULT_ANSWERS = {
  rateLimited: (seconds: number | undefined) =>
    withRetryAfter(fail(429, 99, "Too many requests", null), seconds),
  serverError: (status: number) =>
    status === 500 ? fail(500, 99, "Internal error", null) : proxyError(status),
};
