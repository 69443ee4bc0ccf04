import { Buffer } from "node:buffer";
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";

/** How a request ended without an answer: never connected, or broke off, or took too long. */
export type RequestFailure = "connection" | "broken" | "timeout";

/** What is sent. */
export interface OutgoingRequest {
  method: string;
  /** `http:` only: webhooks stay on this machine. */
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
  timeoutMs: number;
}

/** What came back. */
export interface HttpAnswer {
  status: number;
  contentType: string | null;
  body: string;
}

/** An answer, or why there is none. */
export type HttpOutcome = { answer: HttpAnswer } | { failure: RequestFailure };

const MAXIMUM_ANSWER_BYTES = 65_536;

/**
 * Sends each request exactly once. `fetch` would not do: when a reused connection breaks, Deno
 * sends a POST again by itself. Redirects are not followed.
 */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #inFlight = new Set<ClientRequest>();

  /** Never throws. */
  async send(outgoing: OutgoingRequest): Promise<HttpOutcome> {
    return await new Promise<HttpOutcome>((resolve) => {
      const { method, url, body } = outgoing;
      const length = body === undefined
        ? {}
        : { "content-length": String(Buffer.byteLength(body)) };
      const headers = { ...outgoing.headers, ...length };
      const request = requestHttp(url, { method, headers, agent: this.#agent });
      let failure: RequestFailure = "broken";
      let hasResponse = false;
      const finish = (outcome: HttpOutcome) => {
        clearTimeout(timer);
        this.#inFlight.delete(request);
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        failure = "timeout";
        request.destroy();
      }, outgoing.timeoutMs);
      this.#inFlight.add(request);
      request.on("response", (incoming) => {
        hasResponse = true;
        readAnswer(incoming).then(
          (answer) => finish({ answer }),
          () => finish({ failure }),
        );
      });
      request.on(
        "error",
        (error) => finish({ failure: isRefusal(error) ? "connection" : failure }),
      );
      request.on("close", () => {
        if (!hasResponse) finish({ failure });
      });
      request.end(body);
    });
  }

  /** Breaks off whatever is under way. */
  abortAll(): void {
    for (const request of this.#inFlight) request.destroy();
  }

  /** Breaks off, and closes what is kept open. */
  close(): void {
    this.abortAll();
    this.#agent.destroy();
  }
}

/** Whether nothing can have arrived. */
function isRefusal(error: Error): boolean {
  const code = "code" in error ? error.code : undefined;
  return code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN";
}

async function readAnswer(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of incoming) {
    if (byteCount < MAXIMUM_ANSWER_BYTES && chunk instanceof Uint8Array) chunks.push(chunk);
    byteCount += chunk.length;
  }
  return {
    status: incoming.statusCode ?? 0,
    contentType: incoming.headers["content-type"] ?? null,
    body: Buffer.concat(chunks).toString("utf8").slice(0, MAXIMUM_ANSWER_BYTES),
  };
}
