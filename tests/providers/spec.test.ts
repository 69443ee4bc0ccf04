/**
 * Checks what adapters send and read against the providers' official documents, which lie below
 * `SPECS_DIRECTORY`. Where it is not set, the exact requests of the samples are what holds.
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { ProviderRequest } from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { describeRequests } from "./support/drive.ts";
import { type ApiDocument, loadDocument } from "./support/openapi.ts";
import { checkAnswer, checkRequest, findBodySchema } from "./support/openapi_check.ts";
import { type Answer, type DocumentPlace, loadSamples } from "./support/samples.ts";

const directory = Deno.env.get("SPECS_DIRECTORY");

for (const provider of directory ? providers.values() : []) {
  const samples = await loadSamples(provider);
  for (const call of samples.calls) {
    const requests = async () => await describeRequests(provider, samples, call);
    for (const [index, place] of call.documents.entries()) {
      const { [index]: answer } = call.answers;
      if (!place || !answer) continue;
      const at = call.documents.length > 1 ? `, request ${index + 1}` : "";
      testPlace(`${provider.id} ${call.name}${at}`, place, answer, async () => {
        return (await requests())[index];
      });
    }
  }
  const { authorization, credentials } = samples;
  if (!authorization?.document) continue;
  testPlace(
    `${provider.id} its token`,
    authorization.document,
    authorization.answer,
    () => Promise.resolve(provider.authorize?.toRequest(credentials)),
  );
}

function testPlace(
  name: string,
  place: DocumentPlace,
  answer: Answer,
  describe: () => Promise<ProviderRequest | undefined>,
): void {
  const where = `${place.method} ${place.path}`;

  Deno.test(`${name}: request and answer are as ${place.file} has them`, async () => {
    const document = await loadDocument(directory ?? "", place.file);
    const request = await describe();
    assert(request);
    const found = [
      ...checkRequest(document, place, request),
      ...checkAnswer(document, place, answer),
    ];
    assertEquals(found.sort(), (place.deviations ?? []).toSorted(), where);
  });

  Deno.test(`${name}: a request that is not in ${place.file} would show`, async () => {
    const document = await loadDocument(directory ?? "", place.file);
    const request = await describe();
    assert(request);
    const right = checkRequest(document, place, request);
    for (const [change, wrong] of damages(document, place, request)) {
      assertNotEquals(checkRequest(document, place, wrong), right, change);
    }
  });
}

/** The request in ways in which no document has it. */
function* damages(
  document: ApiDocument,
  place: DocumentPlace,
  request: ProviderRequest,
): Generator<[change: string, wrong: ProviderRequest]> {
  const { form = [], json, query = [] } = request;
  const url = new URL(request.url);
  const wrong: [string, string] = ["PigeonCount", "1"];
  yield ["path", { ...request, url: `${url.origin}${url.pathname}/more` }];
  yield ["host", { ...request, url: `https://pigeon.example${url.pathname}` }];
  yield ["method", { ...request, method: request.method === "PATCH" ? "PUT" : "PATCH" }];
  yield ["query", { ...request, query: [...query, wrong] }];

  const schema = findBodySchema(document, place, request);
  const isClosed = schema?.unevaluatedProperties === false && !allowsMore(document, schema);
  const required = schema?.required ?? [];
  if (request.form) {
    if (isClosed) yield ["field", { ...request, form: [...form, wrong] }];
    for (const name of required.filter((one) => form.some(([field]) => field === one))) {
      yield [`without ${name}`, { ...request, form: form.filter(([field]) => field !== name) }];
    }
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return;
  if (isClosed) yield ["field", { ...request, json: { ...json, PigeonCount: 1 } }];
  for (const name of required.filter((one) => Object.hasOwn(json, one))) {
    yield [`without ${name}`, { ...request, json: { ...json, [name]: undefined } }];
  }
}

function allowsMore(document: ApiDocument, schema: ReturnType<ApiDocument["resolve"]>): boolean {
  const { additionalProperties, allOf, anyOf } = document.resolve(schema);
  if (additionalProperties !== undefined && additionalProperties !== false) return true;
  return [allOf, anyOf].some((parts) => parts?.some((part) => allowsMore(document, part)));
}
