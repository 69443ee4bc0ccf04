import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";

export type Arguments = Record<string, unknown>;

/** A database of scripted functions, with the calls that were made. */
export function scriptedService(answers: Record<string, (input: Arguments) => unknown>) {
  const calls: { name: string; input: Arguments; signal?: AbortSignal }[] = [];
  const service = {
    rpc(name: string, input: Arguments) {
      const call: typeof calls[number] = { name, input };
      calls.push(call);
      const answer = Promise.resolve(answers[name]?.(input) ?? succeed([]));
      const abortSignal = (signal: AbortSignal) => {
        call.signal = signal;
        return answer;
      };
      return Object.assign(answer, { abortSignal });
    },
  };
  const count = (name: string) => calls.filter((call) => call.name === name).length;
  return { calls, count, service: service as unknown as DatabaseClient };
}

export const succeed = (data: unknown) => ({ data, error: null, status: 200 });
export const fail = (status: number, code: string, message = "") => ({
  data: null,
  error: { code, message, details: "", hint: "" },
  status,
});

/** A token of the shape that webhook URLs hold. */
export const TOKEN = "t".repeat(43);
