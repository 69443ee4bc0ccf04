import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import { readByContentType } from "../shared/bodies.ts";
import { phoneControl, phoneControlHelp, summarizePhoneAccount } from "../shared/phone/control.ts";
import type { PhoneMessage } from "../shared/phone/message.ts";
import type { Reception, Route } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import type { SimulatorState } from "../state.ts";
import {
  DEMO,
  describeVonageAccount,
  newDemoAccount,
  readVonageAccount,
  type VonageAccount,
} from "./vonage/account.ts";
import { authenticate } from "./vonage/authenticate.ts";
import { FAULT_ANSWERS, refuse } from "./vonage/errors.ts";
import {
  application,
  buyNumber,
  cancelNumber,
  createCall,
  createMessage,
  fetchBalance,
  listNumbers,
  loadRecords,
  representRecord,
  searchNumbers,
  UNDELIVERABLE_CODES,
  updateNumber,
  withPlus,
} from "./vonage/operations.ts";
import { vonageVoice } from "./vonage/webhooks.ts";

const HELP = `Vonage (api.nexmo.com, rest.nexmo.com)
  Demo account   ${DEMO.account_sid}, which is the API key; no calls, for which a key is needed
  API secret     ${DEMO.api_secret}, signature secret ${DEMO.signature_secret}
  Application    ${DEMO.application_id}
  Numbers        ${DEMO.numbers.join(", ")}
  Recipients     delivered, unless the last five digits are 0 and an error code:
                 undeliverable with ${UNDELIVERABLE_CODES.join(", ")}; refused at once with 1170
${phoneControlHelp("vonage", "api_secret, signature_secret, application_id, has_key, numbers")}`;

/** As much of Vonage's APIs as the product uses, of both hosts: their paths are never the same. */
export function createVonage(state: SimulatorState): SimulatedProvider {
  const store = new Store<VonageAccount, PhoneMessage>(state.settings.maximumMessages);
  const courier = new Courier(state, store, vonageVoice);
  const reception: Reception<VonageAccount> = {
    authenticate: (request, operation) => authenticate(store, request, operation),
    readBody: readByContentType,
    addressesOf: ({ from, to, msisdn }) =>
      [from, to, msisdn].map(withPlus).filter((number) => number !== ""),
  };
  const routes: Route<VonageAccount>[] = [
    ["POST", "/v1/messages", "messages.create", createMessage(courier)],
    ["GET", "/v2/reports/records", "messages.list", loadRecords],
    ["POST", "/v1/calls", "calls.create", createCall(courier)],
    ["GET", "/v2/applications/:application", "applications.fetch", application],
    ["PUT", "/v2/applications/:application", "applications.update", application],
    ["GET", "/account/numbers", "numbers.list", listNumbers],
    ["GET", "/number/search", "available_numbers.list", searchNumbers],
    ["POST", "/number/buy", "numbers.create", buyNumber],
    ["POST", "/number/update", "numbers.update", updateNumber],
    ["POST", "/number/cancel", "numbers.delete", cancelNumber],
    ["GET", "/account/get-balance", "balance.fetch", fetchBalance],
  ];
  return simulate(state, store, courier, {
    id: "vonage",
    hosts: ["api.nexmo.com", "rest.nexmo.com"],
    help: HELP,
    faultAnswers: FAULT_ANSWERS,
    reception,
    routes,
    notFound: () => refuse(404, "not-found").response,
    newDemoAccount,
    control: phoneControl({
      newAccount: readVonageAccount,
      describe: describeVonageAccount,
      inboundStatus: "delivered",
    }),
    showMessage: representRecord,
    summarize: summarizePhoneAccount,
  });
}
