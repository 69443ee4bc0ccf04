/** What holds for the webhooks of every provider in the registry. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import {
  type Provider,
  UnreadableWebhookError,
  type WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { signedUrl } from "./support/forms.ts";
import { createRandom, mutate } from "./support/random.ts";
import { loadSamples, NOW_MS, type ProviderSamples } from "./support/samples.ts";

const ROUNDS = 2000;

for (const provider of providers.values()) {
  const samples = await loadSamples(provider);
  testSamples(provider, samples);
  testDamage(provider, samples);
  testDescription(provider);
}

function testSamples(provider: Provider, samples: ProviderSamples): void {
  const { webhooks, webhookKey, sign, signed, isBasic } = samples;
  const key = { ...webhookKey, nowMs: NOW_MS };
  const isProven = signed.body || signed.url || isBasic === true;

  for (const { name, request, events } of webhooks) {
    Deno.test(`${provider.id} webhook, ${name}: is read`, async () => {
      assertEquals(await provider.readWebhook(request), events);
    });

    if (!isProven) {
      Deno.test(`${provider.id} webhook, ${name}: is let through, as nothing can prove it`, async () => {
        assertEquals(await provider.verifyWebhook(request, { ...key, secret: "" }), true);
      });
      continue;
    }

    Deno.test(`${provider.id} webhook, ${name}: only its own signature counts`, async () => {
      const proven = await sign(request, key);
      const verify = (change: Partial<WebhookRequest>, secret = key.secret) =>
        provider.verifyWebhook({ ...proven, ...change }, { ...key, secret });
      assertEquals(await verify({}), true);

      assertEquals(await provider.verifyWebhook(request, key), false, "unsigned");
      for (const secret of ["", "0", `${key.secret}0`, key.secret.slice(1), key.secret.repeat(2)]) {
        assertEquals(await verify({}, secret), false, "another secret");
      }
      const changed = new URL(proven.url);
      changed.pathname += "x";
      assertEquals(await verify({ url: changed.href }), !signed.url, "another URL");
      for (let index = 0; index < proven.body.length; index++) {
        const body = proven.body.slice();
        body[index] = (body[index] ?? 0) ^ 2;
        assertEquals(await verify({ body }), !signed.body, `byte ${index}`);
      }
      for (const [header, value] of proven.headers) {
        if (request.headers.get(header) === value) continue;
        for (const wrong of ["", "x", `x${value}`, value.slice(0, -4), value.slice(4)]) {
          const headers = new Headers(proven.headers);
          headers.set(header, wrong);
          // Another header may prove the same: only a lone one has to be right.
          const others = [...proven.headers.keys()].filter((one) => !request.headers.has(one));
          const isVerified = await verify({ headers });
          if (others.length === 1) assertEquals(isVerified, false, `${header}: ${wrong}`);
        }
      }
    });
  }

  if (!isProven) return;

  Deno.test(`${provider.id} verifies nothing without a secret, however it is signed`, async () => {
    for (const { request } of webhooks) {
      const nothing = { secret: "", nowMs: NOW_MS };
      for (const secret of [key.secret, "", "0"]) {
        let proven = request;
        try {
          proven = await sign(request, { ...key, secret });
        } catch {
          // No signature can be made with such a key.
        }
        assertEquals(await provider.verifyWebhook(proven, nothing), false);
      }
    }
  });
}

function testDamage(provider: Provider, samples: ProviderSamples): void {
  const { webhooks, webhookKey, sign, signed, isBasic } = samples;
  const key = { ...webhookKey, nowMs: NOW_MS };
  const isProven = signed.body || signed.url || isBasic === true;
  const isSignedAlike = samples.isSignedAlike ?? areBytesAlike;

  Deno.test(`${provider.id} survives ${ROUNDS} damaged webhooks`, async () => {
    const random = createRandom(20_261_120);
    const proven = await Promise.all(webhooks.map(({ request }) => sign(request, key)));
    for (let round = 0; round < ROUNDS; round++) {
      const original = proven[round % proven.length];
      assert(original);
      const isMissing = random() < 0.1;
      const headers = new Headers(
        isMissing ? webhooks[round % proven.length]?.request.headers : {
          ...Object.fromEntries(original.headers),
        },
      );
      const url = new TextDecoder().decode(mutate(new TextEncoder().encode(original.url), random));
      if (random() < 0.1) headers.set("content-type", "text/plain");
      const request = {
        headers,
        method: random() < 0.2 ? "GET" : original.method,
        url: random() < 0.3 ? url : original.url,
        body: random() < 0.9 ? mutate(original.body, random) : original.body,
      };

      const isVerified = await provider.verifyWebhook(request, key);
      const isAlike = isSignedAlike(
        { ...request, ...(signed.url ? {} : { url: "" }), ...(signed.body ? {} : { body: NONE }) },
        { ...original, ...(signed.url ? {} : { url: "" }), ...(signed.body ? {} : { body: NONE }) },
      );
      if (isProven && (isMissing || !isAlike)) assertEquals(isVerified, false, `round ${round}`);
      const isWhole = request.method === original.method && request.url === original.url &&
        headers.get("content-type") === original.headers.get("content-type") &&
        areBytesAlike(request, original);
      if (isWhole && !isMissing) assertEquals(isVerified, true, `round ${round}`);

      try {
        for (const event of await provider.readWebhook(request)) {
          assertNotEquals(event.externalId, "");
        }
      } catch (error) {
        assert(error instanceof UnreadableWebhookError, `round ${round}: ${error}`);
      }
    }
  });

  Deno.test(`${provider.id} survives webhooks of other shapes`, async () => {
    const [first] = webhooks;
    assert(first);
    const shapes = ["", "null", "[]", "{}", "[null]", "[[]]", "[{}]", "0", '"a"', "{", "a=b", "\0"];
    for (const text of shapes) {
      for (const type of ["application/json", "application/x-www-form-urlencoded", "", "é"]) {
        const headers = new Headers({ "content-type": type });
        const request = { ...first.request, headers, body: new TextEncoder().encode(text) };
        assertEquals(await provider.verifyWebhook(request, key), !isProven, text);
        try {
          await provider.readWebhook(request);
        } catch (error) {
          assert(error instanceof UnreadableWebhookError, `${text}: ${error}`);
          assert(error.message.length < 200);
        }
      }
    }
  });
}

const NONE = new Uint8Array();

function areBytesAlike(one: WebhookRequest, other: WebhookRequest): boolean {
  return signedUrl(one) === signedUrl(other) &&
    one.body.length === other.body.length &&
    one.body.every((byte, index) => byte === other.body[index]);
}

function testDescription(provider: Provider): void {
  Deno.test(`${provider.id} is called at two URLs of the same connection`, () => {
    for (const connection of ["https://project.example/hooks/1", "https://project.example/?a=b"]) {
      const { inboundUrl, fallbackUrl } = provider.webhookUrls(connection);

      assertStringIncludes(inboundUrl, connection);
      assertStringIncludes(fallbackUrl, connection);
      const [inbound, fallback] = [new URL(inboundUrl), new URL(fallbackUrl)];
      assertEquals(inbound.origin + inbound.pathname, fallback.origin + fallback.pathname);
    }
  });

  Deno.test(`${provider.id} is answered with success`, () => {
    const { status, headers, body } = provider.webhookAnswer();
    assert(new Response(body || null, { status, headers }).ok);
    const { retryStatus = 503 } = provider;
    assert(Number.isInteger(retryStatus) && retryStatus >= 300 && retryStatus <= 599);
  });
}
