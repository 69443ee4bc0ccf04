import { basicAuthorization } from "../credentials.ts";
import { type Credentials, type ProviderRequest, UnreadableAnswerError } from "../provider.ts";

export const TWILIO_HOST = "api.twilio.com";
const ORIGIN = `https://${TWILIO_HOST}`;

export const CALL_ID = /^CA[0-9a-fA-F]{32}$/;

type Fields = ReadonlyArray<readonly [string, string]>;

/** A request below the account, signed in with the API key when there is one. */
export function accountRequest(
  credentials: Credentials,
  method: "GET" | "POST" | "DELETE",
  path: string,
  fields: { query?: Fields; form?: Fields } = {},
): ProviderRequest {
  return {
    method,
    url: `${ORIGIN}/2010-04-01/Accounts/${credentials.account_sid}${path}`,
    headers: authorization(credentials),
    ...fields,
  };
}

/** A further page, at the address that the page before gave. */
export function pageRequest(credentials: Credentials, pageUrl: string): ProviderRequest {
  return { method: "GET", url: pageUrl, headers: authorization(credentials) };
}

function authorization(credentials: Credentials): Record<string, string> {
  const { account_sid = "", auth_token = "", api_key_sid, api_key_secret } = credentials;
  return api_key_sid && api_key_secret
    ? basicAuthorization(api_key_sid, api_key_secret)
    : basicAuthorization(account_sid, auth_token);
}

/** Refuses what is not one of Twilio's identifiers, so that nothing else gets into a path. */
export function checkSid(sid: string, prefixes: string): string {
  if (new RegExp(`^(${prefixes})[0-9a-fA-F]{32}$`).test(sid)) return sid;
  throw new Error(`no Twilio identifier of kind ${prefixes}`);
}

/** `next_page_uri` is relative to the host, and null on the last page. */
export function nextPage(nextPageUri: string | null | undefined): { nextPageUrl?: string } {
  if (!nextPageUri) return {};
  const url = URL.parse(nextPageUri, ORIGIN);
  if (url?.origin !== ORIGIN) throw new UnreadableAnswerError("unexpected next_page_uri");
  return { nextPageUrl: url.href };
}
