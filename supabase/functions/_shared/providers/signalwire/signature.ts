import { hmacOf, isSame, toBase64, toHex } from "../../crypto.ts";
import {
  readSignedParameters,
  sortByName,
  withAndWithoutPort,
  writeParameters,
} from "../laml/signature.ts";
import type { WebhookRequest } from "../provider.ts";
import { withoutFragment } from "../webhook_url.ts";

/**
 * Signed with the project's signing key, in one of three ways: HMAC-SHA256 over URL and body where
 * its header is there; else HMAC-SHA1 over the same, in hexadecimal; or, as Twilio does, in Base64
 * over the URL and the parameters of a form. Unlike with Twilio, what a form repeats keeps its order.
 * As signalwire/signalwire-typescript does at 3fc95bfe, `WebhookValidator`.
 */
export async function verifySignalwireWebhook(
  request: WebhookRequest,
  signingKey: string,
): Promise<boolean> {
  if (!signingKey) return false;
  const { headers, body } = request;
  const urls = withAndWithoutPort(withoutFragment(request.url));
  const isSigned = async (
    hash: "SHA-1" | "SHA-256",
    rest: string | Uint8Array,
    write: (bytes: Uint8Array) => string,
    signature: string,
  ) => {
    const expected = await Promise.all(urls.map((url) => hmacOf(hash, signingKey, url, rest)));
    return expected.some((bytes) => isSame(write(bytes), signature));
  };

  const strong = headers.get("x-signalwire-sha256-signature");
  if (strong) return await isSigned("SHA-256", body, toHex, strong);
  const signature = headers.get("x-signalwire-signature") ?? headers.get("x-twilio-signature");
  if (!signature) return false;
  if (await isSigned("SHA-1", body, toHex, signature)) return true;
  const parameters = await readSignedParameters(request);
  return parameters !== undefined &&
    await isSigned("SHA-1", writeParameters(sortByName(parameters)), toBase64, signature);
}
