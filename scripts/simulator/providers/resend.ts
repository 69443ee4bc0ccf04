import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import {
  bearerOf,
  findByCredential,
  type MailAccount,
  type MailStore,
  newMailAccount,
  summarizeMailAccount,
} from "../shared/mail/account.ts";
import { mailControl, mailControlHelp } from "../shared/mail/control.ts";
import { bareAddress } from "../shared/mail/message.ts";
import { Refusal } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { listOf, newHex, textOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import { refuse, RESEND_FAULT_ANSWERS } from "./resend/answers.ts";
import { listResendRoutes } from "./resend/operations.ts";
import { resendVoice } from "./resend/webhooks.ts";

const DEMO_KEYS = { api_key: "re_demo0000", sending_api_key: "re_demo0001" };
const HELP = `Resend (api.resend.com)
  Demo account   API key ${DEMO_KEYS.api_key}, domain demo.example
  Recipients     as for SendGrid
${mailControlHelp("resend", DEMO_KEYS)}`;

/** Resend's API, as far as the product uses it. */
export function createResend(state: SimulatorState): SimulatedProvider {
  const store: MailStore = new Store(state.settings.maximumMessages);
  const courier = new Courier(state, store, resendVoice);
  return simulate(state, store, courier, {
    id: "resend",
    hosts: ["api.resend.com"],
    help: HELP,
    faultAnswers: RESEND_FAULT_ANSWERS,
    reception: {
      authenticate(request) {
        const key = bearerOf(request);
        const account = findByCredential(store, "api_key", key) ??
          findByCredential(store, "sending_api_key", key);
        if (account) return account;
        throw new Refusal(refuseNameless(request) ?? refuseKey(key));
      },
      forbid: (account, request) => refuseNameless(request) ?? refuseToRead(account, request),
      addressesOf: ({ to }) => listOf(to).map((one) => bareAddress(textOf(one))),
    },
    routes: listResendRoutes(courier),
    notFound: () => refuse(404, "not_found", "Not found"),
    newDemoAccount: () => newMailAccount("demo", DEMO_KEYS, ["*@demo.example"]),
    control: mailControl(store, {
      newCredentials: () => ({ api_key: newKey(), sending_api_key: newKey() }),
      newMessageSid: () => crypto.randomUUID(),
    }),
    showMessage: (message) => message,
    summarize: summarizeMailAccount,
  });
}

/** Requests need a user agent. */
function refuseNameless({ headers }: Request): Response | undefined {
  if (headers.get("user-agent")) return undefined;
  return new Response("error code: 1010", { status: 403 });
}

function refuseKey(key: string | undefined): Response {
  return key === undefined
    ? refuse(401, "missing_api_key", "Missing API Key")
    : refuse(403, "invalid_api_key", "API key is invalid");
}

/** A key may be for nothing but sending. */
function refuseToRead({ credentials }: MailAccount, request: Request): Response | undefined {
  const isSend = request.method === "POST" && new URL(request.url).pathname.endsWith("/emails");
  return bearerOf(request) === credentials.sending_api_key && !isSend
    ? refuse(401, "restricted_api_key", "This API key is restricted to only send emails")
    : undefined;
}

function newKey(): string {
  return `re_${newHex()}`;
}
