/** What holds for reading the answers of every provider in the registry. */
import { assert, assertEquals } from "@std/assert";
import type {
  MessageReceipt,
  Provider,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { run, send, toResponse } from "./support/drive.ts";
import { GARBAGE } from "./support/garbage.ts";
import { replyWith } from "./support/replies.ts";
import { type Answer, loadSamples, type ProviderSamples } from "./support/samples.ts";

for (const provider of providers.values()) {
  const samples = await loadSamples(provider);
  testDocumentedAnswers(provider, samples);
  testMeaninglessAnswers(provider, samples);
  testAuthorization(provider, samples);
  testStatusWords(provider, samples);
}

function testDocumentedAnswers(provider: Provider, samples: ProviderSamples): void {
  for (const call of samples.calls) {
    Deno.test(`${provider.id} ${call.name}: reads the documented answer`, async () => {
      const { result } = await run(provider, samples, call, ...call.answers);

      assertEquals(result, { ok: true, value: call.output });
    });
  }
}

function testMeaninglessAnswers(provider: Provider, samples: ProviderSamples): void {
  for (const call of samples.calls) {
    for (const [index, answer] of call.answers.entries()) {
      const at = call.answers.length > 1 ? `, request ${index + 1}` : "";

      Deno.test(`${provider.id} ${call.name}${at}: a success without meaning is unreadable`, async () => {
        for (const text of garbageFor(answer, call.readable)) {
          // A status without a body cannot carry one.
          const status = [204, 205].includes(answer.status) ? 200 : answer.status;
          const answers = [...call.answers.slice(0, index), { status, text }];
          const { result, requests } = await run(provider, samples, call, ...answers);

          // What has no body has no meaning to lose.
          if (!hasMeaning(answer)) {
            assert(result.ok || result.error.code === "unreadable", text);
            continue;
          }
          assert(!result.ok, `${text} was read`);
          assertEquals(result.error.code, "unreadable", text);
          assertEquals(result.error.isRetryable, false);
          const hasWritten = call.requests.slice(0, index + 1)
            .some(({ method }) => method !== "GET");
          assertEquals(result.error.isAmbiguous, hasWritten, text);
          assertEquals(requests.length, index + 1, "no later request");
        }
      });
    }
  }
}

/** An empty array is an answer where the documented one is an array. */
function garbageFor({ json }: Answer, readable: string[] = []): string[] {
  return GARBAGE.filter((text) =>
    !readable.includes(text) && !(text === "[]" && Array.isArray(json))
  );
}

function hasMeaning({ json, text, headers }: Answer): boolean {
  return json !== undefined || !!text || headers !== undefined;
}

function testAuthorization(provider: Provider, samples: ProviderSamples): void {
  const { authorize } = provider;
  const { authorization, accessToken, credentials } = samples;
  if (!authorize || !authorization) return;

  Deno.test(`${provider.id} reads its access token`, () => {
    const { expiresInSeconds, answer } = authorization;
    assertEquals(authorize.readResponse(toResponse(answer)), {
      accessToken: accessToken ?? "",
      expiresInSeconds,
    });
  });

  Deno.test(`${provider.id} sends nothing without an access token`, async () => {
    for (const text of GARBAGE) {
      const { fetch, requests } = replyWith({ status: 200, text });
      const result = await createTransport({ fetch })
        .sendMessage(provider, samples.message, credentials);

      assert(!result.ok);
      assertEquals(result.error.code, "unreadable", text);
      assertEquals(result.error.isAmbiguous, false);
      assertEquals(requests.length, 1);
    }
  });
}

function testStatusWords(provider: Provider, samples: ProviderSamples): void {
  const { answerWithStatus } = samples;
  if (!answerWithStatus) return;

  Deno.test(`${provider.id} reads a status word that it does not list as unknown`, async () => {
    for (const word of ["teleported", "", "constructor", "__proto__", "QUEUED?"]) {
      const result = await send(provider, samples, answerWithStatus(word));

      assert(result.ok);
      const { status, providerStatus } = result.value as MessageReceipt;
      assertEquals({ status, providerStatus }, { status: "unknown", providerStatus: word });
    }
  });
}
