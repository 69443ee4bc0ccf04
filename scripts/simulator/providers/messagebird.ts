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
import { Refusal } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { listOf, newHex } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import { fail, FAULT_ANSWERS } from "./messagebird/answers.ts";
import { messageBirdRoutes } from "./messagebird/routes.ts";
import { messageBirdVoice } from "./messagebird/webhooks.ts";
import { DEFAULT_ERROR_CODE } from "./messagebird/words.ts";

const DEMO = {
  sid: "messagebird-demo",
  credentials: {
    access_key: "demoDemoDemoDemoDemoDemo1",
    signing_key: "demoSigningKeyDemoSigningKey",
    whatsapp_channel_id: "de".repeat(16),
    flow_url: "",
  },
  numbers: ["+3197010260188", "+14155550150"],
};

/**
 * MessageBird's classic APIs: messages, numbers and conversations. An account has the URL of the flow
 * that its numbers follow among its credentials, since no API of MessageBird's sets it.
 */
export function createMessageBird(state: SimulatorState): SimulatedProvider {
  const store = new Store<RuleAccount, PhoneMessage>(state.settings.maximumMessages);
  const courier = new Courier(state, store, messageBirdVoice);
  return simulate(state, store, courier, {
    id: "messagebird",
    hosts: [
      "rest.messagebird.com",
      "numbers.messagebird.com",
      "conversations.messagebird.com",
    ],
    help: `MessageBird (rest, numbers and conversations.messagebird.com)
  Demo account   ${DEMO.credentials.access_key}
  Signing key    ${DEMO.credentials.signing_key}
  WhatsApp       ${DEMO.credentials.whatsapp_channel_id}
  Numbers        ${DEMO.numbers.join(", ")}
  Recipients     delivered, unless the last five digits are 00300 or 00301: undelivered
  Accounts have a flow_url, to which inbound SMS are forwarded
${ruleControlHelp("messagebird", DEMO.credentials)}`,
    faultAnswers: FAULT_ANSWERS,
    reception: {
      authenticate(request) {
        const given = request.headers.get("authorization");
        const account = store.findAccount(({ credentials }) =>
          given === `AccessKey ${credentials.access_key}`
        );
        if (account) return account;
        const description = "Request not allowed (incorrect access_key)";
        throw new Refusal(fail(401, 2, description, "access_key"));
      },
      addressesOf: ({ originator, recipients, to, number }) =>
        [originator, ...listOf(recipients), to, number]
          .filter((address): address is string => typeof address === "string")
          .map((address) => /^\d{7,}$/.test(address) ? `+${address}` : address),
    },
    routes: messageBirdRoutes(courier),
    notFound: () => fail(404, 20, "not found", null),
    newDemoAccount: () => newRuleAccount(DEMO.sid, DEMO.credentials, DEMO.numbers),
    control: ruleControl(store, {
      newAccountSid: () => `messagebird-${newHex().slice(0, 12)}`,
      newCredentials: () => ({
        access_key: newHex().slice(0, 25),
        signing_key: newHex(),
        whatsapp_channel_id: newHex(),
        flow_url: "",
      }),
      newMessageSid: newHex,
      defaultErrorCode: DEFAULT_ERROR_CODE,
    }),
    showMessage,
    summarize: summarizeRuleAccount,
  });
}
