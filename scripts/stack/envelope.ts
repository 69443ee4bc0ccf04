import { allowAnyOrigin } from "./cors.ts";

/** An error in the form that every part of the product answers with. */
export function errorResponse(status: number, code: string, message: string): Response {
  return allowAnyOrigin(Response.json({ error: { code, message } }, { status }));
}
