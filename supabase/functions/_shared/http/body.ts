import type { Context } from "hono";
import * as z from "zod/mini";
import { AppError, type Issue } from "./error.ts";

/** More would only make a large answer of a large mistake. */
const MAX_ISSUES = 20;

/** Reads and checks a JSON body: 400 with the path of every field that is wrong. */
export async function readJson<Schema extends z.core.$ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(await c.req.text());
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("invalid_json", "Cannot read the body: not JSON", {
      hint: "Send a JSON object with content-type application/json",
    });
  }
  return checkFields(value, schema);
}

/** Checks what a request says: 400 with the path of every field that is wrong. */
export function checkFields<Schema extends z.core.$ZodType>(
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, MAX_ISSUES).map(toIssue);
  throw new AppError("invalid_request", `Cannot take the request: ${summarise(issues)}`, {
    issues,
  });
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  const path = issue.code === "unrecognized_keys"
    ? [...issue.path, issue.keys[0]!.slice(0, 100)]
    : issue.path;
  const message = issue.code === "unrecognized_keys" ? "is not a known field" : issue.message;
  return { field: path.map(String).join("."), message };
}

function summarise(issues: Issue[]): string {
  const [first] = issues;
  if (!first) return "malformed";
  return first.field ? `${first.field} ${first.message}` : first.message;
}
