/**
 * Checks what adapters send and read against the providers' official documents: whole ones below
 * `SPECS_DIRECTORY` where it is set, our extracts of them where it is not.
 */
import { assert, assertEquals } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { type ApiDocument, checkAnswer, checkRequest, readExample } from "./support/openapi.ts";
import { extract } from "./support/openapi_extract.ts";
import { loadSamples, operationOf } from "./support/samples.ts";

const directory = Deno.env.get("SPECS_DIRECTORY");

for (const provider of providers.values()) {
  const { calls, specification } = await loadSamples(provider);
  const document: ApiDocument = directory
    ? JSON.parse(await Deno.readTextFile(`${directory}/${specification.file}`))
    : specification.extract;
  const name = directory ? specification.file : "the extract of its document";

  Deno.test(`${provider.id}: the extract is what ${name} says`, () => {
    const wanted = new Map(
      calls.map((call) => [call.wanted.method + call.wanted.path, call.wanted]),
    );
    assertEquals(extract(document, [...wanted.values()]), specification.extract);
  });

  for (const call of calls) {
    Deno.test(`${provider.id} ${call.name}: the request is in ${name}`, () => {
      const request = operationOf(provider, call.operation)?.toRequest(
        call.input,
        call.credentials,
      );

      assert(request);
      assertEquals(checkRequest(document, request), []);
    });

    Deno.test(`${provider.id} ${call.name}: the answer is in ${name}`, () => {
      const { wanted } = call;
      const example = wanted.example ? readExample(document, wanted) : undefined;

      assertEquals(call.answer.json, example);
      assertEquals(checkAnswer(document, wanted, example), wanted.deviations ?? []);
    });

    Deno.test(`${provider.id} ${call.name}: a request that is not in ${name} would show`, () => {
      const request = operationOf(provider, call.operation)?.toRequest(
        call.input,
        call.credentials,
      );
      assert(request);
      const wrong: [string, string] = ["PigeonCount", "1"];
      const url = new URL(request.url);
      for (
        const change of [
          { url: `${url.origin}${url.pathname}/more` },
          { url: url.href.replace("api.", "www.") },
          { method: "PATCH" as const },
          { query: [...(request.query ?? []), wrong] },
          { form: [...(request.form ?? []), wrong] },
        ]
      ) assert(checkRequest(document, { ...request, ...change }).length > 0);
      const required = request.form?.find(([field]) => field === "To");
      if (required) {
        const form = request.form?.filter((field) => field !== required) ?? [];
        assertEquals(checkRequest(document, { ...request, form }), ["form To is missing"]);
      }
    });
  }
}
