import { newSid } from "./store.ts";

/** An answer of Twilio's API that is not a success. Codes: https://www.twilio.com/docs/api/errors */
export class TwilioError extends Error {
  override name = "TwilioError";
  constructor(readonly status: number, readonly code: number, message: string) {
    super(message);
  }

  /** The error as Twilio words it. */
  toResponse(): Response {
    const isUnauthorized = this.status === 401;
    return json(
      {
        code: this.code,
        ...(isUnauthorized ? { detail: "Your AccountSid or AuthToken was incorrect." } : {}),
        message: this.message,
        more_info: `https://www.twilio.com/docs/errors/${this.code}`,
        status: this.status,
      },
      this.status,
      isUnauthorized ? { "www-authenticate": 'Basic realm="Twilio API"' } : {},
    );
  }
}

/** A JSON answer with the headers that Twilio's API gives. */
export function json(
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/json;charset=utf-8",
      "twilio-request-id": newSid("RQ"),
      ...headers,
    },
  });
}

/** The credentials are wrong, or may not be used here. */
export function unauthorized(): TwilioError {
  return new TwilioError(401, 20003, "Authenticate");
}

/** No such resource, or not in this account. */
export function notFound(path: string): TwilioError {
  return new TwilioError(404, 20404, `The requested resource ${path} was not found`);
}

/** A parameter that no more specific code covers. */
export function badRequest(message: string): TwilioError {
  return new TwilioError(400, 400, message);
}

/** How Twilio words the answers that faults ask for. */
export const FAULT_ANSWERS = {
  rateLimited(retryAfterSeconds: number | undefined): Response {
    const response = new TwilioError(429, 20429, "Too Many Requests").toResponse();
    if (retryAfterSeconds !== undefined) {
      response.headers.set("retry-after", String(retryAfterSeconds));
    }
    return response;
  },
  /** A 502 comes from a proxy in front of the API, which answers HTML. */
  serverError(status: number): Response {
    if (status === 500) return new TwilioError(500, 20500, "Internal Server Error").toResponse();
    if (status === 503) return new TwilioError(503, 20503, "Service Unavailable").toResponse();
    return new Response(`<html><head><title>${status}</title></head><body></body></html>`, {
      status,
      headers: { "content-type": "text/html" },
    });
  },
};
