import { AuthClient } from "@supabase/auth-js";
import { createMiddleware } from "hono/factory";
import type { Environment } from "../environment.ts";
import { AppError } from "./error.ts";

/** The signed-in person who makes a request. */
export interface Caller {
  id: string;
  /** Their access token, to act with their rights. Secret. */
  token: string;
}

export type CallerEnv = { Variables: { caller: Caller } };

/** Finds out who holds a token; null when it is not valid. */
export type Authenticate = (token: string) => Promise<Caller | null>;

/** Asks the project's Auth: locally for asymmetric keys, over the network for symmetric ones. */
export function createAuthenticate(environment: Environment): Authenticate {
  const auth = new AuthClient({
    url: `${environment.supabaseUrl}/auth/v1`,
    headers: { apikey: environment.publishableKey },
    autoRefreshToken: false,
    persistSession: false,
    detectSessionInUrl: false,
  });
  return async (token) => {
    const { data, error } = await auth.getClaims(token);
    const status = error && "status" in error ? Number(error.status) : undefined;
    if (status !== undefined && (status === 0 || status === 429 || status >= 500)) {
      throw new AppError("unavailable", "Cannot check the token: Auth does not answer");
    }
    const claims = data?.claims;
    if (error || !claims || claims.role !== "authenticated" || !claims.sub) return null;
    return { id: claims.sub, token };
  };
}

/** Lets only signed-in people through: 401 for anyone else. */
export function requireCaller(authenticate: Authenticate) {
  return createMiddleware<CallerEnv>(async (c, next) => {
    const token = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    // Three parts make a JWT; anything else, such as an API key, is nobody's token.
    const caller = token && token.split(".").length === 3
      ? await authenticate(token).catch(refuseMalformed)
      : null;
    if (!caller) {
      throw new AppError("not_authenticated", "Cannot act for you: no valid access token", {
        hint: "Sign in and send the access token as Authorization: Bearer <token>",
      });
    }
    c.set("caller", caller);
    await next();
  });
}

/** Auth throws for a token that it cannot even decode. */
function refuseMalformed(error: unknown): null {
  if (error instanceof AppError) throw error;
  return null;
}
