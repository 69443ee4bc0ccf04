import type { SimulatorState } from "../../state.ts";
import { offersFor } from "../../shared/phone/offers.ts";
import type { OperationHandler } from "../../shared/serve.ts";
import { findNumber } from "../../shared/phone/account.ts";
import { Cancelled } from "../../timers.ts";
import { addBandwidthNumber, type BandwidthAccount, type Order } from "./account.ts";
import { refuseXml } from "./errors.ts";
import { element, escapeXml, textsOf, xmlResponse } from "./xml.ts";

type Handler = OperationHandler<BandwidthAccount>;

const COUNTRIES: Readonly<Record<string, string>> = { USA: "US", CAN: "CA", GBR: "GB" };

export const fetchAccount: Handler = ({ account }) =>
  xmlResponse(element(
    "AccountResponse",
    element(
      "Account",
      element("AccountId", account.sid) + element("CompanyName", "Simulated company") +
        element("AccountType", "Business"),
    ),
  ));

/** The numbers of the location. */
export const listNumbers: Handler = ({ account, path, query }) => {
  checkLocation(account, path);
  const size = Number(query.get("size") ?? 5000);
  const page = Number(query.get("page") ?? 1);
  const numbers = [...account.numbers.values()];
  const url = `https://dashboard.bandwidth.com/api/v2/accounts/${account.sid}/sites/` +
    `${account.siteId}/sippeers/${account.sipPeerId}/tns?page=${page + 1}&size=${size}`;
  const next = page * size < numbers.length ? element("next", escapeXml(url)) : "";
  const shown = numbers.slice((page - 1) * size, page * size).map(({ phoneNumber }) =>
    element(
      "SipPeerTelephoneNumber",
      element("FullNumber", phoneNumber) +
        element("MessagingSettings", element("SmsEnabled", "true")),
    )
  );
  return xmlResponse(element(
    "SipPeerTelephoneNumbersResponse",
    element("Links", next) + element("SipPeerTelephoneNumbers", shown.join("")),
  ));
};

export const searchNumbers: Handler = ({ account, query }) => {
  const country = COUNTRIES[query.get("countryCodeA3") ?? ""];
  if (!country) throw refuseXml(400, "4010", "One or more required search parameters are empty");
  const isTollFree = query.get("phoneNumberType") === "TOLL_FREE";
  const areaCode = query.get("areaCode") || (isTollFree ? "833" : "");
  const offers = offersFor(account, { country, areaCode })
    .slice(0, Number(query.get("quantity") ?? 5000));
  const details = offers.map((phoneNumber) =>
    element(
      "TelephoneNumberDetail",
      element("CountryCodeA3", query.get("countryCodeA3") ?? "") +
        element("City", "SAN FRANCISCO") + element("State", "CA") +
        element("FullNumber", phoneNumber),
    )
  );
  return xmlResponse(element(
    "SearchResult",
    element("ResultCount", String(offers.length)) +
      element("TelephoneNumberDetailList", details.join("")),
  ));
};

/** `POST /orders`: received at once, completed after a while. */
export function orderNumber(state: SimulatorState): Handler {
  return ({ account, body }) => {
    const [phoneNumber = ""] = textsOf(body.xml, "TelephoneNumber");
    const [siteId] = textsOf(body.xml, "SiteId");
    if (siteId !== account.siteId) throw refuseXml(400, "5016", "The SiteId submitted is invalid.");
    if (!/^\+[1-9]\d{6,14}$/.test(phoneNumber)) {
      throw refuseXml(400, "12512", `Telephone number '${phoneNumber}' is not valid`);
    }
    const order = newOrder(account, phoneNumber, textsOf(body.xml, "CustomerOrderId")[0]);
    const answer = representOrder(order);
    void complete(state, account, order, () => {
      if (isGone(account, phoneNumber)) return false;
      addBandwidthNumber(account, phoneNumber);
      return true;
    });
    return xmlResponse(answer, 201);
  };
}

export const fetchOrder: Handler = ({ account, path }) => {
  const order = account.orders.get(path.order ?? "");
  if (!order) throw refuseXml(404, "404", "The order was not found");
  return xmlResponse(representOrder(order));
};

/** `POST /disconnects`: the number goes after a while. */
export function disconnectNumber(state: SimulatorState): Handler {
  return ({ account, body }) => {
    const [phoneNumber = ""] = textsOf(body.xml, "TelephoneNumber");
    const order = newOrder(account, phoneNumber, undefined);
    void complete(state, account, order, () => account.numbers.delete(phoneNumber));
    return xmlResponse(
      element(
        "DisconnectTelephoneNumberOrderResponse",
        element("orderRequest", element("id", order.id)) + element("OrderStatus", "RECEIVED"),
      ),
      201,
    );
  };
}

/** Somebody else took it, or it ends in 00. */
function isGone(account: BandwidthAccount, phoneNumber: string): boolean {
  return findNumber(account, phoneNumber) !== undefined || phoneNumber.endsWith("00");
}

function newOrder(
  account: BandwidthAccount,
  phoneNumber: string,
  customerOrderId = "",
): Order {
  const order: Order = {
    id: crypto.randomUUID(),
    customerOrderId,
    phoneNumber,
    status: "RECEIVED",
  };
  account.orders.set(order.id, order);
  return order;
}

async function complete(
  state: SimulatorState,
  account: BandwidthAccount,
  order: Order,
  carryOut: () => boolean,
): Promise<void> {
  const end = state.work.begin(account.sid);
  try {
    await state.timers.sleep(state.settings.receiptDelayMs);
    order.status = carryOut() ? "COMPLETE" : "FAILED";
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
  } finally {
    end();
  }
}

function representOrder({ id, customerOrderId, phoneNumber, status }: Order): string {
  const error = element("Code", "5041") +
    element("Description", `Telephone number ${phoneNumber} is not available`);
  const number = element("TelephoneNumber", element("FullNumber", phoneNumber));
  return element(
    "OrderResponse",
    (status === "FAILED" ? element("ErrorList", element("Error", error)) : "") +
      element(
        "Order",
        element("CustomerOrderId", escapeXml(customerOrderId)) + element("id", id),
      ) +
      element("OrderStatus", status) +
      (status === "COMPLETE" ? element("CompletedNumbers", number) : ""),
  );
}

export const fetchApplication: Handler = ({ account, path }) => {
  checkApplication(account, path);
  return xmlResponse(representApplication(account));
};

/** `PUT /applications/{applicationId}`: replaces all of it. */
export const updateApplication: Handler = ({ account, path, body }) => {
  checkApplication(account, path);
  const first = (name: string) => textsOf(body.xml, name)[0] ?? "";
  if (!first("ServiceType") || !first("AppName")) {
    throw refuseXml(400, "12093", "ServiceType and AppName are required");
  }
  account.callbacks = {
    inboundUrl: first("InboundCallbackUrl"),
    outboundUrl: first("OutboundCallbackUrl"),
    user: first("UserId"),
    password: first("Password"),
    types: textsOf(body.xml, "CallbackType"),
  };
  return xmlResponse(representApplication(account));
};

export const attachApplication: Handler = ({ account, path, body }) => {
  checkLocation(account, path);
  const [applicationId = ""] = textsOf(body.xml, "HttpMessagingV2AppId");
  if (applicationId !== account.applicationId) {
    throw refuseXml(404, "12062", `Application with ID ${applicationId} was not found`);
  }
  account.attachedTo = applicationId;
  const setting = element("HttpMessagingV2AppId", applicationId);
  return xmlResponse(
    element("ApplicationsSettingsResponse", element("ApplicationsSettings", setting)),
  );
};

/** Passwords are never told. */
function representApplication({ applicationId, callbacks }: BandwidthAccount): string {
  const { inboundUrl, outboundUrl, user, types } = callbacks;
  const signIn = user === "" ? "" : element("UserId", escapeXml(user));
  return element(
    "ApplicationProvisioningResponse",
    element(
      "Application",
      element("ApplicationId", applicationId) + element("ServiceType", "Messaging-V2") +
        element("AppName", "Simulated application") +
        element("InboundCallbackUrl", escapeXml(inboundUrl)) +
        element("OutboundCallbackUrl", escapeXml(outboundUrl)) +
        element("InboundCallbackCreds", signIn) +
        element(
          "RequestedCallbackTypes",
          types.map((type) => element("CallbackType", type)).join(""),
        ),
    ),
  );
}

function checkApplication(account: BandwidthAccount, path: Record<string, string>): void {
  if (path.application === account.applicationId) return;
  throw refuseXml(404, "12062", `Application with ID ${path.application} was not found`);
}

function checkLocation(account: BandwidthAccount, path: Record<string, string>): void {
  if (path.site === account.siteId && path.peer === account.sipPeerId) return;
  throw refuseXml(404, "13537", "The SipPeer was not found");
}
