import { basicAuthorization } from "../credentials.ts";
import * as z from "zod/mini";
import { readJson } from "../json.ts";
import {
  type Authorization,
  type CallContext,
  type Credentials,
  type ProviderRequest,
  type ProviderResponse,
  UnreadableAnswerError,
} from "../provider.ts";
import { parseXml, type XmlElement } from "../xml.ts";

const MESSAGING_HOST = "messaging.bandwidth.com";
const NUMBERS_HOST = "dashboard.bandwidth.com";
const TOKEN_HOST = "api.bandwidth.com";
export const BANDWIDTH_HOSTS = [MESSAGING_HOST, NUMBERS_HOST, TOKEN_HOST];

type Query = ReadonlyArray<readonly [string, string]>;

const token = z.object({
  access_token: z.string().check(z.minLength(1)),
  expires_in: z.number().check(z.positive()),
});

/** `OAuth2` of the security schemes in Bandwidth/node-sdk, bandwidth.yml at 4ba8cac8. */
export const authorizeBandwidth: Authorization = {
  toRequest: ({ client_id = "", client_secret = "" }) => ({
    method: "POST",
    url: `https://${TOKEN_HOST}/api/v1/oauth2/token`,
    headers: basicAuthorization(client_id, client_secret),
    form: [["grant_type", "client_credentials"]],
  }),
  readResponse({ json }) {
    const { access_token, expires_in } = readJson(token, json);
    return { accessToken: access_token, expiresInSeconds: expires_in };
  },
};

/** A request to the messages of the account, in JSON. */
export function messagesRequest(
  { account_id }: Credentials,
  context: CallContext,
  content: { query: Query } | { json: unknown },
): ProviderRequest {
  return {
    method: "json" in content ? "POST" : "GET",
    url: `https://${MESSAGING_HOST}/api/v2/users/${account_id}/messages`,
    headers: bearer(context),
    ...content,
  };
}

/** A request to what the account owns, in XML, with numbers in E.164 as version 2 has them. */
export function accountRequest(
  { account_id }: Credentials,
  context: CallContext,
  method: "GET" | "POST" | "PUT",
  path: string,
  content: { query?: Query; xml?: string } = {},
): ProviderRequest {
  return {
    method,
    url: `https://${NUMBERS_HOST}/api/v2/accounts/${account_id}${path}`,
    headers: { ...bearer(context), accept: "application/xml" },
    ...content,
  };
}

/** The location: numbers in it are those that our application hears of. */
export function locationPath({ site_id, sip_peer_id }: Credentials): string {
  return `/sites/${site_id}/sippeers/${sip_peer_id}`;
}

/** A further page, at the address that the page before gave. */
export function pageRequest(context: CallContext, pageUrl: string, accept: string) {
  const headers = { ...bearer(context), accept };
  return { method: "GET", url: pageUrl, headers } satisfies ProviderRequest;
}

/** Links are bare, or in angle brackets and followed by parameters as in the header `Link`. */
export function nextPage(link: string): { nextPageUrl?: string } {
  if (link === "") return {};
  const url = URL.parse(/^<([^>]*)>/.exec(link)?.[1] ?? link);
  if (url?.protocol !== "https:" || !BANDWIDTH_HOSTS.includes(url.host)) {
    throw new UnreadableAnswerError("unexpected link to the next page");
  }
  return { nextPageUrl: url.href };
}

/** The document's root, when it has the documented name. */
export function readXml({ text }: ProviderResponse, rootName: string): XmlElement {
  const root = parseXml(text);
  if (root?.name !== rootName) throw new UnreadableAnswerError("not the documented XML");
  return root;
}

function bearer({ accessToken }: CallContext): Record<string, string> {
  return { authorization: `Bearer ${accessToken}` };
}
