import { hmacOf, isSame, toBase64 } from "../../crypto.ts";
import {
  readSignedParameters,
  sortByName,
  withAndWithoutPort,
  writeParameters,
} from "../laml/signature.ts";
import type { WebhookRequest } from "../provider.ts";
import { withoutFragment } from "../webhook_url.ts";

/**
 * HMAC-SHA1 over the URL and a form's parameters; any other body is signed by its hash in the URL.
 * Twilio spells the URL in several ways, of which its own library takes each.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security (read 2026-11-20)
 * Not by that library: it loads `node:` modules, which double the cold start of `webhooks`.
 */
export async function verifyTwilioWebhook(
  request: WebhookRequest,
  authToken: string,
): Promise<boolean> {
  const signature = request.headers.get("x-twilio-signature");
  if (!signature || !authToken) return false;
  const given = await readSignedParameters(request);
  if (!given) return false;
  const parameters = writeParameters(withoutRepetition(given));
  for (const url of spellingsOf(withoutFragment(request.url))) {
    if (isSame(toBase64(await hmacOf("SHA-1", authToken, url, parameters)), signature)) return true;
  }
  return false;
}

/** Twilio sorts the values of a name as well, and signs each once. */
function withoutRepetition(parameters: ReadonlyArray<readonly [string, string]>) {
  const unique = new Map(parameters.map((parameter) => [JSON.stringify(parameter), parameter]));
  const byValue = [...unique.values()].sort(([, one], [, other]) =>
    one < other ? -1 : one > other ? 1 : 0
  );
  return sortByName(byValue);
}

/** As a URL object writes it, with and without the port, and with the query as it was written once. */
function spellingsOf(url: string): string[] {
  const parsed = URL.parse(url);
  if (!parsed) return [];
  const urls = withAndWithoutPort(parsed.href);
  // A port of its own is left out as well, as Twilio's library does.
  const withoutPort = new URL(parsed);
  withoutPort.port = "";
  const all = [...new Set([url, ...urls, withoutPort.href])];
  return [...all, ...all.map(withLegacyQuery)];
}

/** Some signatures are made with characters such as `'` as they are, others with them escaped. */
function withLegacyQuery(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const valuesByName = Map.groupBy(
    new URLSearchParams(url.slice(start + 1)),
    ([name]) => name,
  );
  const query = [...valuesByName.values()].flat()
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${url.slice(0, start)}?${query.join("&")}`;
}
