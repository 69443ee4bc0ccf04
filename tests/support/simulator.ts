import { readTestStack } from "./stack.ts";

/** Asks the simulator's control API. */
export async function control(
  path: string,
  options: { method?: string; json?: unknown } = {},
  // deno-lint-ignore no-explicit-any -- tests look into answers whose shape is what they test
): Promise<any> {
  const response = await fetch(`${readTestStack().simulator_url}/_control${path}`, {
    method: options.method ?? (options.json === undefined ? "GET" : "POST"),
    ...(options.json === undefined
      ? {}
      : { headers: { "content-type": "application/json" }, body: JSON.stringify(options.json) }),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`Cannot control the simulator: ${JSON.stringify(answer)}`);
  return answer;
}
