import type { Courier } from "../../shared/courier.ts";
import { findNumber } from "../../shared/phone/account.ts";
import { newPhoneMessage, type PhoneMessage } from "../../shared/phone/message.ts";
import { changesOf, type Outcome } from "../../shared/phone/outcome.ts";
import type { OperationHandler } from "../../shared/serve.ts";
import { newHex, textOf } from "../../shared/values.ts";
import type { BandwidthAccount } from "./account.ts";
import { refuseField, refuseMessage } from "./errors.ts";

type Handler = OperationHandler<BandwidthAccount>;

export const FAILURE_CODES = ["4303", "4432", "4720", "4750", "4770", "5600", "9902"];

/** The words of lists for those of callbacks. */
const LISTED: Readonly<Record<string, string>> = {
  accepted: "ACCEPTED",
  "message-sending": "SENDING",
  "message-sent": "SENT",
  "message-delivered": "DELIVERED",
  "message-failed": "FAILED",
  "message-received": "RECEIVED",
};

/** `POST /users/{accountId}/messages`: accepted, whatever becomes of it. */
export function createMessage(courier: Courier<BandwidthAccount, PhoneMessage>): Handler {
  return async ({ account, body, scope }) => {
    const [to = "", ...others] = [body.to ?? []].flat().map(textOf);
    const from = textOf(body.from);
    const text = textOf(body.text);
    const mediaUrls = [body.media ?? []].flat().map(textOf);
    if (body.applicationId !== account.applicationId) {
      throw refuseField("applicationId", "application is not of this account");
    }
    if (!/^\+[1-9]\d{6,14}$/.test(to) || others.length > 0) {
      throw refuseField("to", `'${to}' must be replaced with a valid E164 formatted number`);
    }
    if (!findNumber(account, from)) throw refuseField("from", `'${from}' is not of this account`);
    if (!text && mediaUrls.length === 0) {
      throw refuseMessage(400, "request-validation", "Neither text nor media");
    }
    if (text.length > 2048) throw refuseField("text", "text must be 2048 characters or less");
    const message = newPhoneMessage(account, {
      sid: `${Date.now()}${newHex().slice(0, 16)}`,
      channel: mediaUrls.length > 0 ? "mms" : "sms",
      from,
      to,
      text,
      mediaUrls,
      status: "accepted",
      ...(mediaUrls.length > 0 ? { segmentCount: 1 } : {}),
      reference: textOf(body.tag) || null,
    });
    const answer = representAccepted(account, message);
    await courier.accept(account, message, changesOf(outcomeOf(account, message)), scope);
    return Response.json(answer, { status: 202 });
  };
}

export const listMessages: Handler = ({ account, query }) => {
  const asked = ["messageId", "sourceTn", "destinationTn"].filter((name) => query.get(name));
  if (asked.length === 0) {
    throw refuseMessage(400, "bad-request", "At least one query parameter is needed");
  }
  const since = Date.parse(query.get("fromDateTime") ?? "") || 0;
  const limit = Number(query.get("limit") ?? 100);
  const start = Number(query.get("pageToken") ?? 0);
  const messages = [...account.messages.values()].reverse()
    .filter(({ sid }) => [null, sid].includes(query.get("messageId")))
    .filter(({ from }) => [null, from].includes(query.get("sourceTn")))
    .filter(({ to }) => [null, to].includes(query.get("destinationTn")))
    .filter(({ createdAt }) => createdAt >= since);
  const hasMore = start + limit < messages.length;
  const next = new URLSearchParams(query);
  next.set("pageToken", String(start + limit));
  const base = `https://messaging.bandwidth.com/api/v2/users/${account.sid}/messages`;
  return Response.json({
    totalCount: messages.length,
    pageInfo: hasMore ? { nextPage: `${base}?${next}`, nextPageToken: next.get("pageToken") } : {},
    messages: messages.slice(start, start + limit).map(representMessage),
  });
};

/** As arranged, as the recipient asked for, or by the last four digits of their number. */
function outcomeOf(account: BandwidthAccount, { from, to, channel }: PhoneMessage): Outcome {
  const arranged = account.outcomes.get(to);
  if (arranged) return arranged;
  const start = channel === "mms" ? ["message-sending"] : [];
  const fail = (errorCode: string): Outcome => ({
    statuses: [...start, "message-failed"],
    errorCode,
  });
  if (account.optOuts.has(`${from} ${to}`)) return fail("4775");
  if (FAILURE_CODES.includes(to.slice(-4))) return fail(to.slice(-4));
  return { statuses: [...start, "message-delivered"], errorCode: null };
}

function representAccepted(
  { applicationId }: BandwidthAccount,
  message: PhoneMessage,
): Record<string, unknown> {
  return {
    id: message.sid,
    owner: message.from,
    applicationId,
    time: new Date(message.createdAt).toISOString(),
    segmentCount: message.segmentCount,
    direction: "out",
    to: [message.to],
    from: message.from,
    text: message.text,
    ...(message.mediaUrls.length > 0 ? { media: message.mediaUrls } : {}),
    ...(message.reference === null ? {} : { tag: message.reference }),
  };
}

export function representMessage(message: PhoneMessage): Record<string, unknown> {
  return {
    messageId: message.sid,
    accountId: message.accountSid,
    sourceTn: message.from,
    destinationTn: message.to,
    messageStatus: LISTED[message.status] ?? message.status,
    messageDirection: message.direction === "inbound" ? "INBOUND" : "OUTBOUND",
    messageType: message.channel,
    segmentCount: message.segmentCount,
    errorCode: Number(message.errorCode ?? 0),
    receiveTime: new Date(message.createdAt).toISOString(),
    carrierName: "other",
  };
}
