/** Checks an adapter against the signatures that a provider publishes. */
import { assertEquals } from "@std/assert";
import type {
  Provider,
  WebhookRequest,
} from "../../../supabase/functions/_shared/providers/provider.ts";

interface Vector {
  description: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  secret: string;
  expected: string;
}

export function toWebhookRequest(
  { method, url, headers, body }: Pick<Vector, "method" | "url" | "headers" | "body">,
): WebhookRequest {
  return { method, url, headers: new Headers(headers), body: new TextEncoder().encode(body) };
}

/** Each vector is what it is published as; of a valid one, no byte of body or signature may change. */
export function createSignatureChecks<Published extends Vector>(
  provider: Provider,
  vectors: ReadonlyArray<Published>,
  { nowOf, signatureHeader }: { nowOf(vector: Published): number; signatureHeader: string },
): void {
  for (const vector of vectors) {
    const request = toWebhookRequest(vector);
    const { description, secret, expected } = vector;
    const nowMs = nowOf(vector);
    const verify = (change: Partial<WebhookRequest>, key = secret) =>
      provider.verifyWebhook({ ...request, ...change }, { secret: key, nowMs });

    Deno.test(`${provider.id} vector, ${description}: ${expected}`, async () => {
      assertEquals(await verify({}), expected === "valid");
    });

    if (expected !== "valid") continue;

    Deno.test(`${provider.id} vector, ${description}: no part may change`, async () => {
      for (let at = 0; at < request.body.length; at++) {
        const body = request.body.slice();
        body[at] = (body[at] ?? 0) ^ 1;
        assertEquals(await verify({ body }), false, `byte ${at} of the body`);
        assertEquals(await verify({ body: request.body.slice(0, at) }), false, `cut at ${at}`);
      }
      for (const extra of [" ", "\r\n", "\0"]) {
        const body = new TextEncoder().encode(vector.body + extra);
        assertEquals(await verify({ body }), false, "appended");
      }
      const signature = request.headers.get(signatureHeader) ?? "";
      for (const wrong of ["", "=", signature.slice(1), signature.toLowerCase(), `x${signature}`]) {
        const headers = new Headers(request.headers);
        headers.set(signatureHeader, wrong);
        assertEquals(await verify({ headers }), false, wrong);
      }
      for (const key of ["", "0", secret.slice(1), `${secret}0`]) {
        assertEquals(await verify({}, key), false, "another key");
      }
    });
  }
}
