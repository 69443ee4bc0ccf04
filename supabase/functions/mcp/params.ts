import * as z from "zod/mini";
import type { Fields } from "./message.ts";
import { RpcError } from "./protocol.ts";

/** Fields that the protocol may give more of: what is not named here is let through. */
export const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.looseObject(shape, { error: "must be an object" });

export const string = () => z.string({ error: "must be text" });

export function readParams<Schema extends z.core.$ZodType>(
  schema: Schema,
  params: Fields,
): z.output<Schema> {
  const result = z.safeParse(schema, params);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw invalidParams(`Invalid params: ${path.map(String).join(".")} ${message}`);
}

export function invalidParams(message: string): RpcError {
  return new RpcError("invalid_params", message);
}
