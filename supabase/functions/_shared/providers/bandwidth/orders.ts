import {
  type NumberOrder,
  type NumberPurchase,
  type Operation,
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { allAt, textAt, writeXml } from "../xml.ts";
import { findXmlError } from "./errors.ts";
import { toOwnedNumber } from "./numbers.ts";
import { accountRequest, readXml } from "./request.ts";
import { toE164 } from "./words.ts";

const E164 = /^\+[1-9]\d{6,14}$/;

/** Letters, digits, dashes and spaces, at most 40: the rest of a reference is left out. */
function toCustomerOrderId(reference: string): string {
  return reference.replaceAll(/[^A-Za-z0-9-]/g, "-").slice(0, 40);
}

function numberList(phoneNumber: string): string {
  if (!E164.test(phoneNumber)) throw new Error("the number is not in E.164");
  return writeXml("TelephoneNumberList", [writeXml("TelephoneNumber", phoneNumber)]);
}

/** What is ordered is bought some seconds to days later: `readNumberOrder` tells. */
export const purchaseBandwidthNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest({ phoneNumber, friendlyName, reference }, credentials, context) {
    const { site_id = "", sip_peer_id = "" } = credentials;
    const xml = writeXml("Order", [
      writeXml("CustomerOrderId", toCustomerOrderId(reference)),
      ...(friendlyName ? [writeXml("Name", friendlyName)] : []),
      writeXml("ExistingTelephoneNumberOrderType", [numberList(phoneNumber)]),
      writeXml("SiteId", site_id),
      writeXml("PeerId", sip_peer_id),
    ]);
    return accountRequest(credentials, context, "POST", "/orders", { xml });
  },
  readResponse(response) {
    const root = readXml(response, "OrderResponse");
    const orderId = textAt(root, "Order", "id");
    if (!orderId) throw new UnreadableAnswerError("no order id");
    return { state: "pending", orderId };
  },
};

export const readBandwidthOrder: Operation<{ orderId: string }, NumberOrder> = {
  toRequest({ orderId }, credentials, context) {
    if (!/^[0-9A-Za-z-]{1,64}$/.test(orderId)) throw new Error("no Bandwidth identifier");
    return accountRequest(credentials, context, "GET", `/orders/${orderId}`);
  },
  readResponse(response, { orderId }) {
    const root = readXml(response, "OrderResponse");
    const status = textAt(root, "OrderStatus");
    if (!status) throw new UnreadableAnswerError("no OrderStatus");
    // An order is for one number: in part is all of it, or nothing.
    const [completed] = allAt(root, "CompletedNumbers", "TelephoneNumber", "FullNumber");
    if (completed && ["COMPLETE", "PARTIAL"].includes(status)) {
      return { state: "completed", number: toOwnedNumber(toE164(completed.text.trim()), true) };
    }
    if (status === "COMPLETE") throw new UnreadableAnswerError("no completed number");
    return status === "FAILED" || status === "PARTIAL"
      ? { state: "failed", reason: findXmlError(root)?.description ?? `order ${status}` }
      : { state: "pending", orderId };
  },
};

/** Disconnects are orders, too; one that was received is carried out without our help. */
export const releaseBandwidthNumber: Operation<{ phoneNumber: string }, void> = {
  toRequest({ phoneNumber }, credentials, context) {
    const xml = writeXml("DisconnectTelephoneNumberOrder", [
      writeXml("DisconnectTelephoneNumberOrderType", [numberList(phoneNumber)]),
    ]);
    return accountRequest(credentials, context, "POST", "/disconnects", { xml });
  },
  readResponse(response) {
    const root = readXml(response, "DisconnectTelephoneNumberOrderResponse");
    const error = findXmlError(root);
    if (error) {
      const { code: providerCode, description: message } = error;
      throw new RefusedAnswerError({ ...meaningOf("rejected"), providerCode, message });
    }
    if (!textAt(root, "orderRequest", "id")) throw new UnreadableAnswerError("no order id");
  },
};
