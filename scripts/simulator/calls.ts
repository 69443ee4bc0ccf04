import { CALL_FAULT_KINDS, type Fault, type FaultScope } from "./faults.ts";
import { resetConnection } from "./server.ts";
import type { SimulatorState } from "./state.ts";

const ANSWER_FAULT_KINDS = CALL_FAULT_KINDS.filter((kind) => kind !== "slow");

/** One call that a client made to a provider. Holds no credential. */
export interface CallRecord {
  sequence: number;
  at: string;
  provider: string;
  operation: string;
  account_sid: string | null;
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  body: unknown;
  /** Null when the connection was reset instead of answered. */
  status: number | null;
  /** The faults that spoiled it. */
  fault_ids: string[];
}

/** What a provider reads from a request before anything else happens. */
export interface CallDescription {
  operation: string;
  accountSid: string | undefined;
  numbers: readonly string[];
  body: unknown;
}

/** How a provider words the answers that faults ask for. */
export interface FaultAnswers {
  rateLimited(retryAfterSeconds: number | undefined): Response;
  serverError(status: number): Response;
}

/** Serves the calls of one provider: logs them, and lets faults spoil them. */
export class CallDesk {
  readonly #state: SimulatorState;
  readonly #provider: string;
  readonly #answers: FaultAnswers;
  #sequence = 0;

  constructor(state: SimulatorState, provider: string, answers: FaultAnswers) {
    this.#state = state;
    this.#provider = provider;
    this.#answers = answers;
  }

  /** Answers a request with what `handle` says, unless a fault wants it otherwise. */
  async serve(
    request: Request,
    call: CallDescription,
    handle: (scope: FaultScope) => Response | Promise<Response>,
  ): Promise<Response> {
    const scope: FaultScope = { provider: this.#provider, ...call };
    const record = this.#record(request, call);
    const slow = this.#state.faults.take(scope, ["slow"]);
    const fault = this.#state.faults.take(scope, ANSWER_FAULT_KINDS);
    for (const used of [slow, fault]) if (used) record.fault_ids.push(used.fault_id);

    if (slow?.stage === "before") await this.#state.timers.sleep(slow.delay_ms ?? 0);
    const spoiled = fault && this.#answerInstead(fault);
    const response = spoiled ?? await handle(scope);
    const answer = fault && !spoiled ? await this.#answerAfter(fault, response) : response;
    if (slow?.stage === "after") await this.#state.timers.sleep(slow.delay_ms ?? 0);
    record.status = fault?.kind === "reset" ? null : answer.status;
    return answer;
  }

  /** The answer of a fault that lets nothing happen. */
  #answerInstead(fault: Fault): Response | undefined {
    if (fault.kind === "rate_limited") return this.#answers.rateLimited(fault.retry_after_seconds);
    if (fault.stage !== "before") return undefined;
    if (fault.kind === "reset") return resetConnection();
    return this.#answers.serverError(fault.status ?? 500);
  }

  /** The answer of a fault that hides what happened. */
  async #answerAfter(fault: Fault, response: Response): Promise<Response> {
    await response.body?.cancel();
    if (fault.kind === "reset") return resetConnection();
    if (fault.kind === "server_error") return this.#answers.serverError(fault.status ?? 500);
    return new Response('{"sid": "', {
      status: fault.status ?? 200,
      headers: { "content-type": "application/json" },
    });
  }

  #record(request: Request, call: CallDescription): CallRecord {
    const url = new URL(request.url);
    const record: CallRecord = {
      sequence: ++this.#sequence,
      at: new Date().toISOString(),
      provider: this.#provider,
      operation: call.operation,
      account_sid: call.accountSid ?? null,
      method: request.method,
      path: url.pathname,
      query: groupValues(url.searchParams),
      body: call.body,
      status: null,
      fault_ids: [],
    };
    this.#state.calls.push(record);
    return record;
  }
}

/** Parameters by name; a repeated one becomes a list. */
export function groupValues(parameters: URLSearchParams): Record<string, string | string[]> {
  const grouped: Record<string, string | string[]> = {};
  for (const [name, value] of parameters) {
    const known = grouped[name];
    if (known === undefined) grouped[name] = value;
    else grouped[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return grouped;
}
