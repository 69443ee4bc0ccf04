/** How the demo's people and programs call the product. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../supabase/functions/_shared/database/types.ts";
import type { DemoStack } from "./stack.ts";
import { expect } from "./transcript.ts";

/** Somebody who has signed in. */
export interface Signed {
  client: SupabaseClient<Database>;
  token: string;
}

/** Without a body it only asks. Whoever calls is a person, or an agent with its key for a token. */
export async function call(
  stack: DemoStack,
  caller: Pick<Signed, "token">,
  name: string,
  body?: unknown,
) {
  const startedAt = performance.now();
  const response = await fetch(`${stack.url}/functions/v1/${name}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      apikey: stack.publishable_key,
      authorization: `Bearer ${caller.token}`,
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    body: await response.json(),
    elapsedMs: Math.round(performance.now() - startedAt),
  };
}

/** Says what came instead, when it is not as told. */
export function expectStatus(
  claim: string,
  answer: { status: number; body: unknown },
  status: number,
): void {
  expect(`${claim}: got ${answer.status} ${JSON.stringify(answer.body)}`, answer.status === status);
}
