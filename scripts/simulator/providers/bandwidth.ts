import { randomBytes } from "node:crypto";
import type { SimulatedProvider } from "../provider.ts";
import { Courier } from "../shared/courier.ts";
import { readByContentType } from "../shared/bodies.ts";
import { phoneControl, phoneControlHelp, summarizePhoneAccount } from "../shared/phone/control.ts";
import type { PhoneMessage } from "../shared/phone/message.ts";
import { type OperationHandler, type Reception, Refusal, type Route } from "../shared/serve.ts";
import { simulate } from "../shared/simulate.ts";
import { Store } from "../shared/store.ts";
import { textOf } from "../shared/values.ts";
import type { SimulatorState } from "../state.ts";
import {
  type BandwidthAccount,
  DEMO,
  describeBandwidthAccount,
  newDemoAccount,
  readBandwidthAccount,
} from "./bandwidth/account.ts";
import { FAULT_ANSWERS, refuseMessage, refuseXml } from "./bandwidth/errors.ts";
import {
  createMessage,
  FAILURE_CODES,
  listMessages,
  representMessage,
} from "./bandwidth/messages.ts";
import {
  attachApplication,
  disconnectNumber,
  fetchAccount,
  fetchApplication,
  fetchOrder,
  listNumbers,
  orderNumber,
  searchNumbers,
  updateApplication,
} from "./bandwidth/numbers.ts";
import { bandwidthVoice } from "./bandwidth/webhook.ts";
import { textsOf, withoutPasswords } from "./bandwidth/xml.ts";

const HELP = `Bandwidth (messaging.bandwidth.com, dashboard.bandwidth.com, api.bandwidth.com)
  Demo account   ${DEMO.account_sid}
  Client         ${DEMO.client_id}, ${DEMO.client_secret}
  Application    ${DEMO.application_id}, site ${DEMO.site_id}, SIP peer ${DEMO.sip_peer_id}
  Numbers        ${DEMO.numbers.join(", ")}
  Recipients     delivered, unless the last four digits are an error code:
                 ${FAILURE_CODES.join(", ")}
  Orders         complete after the receipt delay, unless the number ends in 00
${
  phoneControlHelp(
    "bandwidth",
    "client_id, client_secret, application_id, site_id, sip_peer_id, numbers",
  )
}`;

/** As much of Bandwidth's APIs for messages, numbers and tokens as the product uses. */
export function createBandwidth(state: SimulatorState): SimulatedProvider {
  const store = new Store<BandwidthAccount, PhoneMessage>(state.settings.maximumMessages);
  const courier = new Courier(state, store, bandwidthVoice);
  const reception: Reception<BandwidthAccount> = {
    authenticate: (request, operation) =>
      operation === "tokens.create"
        ? authenticateClient(store, request)
        : authenticateToken(store, request),
    readBody: readByContentType,
    redact: withoutPasswords,
    addressesOf: (body) =>
      [body.from, body.to, textsOf(body.xml, "TelephoneNumber")].flat(2).map(textOf)
        .filter((number) => number !== ""),
  };
  const account = "/api/v2/accounts/:account";
  const location = `${account}/sites/:site/sippeers/:peer`;
  const routes: Route<BandwidthAccount>[] = [
    ["POST", "/api/v1/oauth2/token", "tokens.create", createToken],
    ["POST", "/api/v2/users/:account/messages", "messages.create", createMessage(courier)],
    ["GET", "/api/v2/users/:account/messages", "messages.list", listMessages],
    ["GET", account, "accounts.fetch", fetchAccount],
    ["GET", `${location}/tns`, "numbers.list", listNumbers],
    ["GET", `${account}/availableNumbers`, "available_numbers.list", searchNumbers],
    ["POST", `${account}/orders`, "numbers.create", orderNumber(state)],
    ["GET", `${account}/orders/:order`, "number_orders.fetch", fetchOrder],
    ["POST", `${account}/disconnects`, "numbers.delete", disconnectNumber(state)],
    ["GET", `${account}/applications/:application`, "applications.fetch", fetchApplication],
    ["PUT", `${account}/applications/:application`, "applications.update", updateApplication],
    [
      "PUT",
      `${location}/products/messaging/applicationSettings`,
      "locations.update",
      attachApplication,
    ],
  ];
  return simulate(state, store, courier, {
    id: "bandwidth",
    hosts: ["messaging.bandwidth.com", "dashboard.bandwidth.com", "api.bandwidth.com"],
    help: HELP,
    faultAnswers: FAULT_ANSWERS,
    reception,
    routes,
    notFound: () => refuseMessage(404, "resource-not-found", "The resource was not found").response,
    newDemoAccount,
    control: phoneControl({
      newAccount: readBandwidthAccount,
      describe: describeBandwidthAccount,
      inboundStatus: "message-received",
    }),
    showMessage: representMessage,
    summarize: summarizePhoneAccount,
  });
}

/** `POST /api/v1/oauth2/token` with `grant_type=client_credentials`. */
const createToken: OperationHandler<BandwidthAccount> = ({ account, body }) => {
  if (body.grant_type !== "client_credentials") {
    throw new Refusal(Response.json({ error: "unsupported_grant_type" }, { status: 400 }));
  }
  const accessToken = randomBytes(32).toString("hex");
  account.accessTokens.add(accessToken);
  return Response.json({ access_token: accessToken, token_type: "Bearer", expires_in: 3600 });
};

function authenticateClient(store: Store<BandwidthAccount, PhoneMessage>, request: Request) {
  const [, encoded = ""] = /^Basic (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const account = store.findAccount(({ clientId, clientSecret }) =>
    encoded === btoa(`${clientId}:${clientSecret}`)
  );
  if (account) return account;
  throw new Refusal(Response.json({ error: "invalid_client" }, { status: 401 }));
}

/** A token opens what belongs to its account. */
function authenticateToken(store: Store<BandwidthAccount, PhoneMessage>, request: Request) {
  const [, token = ""] = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const { pathname } = new URL(request.url);
  const isXml = pathname.startsWith("/dashboard.");
  const account = store.findAccount((one) => one.accessTokens.has(token));
  if (!account) {
    throw isXml
      ? refuseXml(401, "401", "Authentication failed")
      : refuseMessage(401, "unauthorized", "Authentication Failed");
  }
  const named = /\/(?:accounts|users)\/([^/]+)/.exec(pathname)?.[1];
  if (named === account.sid) return account;
  throw isXml
    ? refuseXml(403, "403", "Access denied")
    : refuseMessage(403, "forbidden", "Access Denied");
}
