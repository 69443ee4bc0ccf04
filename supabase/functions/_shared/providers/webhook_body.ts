import * as z from "zod/mini";
import { UnreadableWebhookError, type WebhookRequest } from "./provider.ts";
import { storableText } from "./text.ts";

/** Reads a body in JSON by its schema; every text in it can be stored. */
export function readWebhookJson<Schema extends z.ZodMiniType>(
  schema: Schema,
  { body }: WebhookRequest,
): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(decode(body), (_name, value) => isText(value) ? storableText(value) : value);
  } catch {
    throw new UnreadableWebhookError("Cannot read webhook: not JSON");
  }
  return readWebhookValue(schema, json);
}

/** Reads a part of a body that was read already. */
export function readWebhookValue<Schema extends z.ZodMiniType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join(".");
  throw new UnreadableWebhookError(`Cannot read webhook: unexpected ${path || "body"}`);
}

/** Reads a body of form parameters; every text in it can be stored. */
export function readWebhookForm({ body }: WebhookRequest): Map<string, string> {
  let parameters: URLSearchParams;
  try {
    parameters = new URLSearchParams(decode(body));
  } catch {
    throw new UnreadableWebhookError("Cannot read webhook: not UTF-8");
  }
  return new Map([...parameters].map(([name, value]) => [name, storableText(value)]));
}

export function isForm({ headers }: WebhookRequest): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

function decode(body: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(body);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
