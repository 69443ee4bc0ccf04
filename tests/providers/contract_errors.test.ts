/** What holds for the errors of every provider in the registry. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type Provider,
  PROVIDER_ERROR_CODES,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { describeRequests, operationOf, run, send } from "./support/drive.ts";
import { GARBAGE } from "./support/garbage.ts";
import { type CallSample, loadSamples, type ProviderSamples } from "./support/samples.ts";

for (const provider of providers.values()) {
  const samples = await loadSamples(provider);
  testVerdicts(provider, samples);
  testDocumentedErrors(provider, samples);
  testSecrets(provider, samples);
}

function testVerdicts(provider: Provider, samples: ProviderSamples): void {
  Deno.test(`${provider.id} knows rejected sends from ambiguous ones by status`, async () => {
    for (const text of GARBAGE) {
      for (const status of [400, 401, 402, 403, 404, 409, 418, 422, 429]) {
        const result = await send(provider, samples, { status, text });
        assert(!result.ok);
        assertEquals(result.error.isAmbiguous, false, String(status));
        assertEquals(result.error.isRetryable, status === 429, String(status));
        assert(PROVIDER_ERROR_CODES.includes(result.error.code));
        assertNotEquals(result.error.message, "");
      }
      for (const status of [408, 500, 502, 503, 504]) {
        const result = await send(provider, samples, { status, text });
        assert(!result.ok);
        assertEquals(result.error.isAmbiguous, true, String(status));
        assertEquals(result.error.isRetryable, true, String(status));
        assertEquals(result.error.httpStatus, status);
      }
    }
  });
}

function testDocumentedErrors(provider: Provider, samples: ProviderSamples): void {
  for (const { name, answer, code } of samples.refusedAnswers ?? []) {
    Deno.test(`${provider.id} takes ${name} for a no, whatever the status`, async () => {
      const result = await send(provider, samples, answer);

      assert(!result.ok);
      assertEquals(result.error.code, code);
      assertEquals(result.error.isAmbiguous, false);
      assertEquals(result.error.httpStatus, answer.status);
    });
  }

  for (const { name, answer, ...expected } of samples.errorAnswers) {
    Deno.test(`${provider.id} reads the error ${name}`, async () => {
      const result = await send(provider, samples, answer);

      assert(!result.ok);
      const { code, isRetryable, providerCode, httpStatus, message } = result.error;
      assertEquals(
        { code, isRetryable, ...(providerCode === undefined ? {} : { providerCode }) },
        expected,
      );
      assertEquals(httpStatus, answer.status);
      assertNotEquals(message, "");
    });
  }
}

function testSecrets(provider: Provider, samples: ProviderSamples): void {
  for (const call of samples.calls) {
    Deno.test(`${provider.id} ${call.name}: shows no secret in any error, whatever it is told`, async () => {
      const echo = await collectSecrets(provider, samples, call);
      const message = echo.join(" ");
      const json = { code: echo[0], message, detail: echo, errors: [{ echo, message }] };
      for (const status of [200, 302, 400, 401, 500]) {
        const { result } = await run(provider, samples, call, { status, json });
        assertHidden(result, echo, String(status));
      }
      for (const text of [message, `<error>${message}</error>`]) {
        assertHidden((await run(provider, samples, call, { status: 400, text })).result, echo);
      }
      const thrown = await createTransport({ fetch: () => Promise.reject(new Error(message)) })
        .call(provider, operationOf(provider, call.operation), call.input, call.credentials);
      assertHidden(thrown, echo, "thrown");
    });
  }
}

function assertHidden(result: unknown, echo: string[], about?: string): void {
  const shown = JSON.stringify(result);
  for (const secret of echo) {
    assert(!shown.includes(JSON.stringify(secret).slice(1, -1)), about);
  }
}

/** Everything that an answer could repeat: secrets, and what is made of them for the request. */
async function collectSecrets(
  provider: Provider,
  samples: ProviderSamples,
  call: CallSample,
): Promise<string[]> {
  const secrets = provider.credentialFields.filter((field) => field.isSecret)
    .flatMap(({ name }) => call.credentials[name] ?? []);
  const { webhooks, statusUrl } = (call.input ?? {}) as {
    webhooks?: Record<string, string>;
    statusUrl?: string;
  };
  // Their URLs hold a token that nobody can guess.
  secrets.push(...Object.values(webhooks ?? {}), statusUrl ?? "", samples.accessToken ?? "");
  const [request] = await describeRequests(provider, samples, call);
  const headers = Object.entries(request?.headers ?? {})
    .filter(([name]) => !/^(accept|content-type|user-agent)$/i.test(name))
    .map(([, value]) => value);
  return [
    ...secrets.flatMap((secret) => [secret, btoa(secret), encodeURIComponent(secret)]),
    ...headers.flatMap((value) => [value, ...value.split(" ")]),
  ].filter((text) => text.length > 8);
}
