import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import {
  findByCredential,
  type MailStore,
  newMailAccount,
  summarizeMailAccount,
} from "../shared/mail/account.ts";
import { mailControl, mailControlHelp } from "../shared/mail/control.ts";
import { bareAddress } from "../shared/mail/message.ts";
import { Refusal } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { textOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import { POSTMARK_FAULT_ANSWERS, refuse } from "./postmark/answers.ts";
import { listPostmarkRoutes } from "./postmark/operations.ts";
import { postmarkVoice } from "./postmark/webhooks.ts";

const DEMO_TOKENS = {
  server_token: "de000000-0000-4000-8000-00000000de00",
  account_token: "acc00000-0000-4000-8000-00000000acc0",
};
const HELP = `Postmark (api.postmarkapp.com)
  Demo account   server token ${DEMO_TOKENS.server_token}, sender demo@demo.example
  Recipients     as for SendGrid
${mailControlHelp("postmark", DEMO_TOKENS)}`;

/** Postmark's API, as far as the product uses it. */
export function createPostmark(state: SimulatorState): SimulatedProvider {
  const store: MailStore = new Store(state.settings.maximumMessages);
  const courier = new Courier(state, store, postmarkVoice);
  return simulate(state, store, courier, {
    id: "postmark",
    hosts: ["api.postmarkapp.com"],
    help: HELP,
    faultAnswers: POSTMARK_FAULT_ANSWERS,
    reception: {
      authenticate({ url, headers }) {
        const isOfAccount = /\/(senders|domains)$/.test(new URL(url).pathname);
        const name = isOfAccount ? "account_token" : "server_token";
        const token = headers.get(`x-postmark-${name.replace("_", "-")}`);
        const account = findByCredential(store, name, token);
        if (account) return account;
        throw new Refusal(refuse(401, 10, "No Account or Server API tokens were supplied."));
      },
      addressesOf: ({ To }) => textOf(To).split(",").map(bareAddress),
    },
    routes: listPostmarkRoutes(courier),
    notFound: () => refuse(404, 404, "Not found"),
    newDemoAccount: () => newMailAccount("demo", DEMO_TOKENS, ["demo@demo.example"]),
    control: mailControl(store, {
      newCredentials: () => ({
        server_token: crypto.randomUUID(),
        account_token: crypto.randomUUID(),
      }),
      newMessageSid: () => crypto.randomUUID(),
    }),
    showMessage: (message) => message,
    summarize: summarizeMailAccount,
  });
}
