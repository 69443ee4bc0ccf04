import { createMiddleware } from "hono/factory";
import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
} from "jose";
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

/** What Auth signs with asymmetric keys; a symmetric one is known to Auth alone. */
const ASYMMETRIC = ["ES256", "RS256", "EdDSA"];

/**
 * As `supabase.auth.getClaims` does it, without the 340 kB around it: by the project's published keys
 * where they are asymmetric, by asking Auth where they are not.
 */
export function createAuthenticate(environment: Environment): Authenticate {
  const authUrl = `${environment.supabaseUrl}/auth/v1`;
  const apikey = environment.publishableKey;
  const keys = createRemoteJWKSet(new URL(`${authUrl}/.well-known/jwks.json`), {
    headers: { apikey },
  });

  async function readClaims(token: string): Promise<JWTPayload | null> {
    if (ASYMMETRIC.includes(decodeProtectedHeader(token).alg ?? "")) {
      const { payload } = await jwtVerify(token, keys, { algorithms: ASYMMETRIC })
        .catch(refuseUnlessUnavailable);
      return payload;
    }
    const response = await fetch(`${authUrl}/user`, {
      headers: { apikey, authorization: `Bearer ${token}` },
    }).catch(() => null);
    await response?.body?.cancel();
    if (!response || response.status === 429 || response.status >= 500) throw unavailable();
    return response.ok ? decodeJwt(token) : null;
  }

  return async (token) => {
    const claims = await readClaims(token);
    if (!claims?.sub || claims.role !== "authenticated") return null;
    if ((claims.exp ?? 0) * 1000 <= Date.now()) return null;
    return { id: claims.sub, token };
  };
}

function unavailable(): AppError {
  return new AppError("unavailable", "Cannot check the token: Auth does not answer");
}

/** A signature that is wrong is the token's fault; keys that cannot be had are not. */
function refuseUnlessUnavailable(error: unknown): never {
  const isOfToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) &&
    error.code !== "ERR_JOSE_GENERIC";
  if (isOfToken) throw error;
  throw unavailable();
}

/** What an Authorization header bears. */
export function readBearer(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
}

/** The person whose token it is; null when it is nobody's. */
export async function findCaller(
  authenticate: Authenticate,
  token: string | undefined,
): Promise<Caller | null> {
  // Three parts make a JWT; anything else, such as an API key, is nobody's token.
  if (token?.split(".").length !== 3) return null;
  return await authenticate(token).catch(refuseMalformed);
}

/** Lets only signed-in people through: 401 for anyone else. */
export function requireCaller(authenticate: Authenticate) {
  return createMiddleware<CallerEnv>(async (c, next) => {
    const caller = await findCaller(authenticate, readBearer(c.req.header("authorization")));
    if (!caller) {
      throw new AppError("not_authenticated", "Cannot act for you: no valid access token", {
        hint: "Sign in and send the access token as Authorization: Bearer <token>",
      });
    }
    c.set("caller", caller);
    await next();
  });
}

/** What cannot even be decoded, or is signed by nobody we know, is no token. */
function refuseMalformed(error: unknown): null {
  if (error instanceof AppError) throw error;
  return null;
}
