import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import { readByContentType } from "../shared/bodies.ts";
import { phoneControl, phoneControlHelp, summarizePhoneAccount } from "../shared/phone/control.ts";
import type { PhoneMessage } from "../shared/phone/message.ts";
import type { Reception, Route } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { textOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import {
  DEMO,
  describeTelnyxAccount,
  newDemoAccount,
  readTelnyxAccount,
  type TelnyxAccount,
} from "./telnyx/account.ts";
import { FAULT_ANSWERS, refuse } from "./telnyx/errors.ts";
import {
  configureNumber,
  createCall,
  createMessage,
  fetchBalance,
  fetchMessage,
  fetchOrder,
  listNumbers,
  orderNumber,
  profile,
  releaseNumber,
  reportUsage,
  searchNumbers,
  UNDELIVERED_CODES,
} from "./telnyx/operations.ts";
import { representMessage } from "./telnyx/representation.ts";
import { telnyxVoice } from "./telnyx/webhooks.ts";

const HELP = `Telnyx (api.telnyx.com)
  Demo account   ${DEMO.account_sid}
  API key        ${DEMO.api_key}
  Profile        ${DEMO.messaging_profile_id}, connection ${DEMO.connection_id}
  Numbers        ${DEMO.numbers.join(", ")}
  Recipients     delivered, unless the last five digits are an error code:
                 undelivered with ${UNDELIVERED_CODES.join(", ")}
                 refused at once with 40300, 40310
  Orders         succeed after the receipt delay, unless the number ends in 00
${
  phoneControlHelp("telnyx", "api_key, messaging_profile_id, connection_id, webhook_url, numbers")
}`;

/** As much of Telnyx's API, version 2, as the product uses. */
export function createTelnyx(state: SimulatorState): SimulatedProvider {
  const store = new Store<TelnyxAccount, PhoneMessage>(state.settings.maximumMessages);
  const courier = new Courier(state, store, telnyxVoice);
  const reception: Reception<TelnyxAccount> = {
    authenticate(request) {
      const key = request.headers.get("authorization")?.replace(/^Bearer /, "");
      const account = store.findAccount(({ apiKey }) => apiKey === key);
      if (account) return account;
      throw refuse(401, "10009");
    },
    readBody: readByContentType,
    addressesOf: (body) =>
      [body.from, body.to, body.From, body.To].map(textOf).filter((number) => number !== ""),
  };
  const routes: Route<TelnyxAccount>[] = [
    ["GET", "/v2/messaging_profiles/:profile", "profiles.fetch", profile],
    ["PATCH", "/v2/messaging_profiles/:profile", "profiles.update", profile],
    ["POST", "/v2/messages", "messages.create", createMessage(courier)],
    ["POST", "/v2/messages/whatsapp", "messages.create", createMessage(courier)],
    ["GET", "/v2/messages/:message", "messages.fetch", fetchMessage],
    ["POST", "/v2/texml/calls/:connection", "calls.create", createCall(courier)],
    ["GET", "/v2/phone_numbers/messaging", "numbers.list", listNumbers],
    ["PATCH", "/v2/phone_numbers/:number/messaging", "numbers.update", configureNumber],
    ["DELETE", "/v2/phone_numbers/:number", "numbers.delete", releaseNumber],
    ["GET", "/v2/available_phone_numbers", "available_numbers.list", searchNumbers],
    ["POST", "/v2/number_orders", "numbers.create", orderNumber(state)],
    ["GET", "/v2/number_orders/:order", "number_orders.fetch", fetchOrder],
    ["GET", "/v2/balance", "balance.fetch", fetchBalance],
    ["GET", "/v2/usage_reports", "usage.list", reportUsage],
  ];
  return simulate(state, store, courier, {
    id: "telnyx",
    hosts: ["api.telnyx.com"],
    help: HELP,
    faultAnswers: FAULT_ANSWERS,
    reception,
    routes,
    notFound: () => refuse(404, "10005").response,
    newDemoAccount,
    control: phoneControl({
      newAccount: readTelnyxAccount,
      describe: describeTelnyxAccount,
      inboundStatus: "delivered",
    }),
    showMessage: (message) => {
      const account = store.accounts.get(message.accountSid);
      return account ? representMessage(account, message) : message;
    },
    summarize: summarizePhoneAccount,
  });
}
