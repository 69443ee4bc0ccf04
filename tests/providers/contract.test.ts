/** What holds for every provider in the registry. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import {
  type Feature,
  type Provider,
  PROVIDER_ERROR_CODES,
  UnreadableWebhookError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { findProvider, providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { sameParameters } from "./support/forms.ts";
import { createRandom, mutate } from "./support/random.ts";
import { replyWith } from "./support/replies.ts";
import {
  loadSamples,
  type OperationName,
  operationOf,
  OPERATIONS,
  type ProviderSamples,
} from "./support/samples.ts";

const FEATURE_OF: Partial<Record<OperationName, Feature>> = {
  lookUpMessage: "message_lookup",
  searchMessages: "message_search",
  searchNumbers: "number_search",
  purchaseNumber: "number_purchase",
  configureNumber: "webhook_configuration",
  releaseNumber: "number_release",
  readUsage: "usage",
  readBalance: "balance",
};

const GARBAGE = ["", "null", "[]", "{}", "0", '"sid"', "<html>502</html>", '{"sid":', '{"sid":7}'];

Deno.test("the registry finds a provider by its identifier and nothing else", () => {
  for (const [id, provider] of providers) assertEquals(findProvider(id), provider);
  for (const id of ["", "pigeon", "Twilio", "constructor", "__proto__"]) {
    assertEquals(findProvider(id), undefined);
  }
});

for (const provider of providers.values()) {
  const samples = await loadSamples(provider);
  testDescription(provider, samples);
  testCredentials(provider, samples);
  testRequests(provider, samples);
  testAnswers(provider, samples);
  testErrors(provider, samples);
  testWebhooks(provider, samples);
}

function testDescription(provider: Provider, { calls }: ProviderSamples): void {
  Deno.test(`${provider.id} lists a feature for each operation it has, and no other`, () => {
    for (const name of OPERATIONS) {
      const feature = FEATURE_OF[name];
      const hasOperation = operationOf(provider, name) !== undefined;
      if (feature) assertEquals(provider.features.includes(feature), hasOperation, name);
      assertEquals(calls.some((call) => call.operation === name), hasOperation, `sample: ${name}`);
    }
  });

  Deno.test(`${provider.id} explains any code with one of ours`, () => {
    for (const code of ["", "0", "no such code", "constructor", "__proto__"]) {
      assertEquals(provider.explainErrorCode(code).code, "rejected");
    }
  });
}

function testCredentials(provider: Provider, samples: ProviderSamples): void {
  const { credentials, refusedCredentials } = samples;

  Deno.test(`${provider.id} accepts credentials as they are pasted`, () => {
    const pasted = Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [name, ` ${value}\n`]),
    );
    assertEquals(provider.checkCredentials(pasted), { ok: true, credentials });
    for (const name of Object.keys(credentials)) {
      assert(provider.credentialFields.some((field) => field.name === name), name);
    }
  });

  for (const { name, input, fields } of refusedCredentials) {
    Deno.test(`${provider.id} refuses credentials with ${name}, repeating no value`, () => {
      const check = provider.checkCredentials(input);

      assert(!check.ok);
      assertEquals(check.issues.map((issue) => issue.field), fields);
      for (const { message } of check.issues) {
        for (const value of Object.values(input)) assert(!message.includes(String(value)), message);
      }
    });
  }
}

function testRequests(provider: Provider, { calls, message, refusedMessages }: ProviderSamples) {
  for (const call of calls) {
    Deno.test(`${provider.id} ${call.name}: https to its own host, no secret in the URL`, () => {
      const request = operationOf(provider, call.operation)?.toRequest(
        call.input,
        call.credentials,
      );

      assert(request);
      const url = new URL(request.url);
      assertEquals(url.protocol, "https:");
      assert(provider.hosts.includes(url.host), url.host);
      const visible = decodeURIComponent(request.url) + JSON.stringify(request.query ?? []);
      for (const { name } of provider.credentialFields.filter((field) => field.isSecret)) {
        const secret = call.credentials[name];
        assert(!secret || !visible.includes(secret), name);
      }
    });
  }

  for (const { name, change, code } of refusedMessages) {
    Deno.test(`${provider.id} refuses a message with ${name} before any request`, async () => {
      const { fetch, requests } = replyWith();
      const [call] = calls;
      assert(call);

      const result = await createTransport({ fetch })
        .sendMessage(provider, { ...message, ...change }, call.credentials);

      assert(!result.ok);
      assertEquals(result.error.code, code);
      assertEquals(result.error.isAmbiguous, false);
      assertEquals(requests.length, 0);
    });
  }
}

function testAnswers(
  provider: Provider,
  { calls, credentials, message, answerWithStatus }: ProviderSamples,
) {
  for (const { name, operation, input, answer, output, ...call } of calls) {
    const run = (reply: Parameters<typeof replyWith>[0]) =>
      createTransport(replyWith(reply))
        .call(provider, operationOf(provider, operation), input, call.credentials);

    Deno.test(`${provider.id} ${name}: reads the documented answer`, async () => {
      assertEquals(await run(answer), { ok: true, value: output });
    });

    Deno.test(`${provider.id} ${name}: a success without meaning is unreadable`, async () => {
      for (const text of GARBAGE) {
        const result = await run({ status: 200, text });

        assert(!result.ok, text);
        assertEquals(result.error.code, "unreadable", text);
        assertEquals(result.error.isRetryable, false);
        const method = operationOf(provider, operation)?.toRequest(input, call.credentials).method;
        assertEquals(result.error.isAmbiguous, method !== "GET", text);
      }
    });
  }

  Deno.test(`${provider.id} reads a status word that it does not list as unknown`, async () => {
    for (const word of ["teleported", "", "constructor", "__proto__", "QUEUED?"]) {
      const result = await createTransport(replyWith(answerWithStatus(word)))
        .sendMessage(provider, message, credentials);

      assert(result.ok);
      assertEquals(result.value.status, "unknown");
      assertEquals(result.value.providerStatus, word);
    }
  });
}

function testErrors(provider: Provider, { calls, credentials, message }: ProviderSamples): void {
  const send = (status: number, text: string) =>
    createTransport(replyWith({ status, text })).sendMessage(provider, message, credentials);

  Deno.test(`${provider.id} knows rejected sends from ambiguous ones by status`, async () => {
    for (const text of GARBAGE) {
      for (const status of [400, 401, 402, 403, 404, 409, 418, 422, 429]) {
        const result = await send(status, text);
        assert(!result.ok);
        assertEquals(result.error.isAmbiguous, false, String(status));
        assertEquals(result.error.isRetryable, status === 429, String(status));
        assert(PROVIDER_ERROR_CODES.includes(result.error.code));
        assertNotEquals(result.error.message, "");
      }
      for (const status of [408, 500, 502, 503, 504]) {
        const result = await send(status, text);
        assert(!result.ok);
        assertEquals(result.error.isAmbiguous, true, String(status));
        assertEquals(result.error.isRetryable, true, String(status));
        assertEquals(result.error.httpStatus, status);
      }
    }
  });

  Deno.test(`${provider.id} shows no secret in any error, whatever it is told`, async () => {
    for (const call of calls) {
      const request = operationOf(provider, call.operation)?.toRequest(
        call.input,
        call.credentials,
      );
      const secrets = provider.credentialFields.filter((field) => field.isSecret)
        .flatMap(({ name }) => call.credentials[name] ?? []);
      const echo = [
        ...secrets.flatMap((secret) => [secret, btoa(secret), encodeURIComponent(secret)]),
        ...Object.values(request?.headers ?? {}).flatMap((value) => [value, ...value.split(" ")]),
      ].filter((text) => text.length > 8);
      const json = { code: echo[0], message: echo.join(" "), detail: echo, errors: [{ echo }] };
      for (const status of [200, 302, 400, 401, 500]) {
        const result = await createTransport(replyWith({ status, json }))
          .call(provider, operationOf(provider, call.operation), call.input, call.credentials);

        const shown = JSON.stringify(result);
        for (const secret of echo) assert(!shown.includes(secret), `${call.name} ${status}`);
      }
      const thrown = await createTransport({ fetch: () => Promise.reject(new Error(echo.join())) })
        .call(provider, operationOf(provider, call.operation), call.input, call.credentials);
      for (const secret of echo) assert(!JSON.stringify(thrown).includes(secret), call.name);
    }
  });
}

function testWebhooks(provider: Provider, { credentials, webhooks, sign }: ProviderSamples): void {
  const secret = provider.webhookSecret(credentials);

  for (const { name, request, events } of webhooks) {
    Deno.test(`${provider.id} webhook, ${name}: is read`, () => {
      assertEquals(provider.readWebhook(request), events);
    });

    Deno.test(`${provider.id} webhook, ${name}: only its own signature counts`, async () => {
      const signed = await sign(request, secret);
      assertEquals(await provider.verifyWebhook(signed, secret), true);

      assertEquals(await provider.verifyWebhook(request, secret), false, "unsigned");
      assertEquals(await provider.verifyWebhook(signed, `${secret}0`), false, "another secret");
      assertEquals(await provider.verifyWebhook(await sign(request, "0"), ""), false, "no secret");
      const elsewhere = { ...signed, url: signed.url.replace("token", "other") };
      assertEquals(await provider.verifyWebhook(elsewhere, secret), false, "another URL");
      for (let index = 0; index < signed.body.length; index++) {
        const body = signed.body.slice();
        body[index] = (body[index] ?? 0) ^ 2;
        assertEquals(await provider.verifyWebhook({ ...signed, body }, secret), false, `${index}`);
      }
    });
  }

  Deno.test(`${provider.id} survives 2,000 damaged webhooks`, async () => {
    const random = createRandom(20_261_120);
    for (let round = 0; round < 2000; round++) {
      const sample = webhooks[round % webhooks.length];
      assert(sample);
      const { headers, ...signed } = await sign(sample.request, secret);
      const url = new TextDecoder().decode(mutate(new TextEncoder().encode(signed.url), random));
      const body = mutate(signed.body, random);
      const method = random() < 0.2 ? "GET" : "POST";
      if (random() < 0.1) headers.set("content-type", "application/json");
      const request = { headers, body, method, url: random() < 0.3 ? url : signed.url };

      const isUnchanged = request.url.replace(/#.*/, "") === signed.url && isForm(headers) &&
        sameParameters(body, signed.body);
      assertEquals(await provider.verifyWebhook(request, secret), isUnchanged, `round ${round}`);
      try {
        for (const event of provider.readWebhook(request)) assertNotEquals(event.externalId, "");
      } catch (error) {
        assert(error instanceof UnreadableWebhookError, `round ${round}: ${error}`);
      }
    }
  });

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
    assert(new Response(body, { status, headers }).ok);
  });
}

function isForm(headers: Headers): boolean {
  return headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") ?? false;
}
