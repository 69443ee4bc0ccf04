import type { Context } from "hono";
import { type CallDesk, groupValues } from "../../calls.ts";
import type { FaultScope } from "../../faults.ts";
import { authenticate } from "./authenticate.ts";
import { notFound, TwilioError } from "./errors.ts";
import { readPhoneNumber } from "./phone_number.ts";
import type { Account, TwilioStore } from "./store.ts";

/** A request to Twilio's API, authenticated and read. */
export interface TwilioCall {
  account: Account;
  /** Of the form body. */
  form: URLSearchParams;
  query: URLSearchParams;
  /** Path parameters, without `.json`. */
  path: Record<string, string>;
  /** As in `uri` fields and error messages. */
  pathname: string;
  scope: FaultScope;
}

/** One operation: what answers it. */
export type TwilioHandler = (call: TwilioCall) => Response | Promise<Response>;

const NUMBER_PARAMETERS = ["To", "From", "PhoneNumber"];

/** Turns an operation into a route handler: logged, open to faults, authenticated. */
export function serveOperation(
  store: TwilioStore,
  desk: CallDesk,
  operation: string,
  handle: TwilioHandler,
): (context: Context) => Promise<Response> {
  return async (context) => {
    const request = context.req.raw;
    const url = new URL(request.url);
    const path = Object.fromEntries(
      Object.entries(context.req.param()).map(([name, value]) => [name, withoutJson(value)]),
    );
    const form = await readForm(request);
    const description = {
      operation,
      accountSid: path.account,
      numbers: numbersOf(store, path, form, url.searchParams),
      body: groupValues(form),
    };
    return await desk.serve(request, description, async (scope) => {
      const pathname = apiPath(url);
      try {
        const account = authenticate(store, request, path.account, operation, pathname);
        return await handle({ account, form, query: url.searchParams, path, pathname, scope });
      } catch (error) {
        if (error instanceof TwilioError) return error.toResponse();
        throw error;
      }
    });
  };
}

/** What answers a path that does not exist. */
export function refusePath(call: TwilioCall): Response {
  throw notFound(call.pathname);
}

/** The path on Twilio's own host, without the host segment that leads to it here. */
function apiPath(url: URL): string {
  return url.pathname.slice(url.pathname.indexOf("/", 1));
}

function withoutJson(value: string): string {
  return value.endsWith(".json") ? value.slice(0, -".json".length) : value;
}

/** Twilio reads forms only: a JSON body has no parameters. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const contentType = request.headers.get("content-type") ?? "";
  const isForm = contentType.startsWith("application/x-www-form-urlencoded");
  return new URLSearchParams(isForm ? await request.text() : "");
}

function numbersOf(
  store: TwilioStore,
  path: Record<string, string>,
  form: URLSearchParams,
  query: URLSearchParams,
): string[] {
  const named = NUMBER_PARAMETERS.flatMap((name) => [form.get(name), query.get(name)])
    .filter((value) => value !== null)
    .map((value) => readPhoneNumber(value) ?? value);
  const owned = store.accounts.get(path.account ?? "")?.numbers.get(path.number ?? "");
  return owned ? [...named, owned.phoneNumber] : named;
}
