import type { WebhookRequest } from "../../../supabase/functions/_shared/providers/provider.ts";

/** True when two forms hold the same parameters, of which signatures count each value once. */
export function sameParameters(one: Uint8Array, other: Uint8Array): boolean {
  return distinct(one) === distinct(other);
}

/** True when two requests are one to a signature of URL and parameters. */
export function sameForm(one: WebhookRequest, other: WebhookRequest): boolean {
  return signedUrl(one) === signedUrl(other) && sameParameters(one.body, other.body);
}

/** Without its fragment, and as any parser of URLs reads it. */
export function signedUrl({ url }: WebhookRequest): string {
  return (URL.parse(url)?.href ?? url).replace(/#.*/, "");
}

function distinct(form: Uint8Array): string {
  const parameters = [...new URLSearchParams(new TextDecoder().decode(form))];
  return [...new Set(parameters.map((parameter) => JSON.stringify(parameter)))].sort().join();
}
