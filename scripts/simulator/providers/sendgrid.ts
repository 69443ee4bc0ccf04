import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import {
  bearerOf,
  findByCredential,
  type MailStore,
  newMailAccount,
  summarizeMailAccount,
} from "../shared/mail/account.ts";
import { mailControl, mailControlHelp } from "../shared/mail/control.ts";
import { Refusal } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { listOf, newHex, recordOf, textOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import { refuse, SENDGRID_FAULT_ANSWERS } from "./sendgrid/answers.ts";
import { listSendgridRoutes, newMessageSid } from "./sendgrid/operations.ts";
import { sendgridVoice } from "./sendgrid/webhooks.ts";

const DEMO_KEYS = { api_key: "SG.demo.demo00000000" };
const HELP = `SendGrid (api.sendgrid.com)
  Demo account   API key ${DEMO_KEYS.api_key}, sender demo@demo.example
  Recipients     delivered, unless the name is bounced, dropped, deferred, opened, complained,
                 unsubscribed or processed, at any domain
${mailControlHelp("sendgrid", DEMO_KEYS)}`;

/** SendGrid's v3 API, as far as the product uses it. */
export function createSendgrid(state: SimulatorState): SimulatedProvider {
  const store: MailStore = new Store(state.settings.maximumMessages);
  const courier = new Courier(state, store, sendgridVoice);
  return simulate(state, store, courier, {
    id: "sendgrid",
    hosts: ["api.sendgrid.com"],
    help: HELP,
    faultAnswers: SENDGRID_FAULT_ANSWERS,
    reception: {
      authenticate(request) {
        const account = findByCredential(store, "api_key", bearerOf(request));
        if (account) return account;
        throw new Refusal(refuse(401, "authorization required"));
      },
      addressesOf: ({ personalizations }) =>
        listOf(personalizations).flatMap((one) => listOf(recordOf(one).to))
          .map((recipient) => textOf(recordOf(recipient).email).toLowerCase()),
    },
    routes: listSendgridRoutes(courier),
    notFound: () => refuse(404, "not found"),
    newDemoAccount: () => newMailAccount("demo", DEMO_KEYS, ["demo@demo.example"]),
    control: mailControl(store, {
      newCredentials: () => ({
        api_key: `SG.${newMessageSid()}.${(newHex() + newHex()).slice(0, 43)}`,
      }),
      newMessageSid,
    }),
    showMessage: (message) => message,
    summarize: summarizeMailAccount,
  });
}
