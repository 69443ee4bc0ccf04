import { Hono } from "hono";
import { CallDesk } from "../calls.ts";
import type { SimulatedProvider } from "../provider.ts";
import type { SimulatorState } from "../state.ts";
import {
  fetchCountry,
  listCountries,
  searchNumbers,
} from "./twilio/available_number_operations.ts";
import { refusePath, serveOperation, type TwilioHandler } from "./twilio/call.ts";
import { createCall } from "./twilio/call_operations.ts";
import { createTwilioControl } from "./twilio/control.ts";
import { summarizeAccount } from "./twilio/control_accounts.ts";
import { addDemoAccount } from "./twilio/demo.ts";
import { FAULT_ANSWERS, json } from "./twilio/errors.ts";
import { TWILIO_HELP } from "./twilio/help.ts";
import { Inbound } from "./twilio/inbound.ts";
import {
  createMessage,
  deleteMedia,
  deleteMessage,
  fetchMedia,
  fetchMessage,
  listMedia,
  listMessages,
  updateMessage,
} from "./twilio/message_operations.ts";
import {
  buyNumber,
  fetchNumber,
  listNumbers,
  releaseNumber,
  updateNumber,
} from "./twilio/number_operations.ts";
import { Outbound } from "./twilio/outbound.ts";
import { NUMBER_KINDS } from "./twilio/phone_number.ts";
import { representAccount, representMessage } from "./twilio/representation.ts";
import { TwilioStore } from "./twilio/store.ts";
import { fetchBalance, listUsage, USAGE_SPANS } from "./twilio/usage_operations.ts";

type Method = "GET" | "POST" | "DELETE";
type Route = readonly [Method, path: string, operation: string, TwilioHandler];

const KINDS = ["Local", "TollFree", "Mobile"] as const;
const JSON_FILE = "{[^/]+\\.json}";

/** Twilio's REST API, version 2010-04-01, over the shared state. */
export function createTwilio(state: SimulatorState): SimulatedProvider {
  const store = new TwilioStore(state.settings.maximumMessages);
  const desk = new CallDesk(state, "twilio", FAULT_ANSWERS);
  const outbound = new Outbound(state, store);
  const inbound = new Inbound(state, store, outbound);
  const routes = listRoutes(state, store, outbound);
  const api = new Hono();
  for (const [method, path, operation, handle] of routes) {
    api.on(method, `/2010-04-01/Accounts${path}`, serveOperation(store, desk, operation, handle));
  }
  for (const path of ["/2010-04-01/Accounts/:account/*", "*"]) {
    api.all(path, serveOperation(store, desk, "unknown", refusePath));
  }
  addDemoAccount(store);
  return {
    id: "twilio",
    hosts: ["api.twilio.com"],
    operations: [...new Set(routes.map(([, , operation]) => operation)), "unknown"],
    help: TWILIO_HELP,
    api,
    control: createTwilioControl(store, outbound, inbound),
    reset() {
      store.clear();
      addDemoAccount(store);
    },
    listMessages: ({ accountSid, to }) =>
      [...store.messages()]
        .filter((message) => accountSid === undefined || message.accountSid === accountSid)
        .filter((message) => to === undefined || message.to === to)
        .map(representMessage),
    listAccounts: () => [...store.accounts.values()].map(summarizeAccount),
  };
}

function listRoutes(state: SimulatorState, store: TwilioStore, outbound: Outbound): Route[] {
  const account = "/:account";
  const numbers = `${account}/IncomingPhoneNumbers`;
  const offers = `${account}/AvailablePhoneNumbers`;
  const messages = `${account}/Messages`;
  const usage = `${account}/Usage/Records`;
  return [
    [
      "GET",
      `/:account${JSON_FILE}`,
      "accounts.fetch",
      (call) => json(representAccount(call.account)),
    ],
    ["GET", `${account}/Balance.json`, "balance.fetch", fetchBalance],
    ["GET", `${numbers}.json`, "numbers.list", listNumbers()],
    ["POST", `${numbers}.json`, "numbers.create", buyNumber()],
    ...KINDS.flatMap((kind): Route[] => [
      ["GET", `${numbers}/${kind}.json`, "numbers.list", listNumbers(NUMBER_KINDS[kind])],
      ["POST", `${numbers}/${kind}.json`, "numbers.create", buyNumber(NUMBER_KINDS[kind])],
      ["GET", `${offers}/:country/${kind}.json`, "available_numbers.list", searchNumbers(kind)],
    ]),
    ["GET", `${numbers}/:number${JSON_FILE}`, "numbers.fetch", fetchNumber],
    ["POST", `${numbers}/:number${JSON_FILE}`, "numbers.update", updateNumber],
    ["DELETE", `${numbers}/:number${JSON_FILE}`, "numbers.delete", releaseNumber],
    ["GET", `${offers}.json`, "available_countries.list", listCountries],
    ["GET", `${offers}/:country${JSON_FILE}`, "available_countries.fetch", fetchCountry],
    ["POST", `${messages}.json`, "messages.create", createMessage(outbound)],
    ["GET", `${messages}.json`, "messages.list", listMessages],
    ["GET", `${messages}/:message${JSON_FILE}`, "messages.fetch", fetchMessage],
    ["POST", `${messages}/:message${JSON_FILE}`, "messages.update", updateMessage],
    ["DELETE", `${messages}/:message${JSON_FILE}`, "messages.delete", deleteMessage(store)],
    ["GET", `${messages}/:message/Media.json`, "media.list", listMedia],
    ["GET", `${messages}/:message/Media/:media`, "media.fetch", fetchMedia],
    ["DELETE", `${messages}/:message/Media/:media${JSON_FILE}`, "media.delete", deleteMedia],
    ["POST", `${account}/Calls.json`, "calls.create", createCall(state)],
    ["GET", `${usage}.json`, "usage.list", listUsage()],
    ...USAGE_SPANS.map((span): Route => [
      "GET",
      `${usage}/${span}.json`,
      "usage.list",
      listUsage(span),
    ]),
  ];
}
