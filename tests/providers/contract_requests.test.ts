/** What holds for the requests of every provider in the registry. */
import { assert, assertEquals } from "@std/assert";
import type {
  Credentials,
  Provider,
  ProviderRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { describeRequests, normalize, run } from "./support/drive.ts";
import { replyWith } from "./support/replies.ts";
import { type ExpectedRequest, loadSamples, type ProviderSamples } from "./support/samples.ts";

for (const provider of providers.values()) {
  const samples = await loadSamples(provider);
  testCalls(provider, samples);
  testAuthorization(provider, samples);
  testRefusedMessages(provider, samples);
}

function testCalls(provider: Provider, samples: ProviderSamples): void {
  for (const call of samples.calls) {
    Deno.test(`${provider.id} ${call.name}: asks for exactly that`, async () => {
      const requests = await describeRequests(provider, samples, call);

      assertExactly(requests, call.requests);
      assertEquals(call.answers.length, call.requests.length);
      assertEquals(call.documents.length, call.requests.length);
    });

    Deno.test(`${provider.id} ${call.name}: https to its own host, no secret in the URL`, async () => {
      const requests = await describeRequests(provider, samples, call);

      for (const request of requests) {
        assertIsOwn(provider, request, call.credentials);
        if (call.secretInUrl) continue;
        const visible = decodeURIComponent(request.url) + JSON.stringify(request.query ?? []);
        for (const [name, secret] of secretsOf(provider, samples, call.credentials)) {
          assert(!visible.includes(secret), name);
        }
      }
    });

    Deno.test(`${provider.id} ${call.name}: is sent as described`, async () => {
      const { requests } = await run(provider, samples, call, ...call.answers);

      const sent = requests.map(({ method, url }) => `${method} ${url.split("?")[0]}`);
      assertEquals(sent, call.requests.map((request) => normalize(request).line));
    });
  }
}

function testAuthorization(provider: Provider, samples: ProviderSamples): void {
  const { authorize } = provider;
  const { authorization, credentials } = samples;
  if (!authorize || !authorization) return;

  Deno.test(`${provider.id} fetches its token from its own host by exactly one request`, () => {
    const request = authorize.toRequest(credentials);

    assertExactly([request], [authorization.request]);
    assertIsOwn(provider, request, credentials);
    const visible = decodeURIComponent(request.url) + JSON.stringify(request.query ?? []);
    for (const [name, secret] of secretsOf(provider, samples, credentials)) {
      assert(!visible.includes(secret), name);
    }
  });
}

function testRefusedMessages(provider: Provider, samples: ProviderSamples): void {
  for (const { name, message, code } of samples.refusedMessages) {
    Deno.test(`${provider.id} refuses a message with ${name} before any request`, async () => {
      const { fetch, requests } = replyWith();

      const result = await createTransport({ fetch })
        .sendMessage(provider, message, samples.credentials);

      assert(!result.ok);
      assertEquals(result.error.code, code);
      assertEquals(result.error.isAmbiguous, false);
      assertEquals(requests.length, 0);
    });
  }
}

function assertExactly(requests: ProviderRequest[], expected: ExpectedRequest[]): void {
  const names = expected.map(({ headers }) => Object.keys(headers ?? {}));
  assertEquals(
    requests.map((request, index) => normalize(request, names[index])),
    expected.map((request, index) => normalize(request, names[index])),
  );
}

function assertIsOwn(provider: Provider, request: ProviderRequest, credentials: Credentials): void {
  const url = new URL(request.url);
  assertEquals(url.protocol, "https:");
  assert(provider.hosts(credentials).includes(url.host), url.host);
  const bodies = [request.form, request.json, request.xml].filter((body) => body !== undefined);
  assert(bodies.length <= 1 && !(request.method === "GET" && bodies.length > 0), "one body");
}

function secretsOf(
  provider: Provider,
  { accessToken }: ProviderSamples,
  credentials: Credentials,
): [name: string, secret: string][] {
  const fields = provider.credentialFields.filter((field) => field.isSecret);
  const secrets = fields.map(({ name }): [string, string] => [name, credentials[name] ?? ""]);
  return [...secrets, ["accessToken", accessToken ?? ""] satisfies [string, string]]
    .filter(([, secret]) => secret !== "");
}
