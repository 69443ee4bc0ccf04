import { json } from "../../shared/answers.ts";
import type { Courier } from "../../shared/courier.ts";
import { newPhoneMessage, type PhoneMessage } from "../../shared/phone/message.ts";
import type { RuleAccount } from "../../shared/phone/rule_account.ts";
import { acceptText, outcomeOf } from "../../shared/phone/rule_outcome.ts";
import type { Call, Route } from "../../shared/serve.ts";
import { listOf, newHex, textOf } from "../../shared/values.ts";
import { channelRoutes } from "./channel_routes.ts";
import { fail, listAnswer } from "./answers.ts";
import { numberRoutes } from "./number_routes.ts";
import { DEFAULT_ERROR_CODE, msisdn, textWord } from "./words.ts";

const PRICE = 0.05;

/** https://developers.messagebird.com/api (read 2026-11-20) */
export function messageBirdRoutes(
  courier: Courier<RuleAccount, PhoneMessage>,
): Route<RuleAccount>[] {
  return [
    [
      "GET",
      "/balance",
      "balance.fetch",
      ({ account }) =>
        json({ payment: "prepaid", type: "euros", amount: Number(account.balance.toFixed(2)) }),
    ],
    ["POST", "/messages", "messages.create", send(courier, "sms")],
    ["GET", "/messages", "messages.list", listMessages],
    ["GET", "/messages/:message", "messages.fetch", ({ account, path }) => {
      const message = account.messages.get(path.message ?? "");
      return message?.channel === "sms"
        ? json(describe(message))
        : fail(404, 20, "message not found", null);
    }],
    ["POST", "/mms", "mms.create", send(courier, "mms")],
    ...numberRoutes(),
    ...channelRoutes(courier),
  ];
}

function send(courier: Courier<RuleAccount, PhoneMessage>, channel: "sms" | "mms") {
  return async ({ account, body, scope }: Call<RuleAccount>): Promise<Response> => {
    const recipients = listOf(body.recipients);
    const mediaUrls = listOf(body.mediaUrls).map(String);
    const [originator, text, reference] = [body.originator, body.body, body.reference].map(textOf);
    const [to] = recipients;
    if (recipients.length !== 1 || !/^[1-9]\d{6,14}$/.test(String(to))) {
      return fail(422, 9, "no (correct) recipients found", "recipient");
    }
    if (!originator) return fail(422, 9, "originator is required", "originator");
    if (!text && mediaUrls.length === 0) {
      return fail(422, 9, "body is required", "body");
    }
    if (account.balance < PRICE) return fail(422, 25, "Not enough balance", null);
    const message = newPhoneMessage(account, {
      sid: newHex(),
      channel,
      from: /^\d{7,}$/.test(originator) ? `+${originator}` : originator,
      to: `+${to}`,
      text: text ?? "",
      mediaUrls,
      status: "queued",
      reference: reference || null,
      // Without a reference there are no reports.
      statusUrl: reference ? textOf(body.reportUrl) || null : null,
    });
    const outcome = outcomeOf(account, message.to, DEFAULT_ERROR_CODE);
    await acceptText(courier, account, message, scope, outcome);
    return json({ ...describe(message), ...statusOf({ ...message, status: "queued" }) }, 201);
  };
}

function describe(message: PhoneMessage): Record<string, unknown> {
  return {
    id: message.sid,
    href: `https://rest.messagebird.com/messages/${message.sid}`,
    direction: message.direction === "inbound" ? "mo" : "mt",
    type: "sms",
    originator: msisdn(message.from),
    body: message.text,
    reference: message.reference,
    validity: null,
    gateway: 10,
    typeDetails: {},
    datacoding: "plain",
    mclass: 1,
    scheduledDatetime: null,
    createdDatetime: dateTime(message.createdAt),
    ...statusOf(message),
  };
}

function statusOf(message: PhoneMessage): Record<string, unknown> {
  const isDelivered = message.status === "delivered";
  return {
    recipients: {
      totalCount: 1,
      totalSentCount: 1,
      totalDeliveredCount: isDelivered ? 1 : 0,
      totalDeliveryFailedCount: 0,
      items: [{
        recipient: Number(msisdn(message.to)),
        status: textWord(message.status),
        statusDatetime: dateTime(Date.now()),
        messagePartCount: 1,
        ...(message.errorCode === null ? {} : { statusErrorCode: Number(message.errorCode) }),
        ...(isDelivered ? { price: { amount: PRICE, currency: "EUR" } } : {}),
      }],
    },
  };
}

function listMessages({ account, query }: Call<RuleAccount>): Response {
  const since = Date.parse(query.get("from") ?? "") || 0;
  const wanted = (name: string, value: string) =>
    !query.has(name) || query.get(name) === msisdn(value);
  const found = [...account.messages.values()].reverse().filter((message) =>
    message.channel === "sms" && message.createdAt >= since &&
    wanted("originator", message.from) && wanted("recipient", message.to)
  );
  return listAnswer(found.map(describe), query);
}

/** Without parts of a second, and with `+00:00`. */
function dateTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, "+00:00");
}
