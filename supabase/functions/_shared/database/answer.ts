import type { PostgrestSingleResponse } from "@supabase/postgrest-js";
import { AppError, type ErrorCode, isErrorCode } from "../http/error.ts";

/** The data of an answer; a refusal by the database becomes the error it stands for. */
export function dataOf<Data>(answer: PostgrestSingleResponse<Data>): Data {
  const { data, error, status } = answer;
  if (!error) return data;
  if (/^PT\d{3}$/.test(error.code)) throw readRefusal(error);
  if (status === 401) {
    throw new AppError("not_authenticated", "Cannot act for you: the access token is not valid");
  }
  // Deadlocks, serialization and lock or statement timeouts: nothing was done, and a second try may do.
  if (status === 0 || status >= 502 || /^(40001|40P01|55P03|57014)$/.test(error.code)) {
    throw new AppError("unavailable", "Cannot reach the database: try again", {}, 5);
  }
  // The driver's own words may quote values: only the code goes to the log.
  throw new Error(`Database refused: ${error.code || "no code"}, status ${status}`);
}

/** Our functions raise PT and an HTTP status, with a stable code and the field as JSON. */
function readRefusal(
  error: { code: string; message: string; details: string; hint: string },
): AppError {
  let detail: { code?: unknown; field?: unknown } = {};
  try {
    detail = JSON.parse(error.details) ?? {};
  } catch {
    // Raised by something else: the status still tells the kind.
  }
  const code: ErrorCode = isErrorCode(detail.code)
    ? detail.code
    : codeOfStatus(error.code.slice(2));
  const { field } = detail;
  return new AppError(code, error.message, {
    ...(typeof field === "string" ? { issues: [{ field, message: error.message }] } : {}),
    ...(error.hint ? { hint: error.hint } : {}),
  });
}

function codeOfStatus(status: string): ErrorCode {
  const codes: Record<string, ErrorCode> = {
    "400": "invalid_request",
    "401": "not_authenticated",
    "403": "forbidden",
    "404": "not_found",
    "409": "conflict",
    "413": "too_large",
    "429": "rate_limited",
  };
  return codes[status] ?? "internal";
}
