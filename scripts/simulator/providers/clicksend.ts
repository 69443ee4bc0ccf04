import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import type { PhoneMessage } from "../shared/phone/message.ts";
import {
  newRuleAccount,
  type RuleAccount,
  showMessage,
  summarizeRuleAccount,
} from "../shared/phone/rule_account.ts";
import { ruleControl, ruleControlHelp } from "../shared/phone/rule_control.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { listOf, newHex, recordOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import { authenticate } from "./clicksend/authenticate.ts";
import { FAULT_ANSWERS, refuse } from "./clicksend/envelope.ts";
import { clickSendRoutes, DEFAULT_ERROR_CODE, newMessageSid } from "./clicksend/routes.ts";
import { clickSendVoice } from "./clicksend/webhooks.ts";

const DEMO = {
  sid: "1000",
  credentials: {
    username: "demo@simulator.example",
    api_key: "DE00DE00-DE00-DE00-DE00-DE00DE00DE00",
  },
  numbers: ["+61491570006", "+14155550140"],
};

/** ClickSend's REST API, version 3. */
export function createClickSend(state: SimulatorState): SimulatedProvider {
  const store = new Store<RuleAccount, PhoneMessage>(state.settings.maximumMessages);
  const courier = new Courier(state, store, clickSendVoice);
  let accounts = 1000;
  return simulate(state, store, courier, {
    id: "clicksend_sms",
    hosts: ["rest.clicksend.com"],
    help: `ClickSend (rest.clicksend.com)
  Demo account   ${DEMO.credentials.username}
  API key        ${DEMO.credentials.api_key}
  Numbers        ${DEMO.numbers.join(", ")}
  Recipients     delivered, unless the last five digits are 00300 or 00301: undelivered;
                 00001 invalid, 00402 without credit, 00429 throttled, each inside an answer of 200
${ruleControlHelp("clicksend_sms", DEMO.credentials)}`,
    faultAnswers: FAULT_ANSWERS,
    reception: {
      authenticate: (request) => authenticate(store, request),
      addressesOf: ({ messages }) =>
        listOf(messages).map(recordOf)
          .flatMap(({ to, from }) => [to, from])
          .filter((address): address is string => typeof address === "string"),
    },
    routes: clickSendRoutes(courier),
    notFound: () => refuse(404, "NOT_FOUND", "Resource not found."),
    newDemoAccount: () => newRuleAccount(DEMO.sid, DEMO.credentials, DEMO.numbers),
    control: ruleControl(store, {
      newAccountSid: () => String(++accounts),
      newCredentials: () => ({
        username: `pigeon-${newHex().slice(0, 8)}@coop.example`,
        api_key: crypto.randomUUID().toUpperCase(),
      }),
      newMessageSid,
      defaultErrorCode: DEFAULT_ERROR_CODE,
    }),
    showMessage,
    summarize: summarizeRuleAccount,
  });
}
