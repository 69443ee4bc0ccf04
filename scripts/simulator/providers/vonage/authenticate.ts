import { Buffer } from "node:buffer";
import { verify } from "node:crypto";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import type { Store } from "../../shared/store.ts";
import type { VonageAccount } from "./account.ts";
import { outcome, refuse } from "./errors.ts";
import { Refusal } from "../../shared/serve.ts";

/** Calls take the application's token, all else the account's key and secret. */
export function authenticate(
  store: Store<VonageAccount, PhoneMessage>,
  request: Request,
  operation: string,
): VonageAccount {
  const [scheme = "", credential = ""] = (request.headers.get("authorization") ?? "").split(" ");
  const account = scheme === "Bearer"
    ? findByToken(store, credential)
    : scheme === "Basic"
    ? findBySecret(store, credential)
    : undefined;
  const isToken = scheme === "Bearer";
  if (account && isToken === (operation === "calls.create")) return account;
  if (/^(numbers|available_numbers|balance)\./.test(operation)) {
    throw new Refusal(outcome(401, "authentication failed"));
  }
  throw refuse(401, "unathorized");
}

function findBySecret(
  store: Store<VonageAccount, PhoneMessage>,
  encoded: string,
): VonageAccount | undefined {
  const decoded = Buffer.from(encoded, "base64").toString();
  const colon = decoded.indexOf(":");
  const account = store.accounts.get(decoded.slice(0, colon));
  return account && account.apiSecret === decoded.slice(colon + 1) ? account : undefined;
}

function findByToken(
  store: Store<VonageAccount, PhoneMessage>,
  token: string,
): VonageAccount | undefined {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = decode(payload);
  const account = store.findAccount(({ application }) => application.id === claims.application_id);
  const key = account?.application.publicKey;
  if (!key || decode(header).alg !== "RS256") return undefined;
  const isSigned = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, "base64url"),
  );
  const now = Date.now() / 1000;
  const isInTime = Number(claims.iat) <= now + 5 && now < Number(claims.exp);
  return isSigned && isInTime && typeof claims.jti === "string" ? account : undefined;
}

function decode(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return {};
  }
}
