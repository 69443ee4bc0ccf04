/** What Twilio and SignalWire sign of a webhook: its URL, in one of several spellings, and a form. */
import { hashOf, isSame, toHex } from "../../crypto.ts";
import type { WebhookRequest } from "../provider.ts";
import { isForm } from "../webhook_body.ts";
import { decodeBody } from "./webhooks.ts";

type Parameters = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * The parameters that stand behind the URL. Undefined for a body that would go unsigned: a hash in the
 * URL is checked for every body, lest an emptied one pass for a request without.
 */
export async function readSignedParameters(
  request: WebhookRequest,
): Promise<Parameters | undefined> {
  const { url, body } = request;
  const bodyHash = URL.parse(url)?.searchParams.get("bodySHA256") ?? undefined;
  if (bodyHash !== undefined) {
    return isSame(toHex(await hashOf("SHA-256", body)), bodyHash) ? [] : undefined;
  }
  if (body.length === 0) return [];
  if (!isForm(request)) return undefined;
  try {
    return [...new URLSearchParams(decodeBody(body))];
  } catch {
    return undefined;
  }
}

/** Sorting is stable: values of the same name stay in the order in which they came. */
export function sortByName(parameters: Parameters): Parameters {
  return parameters.toSorted(([one], [other]) => one < other ? -1 : one > other ? 1 : 0);
}

export function writeParameters(parameters: Parameters): string {
  return parameters.map(([name, value]) => name + value).join("");
}

const STANDARD_PORTS: Readonly<Record<string, string>> = { https: ":443", http: ":80" };

/** The URL as it is, and the same with the port that goes without saying added or left out. */
export function withAndWithoutPort(url: string): string[] {
  const [, scheme = "", authority = "", rest = ""] = /^(https?):\/\/([^/?]*)(.*)$/s.exec(url) ?? [];
  const port = STANDARD_PORTS[scheme];
  if (port === undefined) return [url];
  if (authority.endsWith(port)) {
    return [url, `${scheme}://${authority.slice(0, -port.length)}${rest}`];
  }
  return /:\d*$/.test(authority) ? [url] : [url, `${scheme}://${authority}${port}${rest}`];
}
