import { type Credentials, type ProviderRequest, UnreadableAnswerError } from "../provider.ts";

export const TELNYX_HOST = "api.telnyx.com";
const BASE = `https://${TELNYX_HOST}/v2`;

type Fields = ReadonlyArray<readonly [string, string]>;

export function telnyxRequest(
  { api_key }: Credentials,
  method: ProviderRequest["method"],
  path: string,
  content: { query?: Fields; json?: unknown } = {},
): ProviderRequest {
  return { method, url: BASE + path, headers: { authorization: `Bearer ${api_key}` }, ...content };
}

/** A further page, at the address that `nextPage` made. */
export function pageRequest({ api_key }: Credentials, pageUrl: string): ProviderRequest {
  return { method: "GET", url: pageUrl, headers: { authorization: `Bearer ${api_key}` } };
}

/** Telnyx counts its pages and names none: the address of the next is ours to make. */
export function nextPage(
  path: string,
  query: Fields,
  meta: { page_number: number; total_pages: number } | undefined,
): { nextPageUrl?: string } {
  if (!meta || meta.page_number >= meta.total_pages) return {};
  const url = new URL(BASE + path);
  for (const [name, value] of query) url.searchParams.append(name, value);
  url.searchParams.set("page[number]", String(meta.page_number + 1));
  return { nextPageUrl: url.href };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DIGITS = /^\d{1,30}$/;

export function isUuid(id: string): boolean {
  return UUID.test(id);
}

/** Refuses what is not one of Telnyx's identifiers, so that nothing else gets into a path. */
export function checkUuid(id: string): string {
  if (UUID.test(id)) return id;
  throw new Error("no Telnyx identifier");
}

/** The identifier of a number is a decimal. */
export function checkNumberId(id: string): string {
  if (DIGITS.test(id)) return id;
  throw new Error("no Telnyx identifier of a number");
}

export function checkSameId(found: string, wanted: string): void {
  if (found !== wanted) throw new UnreadableAnswerError("unexpected data.id");
}
