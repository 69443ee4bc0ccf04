import { json, proxyError, withRetryAfter } from "../../shared/answers.ts";

export const CURRENCY = {
  currency_name_short: "AUD",
  currency_prefix_d: "$",
  currency_prefix_c: "c",
  currency_name_long: "Australian Dollars",
};

/** What all answers of ClickSend have around them. */
export function answer(data: unknown, response_msg = "Here are your data."): Response {
  return json({ http_code: 200, response_code: "SUCCESS", response_msg, data });
}

/** A page of a list, 15 to 100 long. */
export function answerPage(
  items: unknown[],
  query: URLSearchParams,
  more: Record<string, unknown> = {},
): Response {
  const limit = Math.min(100, Math.max(15, Number(query.get("limit")) || 15));
  const page = Math.max(1, Number(query.get("page")) || 1);
  const lastPage = Math.max(1, Math.ceil(items.length / limit));
  const data = items.slice((page - 1) * limit, page * limit);
  return answer({
    total: items.length,
    per_page: limit,
    current_page: page,
    last_page: lastPage,
    next_page_url: page < lastPage ? `/?page=${page + 1}` : null,
    prev_page_url: page > 1 ? `/?page=${page - 1}` : null,
    from: (page - 1) * limit + 1,
    to: (page - 1) * limit + data.length,
    data,
    ...more,
  });
}

export function refuse(
  http_code: number,
  response_code: string,
  response_msg: string,
): Response {
  return json({ http_code, response_code, response_msg, data: null }, http_code);
}

/** How ClickSend words the answers that faults ask for. */
export const FAULT_ANSWERS = {
  rateLimited: (seconds: number | undefined) =>
    withRetryAfter(refuse(429, "TOO_MANY_REQUESTS", "Rate limit exceeded."), seconds),
  serverError: (status: number) =>
    status === 500
      ? refuse(500, "INTERNAL_SERVER_ERROR", "Something is broken.")
      : proxyError(status),
};
