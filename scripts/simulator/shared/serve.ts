import type { Context } from "hono";
import type { CallDesk } from "../calls.ts";
import type { FaultScope } from "../faults.ts";
import { readJson } from "./bodies.ts";

/** An answer of a provider's API that is not a success. */
export class Refusal extends Error {
  override name = "Refusal";
  constructor(readonly response: Response) {
    super("refused");
  }
}

/** A request to a provider's API, authenticated and read. */
export interface Call<Owner> {
  account: Owner;
  /** As `readBody` of the provider read it. */
  body: Record<string, unknown>;
  query: URLSearchParams;
  path: Record<string, string>;
  headers: Headers;
  scope: FaultScope;
}

/** May throw a `Refusal`. */
export type OperationHandler<Owner> = (call: Call<Owner>) => Response | Promise<Response>;

export type Route<Owner> = readonly [
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  operation: string,
  handle: OperationHandler<Owner>,
];

/** How a provider reads requests, before any operation does. */
export interface Reception<Owner extends { sid: string }> {
  /** Throws a `Refusal` for anybody who is no account. */
  authenticate(request: Request, operation: string): Owner;
  /** Why an account may not do this; undefined where it may. */
  forbid?(account: Owner, request: Request): Response | undefined;
  /** JSON, where nothing else is said. */
  readBody?(request: Request): Promise<Record<string, unknown>>;
  /** Of a body, what the log may hold. */
  redact?(body: Record<string, unknown>): Record<string, unknown>;
  /** Every number or address that a body is about, for faults that are set for one of them. */
  addressesOf(body: Record<string, unknown>): string[];
}

/** Turns an operation into a route handler: logged, open to faults, authenticated. */
export function serveOperation<Owner extends { sid: string }>(
  desk: CallDesk,
  reception: Reception<Owner>,
  operation: string,
  handle: OperationHandler<Owner>,
): (context: Context) => Promise<Response> {
  return async (context) => {
    const request = context.req.raw;
    const body = await (reception.readBody ?? readJson)(request);
    const account = authenticate(reception, request, operation);
    const description = {
      operation,
      accountSid: account instanceof Refusal ? undefined : account.sid,
      numbers: reception.addressesOf(body),
      body: reception.redact?.(body) ?? body,
    };
    return await desk.serve(request, description, async (scope) => {
      if (account instanceof Refusal) return account.response;
      const forbidden = reception.forbid?.(account, request);
      if (forbidden) return forbidden;
      const { searchParams: query } = new URL(request.url);
      const { headers } = request;
      try {
        return await handle({ account, body, query, path: context.req.param(), headers, scope });
      } catch (error) {
        if (error instanceof Refusal) return error.response;
        throw error;
      }
    });
  };
}

function authenticate<Owner extends { sid: string }>(
  reception: Reception<Owner>,
  request: Request,
  operation: string,
): Owner | Refusal {
  try {
    return reception.authenticate(request, operation);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
