import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import { readByContentType } from "../shared/bodies.ts";
import { phoneControl, phoneControlHelp, summarizePhoneAccount } from "../shared/phone/control.ts";
import type { PhoneMessage } from "../shared/phone/message.ts";
import { type Reception, Refusal, type Route } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { textOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import {
  DEMO,
  describeSignalwireAccount,
  newDemoAccount,
  readSignalwireAccount,
  type SignalwireAccount,
} from "./signalwire/account.ts";
import { FAULT_ANSWERS, notFound, refuse } from "./signalwire/errors.ts";
import {
  buyNumber,
  createCall,
  createMessage,
  createRestMessage,
  FAILED_CODES,
  fetchMessage,
  fetchProject,
  listMessages,
  listNumbers,
  releaseNumber,
  searchNumbers,
  UNDELIVERED_CODES,
  updateNumber,
} from "./signalwire/operations.ts";
import { representMessage } from "./signalwire/representation.ts";
import { signalwireVoice } from "./signalwire/webhook.ts";

const HELP = `SignalWire (<space>.signalwire.com)
  Demo project   ${DEMO.account_sid} in the space ${DEMO.space}
  API token      ${DEMO.api_token}
  Signing key    ${DEMO.signing_key}
  Numbers        ${DEMO.numbers.join(", ")}
  Recipients     delivered (MMS: sent), unless the last five digits are an error code:
                 undelivered with ${UNDELIVERED_CODES.join(", ")}
                 failed with ${FAILED_CODES.join(", ")}
${phoneControlHelp("signalwire", "space, api_token, signing_key, sms_url, numbers")}`;

/** SignalWire's Compatibility API, and as much of its own as sends WhatsApp. */
export function createSignalwire(state: SimulatorState): SimulatedProvider {
  const store = new Store<SignalwireAccount, PhoneMessage>(state.settings.maximumMessages);
  const courier = new Courier(state, store, signalwireVoice);
  const reception: Reception<SignalwireAccount> = {
    authenticate: (request) => authenticate(store, request),
    readBody: readByContentType,
    addressesOf: (body) =>
      [body.from, body.to, body.From, body.To, body.PhoneNumber].map(textOf)
        .map((number) => number.replace(/^whatsapp:/, "")).filter((number) => number !== ""),
  };
  const account = "/api/laml/2010-04-01/Accounts/:account";
  const numbers = `${account}/IncomingPhoneNumbers`;
  const offers = `${account}/AvailablePhoneNumbers/:country/:kind{Local|TollFree}`;
  const messages = `${account}/Messages`;
  const routes: Route<SignalwireAccount>[] = [
    ["GET", account, "accounts.fetch", fetchProject],
    ["GET", numbers, "numbers.list", listNumbers],
    ["POST", numbers, "numbers.create", buyNumber],
    ["POST", `${numbers}/:number`, "numbers.update", updateNumber],
    ["DELETE", `${numbers}/:number`, "numbers.delete", releaseNumber],
    ["GET", offers, "available_numbers.list", searchNumbers],
    ["POST", messages, "messages.create", createMessage(courier)],
    ["GET", messages, "messages.list", listMessages],
    ["GET", `${messages}/:message`, "messages.fetch", fetchMessage],
    ["POST", `${account}/Calls`, "calls.create", createCall(courier)],
    ["POST", "/api/messaging/messages", "messages.create", createRestMessage(courier)],
  ];
  return simulate(state, store, courier, {
    id: "signalwire",
    hosts: [":space{[a-z0-9-]+\\.signalwire\\.com}"],
    help: HELP,
    faultAnswers: FAULT_ANSWERS,
    reception,
    routes,
    notFound: () => notFound().response,
    newDemoAccount,
    control: phoneControl({
      newAccount: readSignalwireAccount,
      describe: describeSignalwireAccount,
      inboundStatus: "received",
    }),
    showMessage: representMessage,
    summarize: summarizePhoneAccount,
  });
}

/** By project and token, in the space that they belong to, for what is the project's own. */
function authenticate(
  store: Store<SignalwireAccount, PhoneMessage>,
  request: Request,
): SignalwireAccount {
  const [, host = "", path = ""] = /^\/([^/]+)(\/.*)$/.exec(new URL(request.url).pathname) ?? [];
  const [, encoded = ""] = /^Basic (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const account = store.findAccount(({ sid, apiToken }) => encoded === btoa(`${sid}:${apiToken}`));
  if (account && host === `${account.space}.signalwire.com`) {
    const named = /\/Accounts\/([^/]+)/.exec(path)?.[1] ?? account.sid;
    if (named === account.sid) return account;
    throw notFound();
  }
  throw path.startsWith("/api/laml/")
    ? refuse(401, 20003, "Authentication failed")
    : new Refusal(Response.json({ error: "Unauthorized" }, { status: 401 }));
}
