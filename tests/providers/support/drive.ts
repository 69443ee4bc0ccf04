/** Drives the sample calls of a provider, with the transport and without. */
import {
  type Call,
  type Provider,
  type ProviderRequest,
  type ProviderResponse,
  type Result,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../../supabase/functions/_shared/providers/transport.ts";
import { replyWith, textOf } from "./replies.ts";
import {
  type Answer,
  type CallSample,
  contextOf,
  type ExpectedRequest,
  NOW_MS,
  type OperationName,
  type ProviderSamples,
} from "./samples.ts";

export function operationOf(
  provider: Provider,
  name: OperationName,
): Call<unknown, unknown> | undefined {
  return provider[name] as Call<unknown, unknown> | undefined;
}

/** The requests of a call as the adapter describes them, led on by the sample's answers. */
export async function describeRequests(
  provider: Provider,
  samples: ProviderSamples,
  call: CallSample,
): Promise<ProviderRequest[]> {
  const operation = operationOf(provider, call.operation);
  if (!operation) throw new Error(`${provider.id} has no ${call.operation}`);
  const context = contextOf(samples);
  if (!("steps" in operation)) {
    return [await operation.toRequest(call.input, call.credentials, context)];
  }
  const requests: ProviderRequest[] = [];
  const steps = operation.steps(call.input, call.credentials, context);
  let step = steps.next();
  while (!step.done) {
    const answer = call.answers[requests.length];
    requests.push(step.value);
    if (!answer) throw new Error(`${call.name}: more requests than answers`);
    step = steps.next(toResponse(answer));
  }
  return requests;
}

/** An answer as the transport reads it. */
export function toResponse(answer: Answer): ProviderResponse {
  const { status, headers } = answer;
  const text = textOf(answer);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status, headers: new Headers(headers), text, json };
}

/** One shape for a request that was described and one that was expected. */
export function normalize(request: ExpectedRequest | ProviderRequest, headerNames: string[] = []) {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  return {
    line: `${request.method} ${url.origin}${url.pathname}`,
    query: [...url.searchParams, ...(request.query ?? [])].map(([name, value]) => [name, value]),
    form: request.form?.map(([name, value]) => [name, value]),
    // As it is written: a field that is undefined is none.
    json: request.json === undefined ? undefined : JSON.parse(JSON.stringify(request.json)),
    xml: request.xml,
    headers: Object.fromEntries(headerNames.map((name) => [name, headers.get(name)])),
  };
}

/** A provider whose access token is there for the asking. */
function withToken(provider: Provider, { accessToken }: ProviderSamples): Provider {
  const { authorize } = provider;
  if (!authorize) return provider;
  return {
    ...provider,
    authorize: {
      toRequest: (credentials) => authorize.toRequest(credentials),
      readResponse: () => ({ accessToken: accessToken ?? "", expiresInSeconds: 3600 }),
    },
  };
}

/** One call through the transport. Requests are those of the call, without the token's. */
export async function run(
  provider: Provider,
  samples: ProviderSamples,
  call: Pick<CallSample, "operation" | "input" | "credentials">,
  ...answers: Answer[]
): Promise<{ result: Result<unknown>; requests: Request[] }> {
  const token = provider.authorize ? [{ status: 200, json: {} }] : [];
  const { fetch, requests } = replyWith(...token, ...answers);
  const operation = operationOf(provider, call.operation);
  const result = await createTransport({ fetch, now: () => NOW_MS })
    .call(withToken(provider, samples), operation, call.input, call.credentials);
  return { result, requests: requests.slice(token.length) };
}

/** The sample message, sent: what comes of one answer. */
export async function send(
  provider: Provider,
  samples: ProviderSamples,
  answer: Answer,
): Promise<Result<unknown>> {
  const { message: input, credentials } = samples;
  return (await run(provider, samples, { operation: "sendMessage", input, credentials }, answer))
    .result;
}
