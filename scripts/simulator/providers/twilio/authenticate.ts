import { notFound, TwilioError, unauthorized } from "./errors.ts";
import type { Account, TwilioStore } from "./store.ts";

/**
 * Finds the account of a request by HTTP Basic: account SID and auth token, or API key and secret.
 * Keys may not read the account itself (https://www.twilio.com/docs/iam/api-keys).
 */
export function authenticate(
  store: TwilioStore,
  request: Request,
  accountSid: string | undefined,
  operation: string,
  pathname: string,
): Account {
  const { user, password } = readBasic(request);
  const isKey = user.startsWith("SK");
  const account = isKey ? findByKey(store, user, password) : findByToken(store, user, password);
  if (!account) throw unauthorized();
  if (isKey && operation === "accounts.fetch") throw unauthorized();
  if (accountSid !== account.sid) throw notFound(pathname);
  if (account.status !== "active" && operation !== "accounts.fetch") {
    throw new TwilioError(403, 20005, "Account not active");
  }
  return account;
}

function readBasic(request: Request): { user: string; password: string } {
  const [scheme, encoded] = (request.headers.get("authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || !encoded) throw unauthorized();
  try {
    const decoded = atob(encoded);
    const colon = decoded.indexOf(":");
    return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  } catch {
    throw unauthorized();
  }
}

/** Both tokens work while a new one is being rolled out; only the primary one signs webhooks. */
function findByToken(store: TwilioStore, sid: string, token: string): Account | undefined {
  const account = store.accounts.get(sid);
  if (!account || token === "") return undefined;
  return [account.authToken, account.secondaryAuthToken].includes(token) ? account : undefined;
}

function findByKey(store: TwilioStore, key: string, secret: string): Account | undefined {
  for (const account of store.accounts.values()) {
    if (account.apiKeys.has(key)) {
      return account.apiKeys.get(key) === secret ? account : undefined;
    }
  }
  return undefined;
}
