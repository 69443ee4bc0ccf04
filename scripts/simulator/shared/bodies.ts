import { groupValues } from "../calls.ts";
import { recordOf } from "./values.ts";

/** The fields of JSON, whatever the header says; none where it is no JSON. */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  return parse(await request.text());
}

/** The fields of JSON or of a form; XML whole, as `xml`. */
export async function readByContentType(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  const contentType = request.headers.get("content-type") ?? "";
  if (contentType.startsWith("application/xml")) return { xml: text };
  if (contentType.startsWith("application/json")) return parse(text);
  return groupValues(new URLSearchParams(text));
}

function parse(text: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return {};
  }
}
