import { offersFor } from "../../shared/phone/offers.ts";
import type { Courier } from "../../shared/courier.ts";
import { findNumber, isWithinWindow } from "../../shared/phone/account.ts";
import { newPhoneMessage, type PhoneMessage } from "../../shared/phone/message.ts";
import { changesOf, type Outcome } from "../../shared/phone/outcome.ts";
import type { OperationHandler } from "../../shared/serve.ts";
import { textOf } from "../../shared/values.ts";
import type { SimulatorState } from "../../state.ts";
import { Cancelled } from "../../timers.ts";
import { addTelnyxNumber, type Order, type TelnyxAccount } from "./account.ts";
import { refuse } from "./errors.ts";
import { representMessage, representNumber, representOrder } from "./representation.ts";
import { orderWebhook } from "./webhooks.ts";

type Handler = OperationHandler<TelnyxAccount>;

const DELIVERED: Outcome = { statuses: ["sent", "delivered"], errorCode: null };
/** A recipient that ends in one of these gets the message `delivery_failed` with that error. */
export const UNDELIVERED_CODES = ["40001", "40002", "40003", "40006", "40008"];

function outcomeFor(account: TelnyxAccount, message: PhoneMessage, isTemplate: boolean): Outcome {
  const arranged = account.outcomes.get(message.to);
  if (arranged) return arranged;
  if (message.channel === "whatsapp" && !isTemplate && !isWithinWindow(account, message)) {
    return { statuses: ["sending_failed"], errorCode: "131047" };
  }
  const suffix = message.to.slice(-5);
  return UNDELIVERED_CODES.includes(suffix)
    ? { statuses: ["sent", "delivery_failed"], errorCode: suffix }
    : DELIVERED;
}

export function createMessage(courier: Courier<TelnyxAccount, PhoneMessage>): Handler {
  return async ({ account, body, scope }) => {
    const from = textOf(body.from);
    const to = textOf(body.to);
    const whatsApp = body.whatsapp_message as Record<string, Record<string, unknown>> | undefined;
    const media = whatsApp?.image ?? whatsApp?.audio ?? whatsApp?.video ?? whatsApp?.document;
    const mediaUrls = media
      ? [textOf(media.link)]
      : (body.media_urls as string[] | undefined) ?? [];
    const text = textOf(media?.caption ?? whatsApp?.text?.body ?? body.text);
    if (!/^\+[1-9]\d{6,14}$/.test(to) || to.endsWith("40310")) throw refuse(400, "40310");
    if (/^\+/.test(from) && !findNumber(account, from)) throw refuse(400, "40305");
    if (text === "" && mediaUrls.length === 0 && !whatsApp?.template) throw refuse(422, "10015");
    const hasStopped = !whatsApp && account.optOuts.has(`${from} ${to}`);
    if (hasStopped || to.endsWith("40300")) throw refuse(409, "40300");
    const message = newPhoneMessage(account, {
      channel: whatsApp ? "whatsapp" : mediaUrls.length > 0 ? "mms" : "sms",
      from,
      to,
      text,
      mediaUrls,
      status: "queued",
      statusUrl: textOf(body.webhook_url) || null,
    });
    const answer = Response.json({ data: representMessage(account, message) });
    const outcome = outcomeFor(account, message, whatsApp?.template !== undefined);
    await courier.accept(account, message, changesOf(outcome), scope);
    return answer;
  };
}

export const fetchMessage: Handler = ({ account, path }) => {
  const message = account.messages.get(path.message ?? "");
  if (!message || message.kind !== "message") throw refuse(404, "10005");
  return Response.json({ data: representMessage(account, message) });
};

const CALLED: Outcome = {
  statuses: ["initiated", "ringing", "in-progress", "completed"],
  errorCode: null,
};

export function createCall(courier: Courier<TelnyxAccount, PhoneMessage>): Handler {
  return async ({ account, body, path, scope }) => {
    if (path.connection !== account.connectionId) throw refuse(404, "10005");
    const message = newPhoneMessage(account, {
      sid: `v3:${crypto.randomUUID()}`,
      kind: "call",
      from: textOf(body.From),
      to: textOf(body.To),
      text: textOf(body.Texml),
      status: "queued",
      segmentCount: 0,
      statusUrl: textOf(body.StatusCallback) || null,
    });
    const { sid: call_sid, from, to, status } = message;
    const outcome = account.outcomes.get(to) ?? CALLED;
    await courier.accept(account, message, changesOf(outcome), scope);
    return Response.json({ call_sid, from, to, status });
  };
}

function representProfile({ sid, profile }: TelnyxAccount): Record<string, unknown> {
  return {
    record_type: "messaging_profile",
    id: profile.id,
    organization_id: sid,
    name: "Simulated profile",
    enabled: true,
    webhook_url: profile.webhookUrl,
    webhook_failover_url: profile.failoverUrl,
    webhook_api_version: "2",
    whitelisted_destinations: ["US", "CA", "GB"],
    v1_secret: "not-a-secret-of-anything",
  };
}

export const profile: Handler = ({ account, body, path }) => {
  if (path.profile !== account.profile.id) throw refuse(404, "10005");
  if ("webhook_url" in body) account.profile.webhookUrl = textOf(body.webhook_url) || null;
  if ("webhook_failover_url" in body) {
    account.profile.failoverUrl = textOf(body.webhook_failover_url) || null;
  }
  return Response.json({ data: representProfile(account) });
};

export const listNumbers: Handler = ({ account, query }) => {
  const wanted = query.get("filter[phone_number]");
  const size = Number(query.get("page[size]") ?? 20);
  const page = Number(query.get("page[number]") ?? 1);
  const numbers = [...account.numbers.values()]
    .filter(({ phoneNumber }) => wanted === null || phoneNumber === wanted);
  return Response.json({
    data: numbers.slice((page - 1) * size, page * size).map(representNumber),
    meta: {
      page_number: page,
      page_size: size,
      total_pages: Math.max(1, Math.ceil(numbers.length / size)),
      total_results: numbers.length,
    },
  });
};

export const configureNumber: Handler = ({ account, body, path }) => {
  const number = account.numbers.get(path.number ?? "");
  if (!number) throw refuse(404, "10005");
  number.attachedTo = textOf(body.messaging_profile_id) || null;
  return Response.json({ data: representNumber(number) });
};

export const releaseNumber: Handler = ({ account, path }) => {
  const number = account.numbers.get(path.number ?? "");
  if (!number) throw refuse(404, "10005");
  account.numbers.delete(number.id);
  const { id, phoneNumber } = number;
  return Response.json({
    data: { id, phone_number: phoneNumber, record_type: "phone_number", status: "deleted" },
  });
};

export const searchNumbers: Handler = ({ account, query }) => {
  const read = (name: string) => query.get(`filter[${name}]`) ?? "";
  const country = read("country_code");
  const offers = offersFor(account, {
    country,
    areaCode: read("national_destination_code"),
    contains: read("phone_number][contains"),
  });
  const data = offers.slice(0, Number(read("limit") || 20)).map((phone_number) => ({
    record_type: "available_phone_number",
    phone_number,
    features: ["sms", ...(country === "GB" ? [] : ["mms"]), "voice"].map((name) => ({ name })),
    region_information: [{ region_type: "country_code", region_name: country }],
    cost_information: { upfront_cost: "1.00", monthly_cost: "1.00", currency: "USD" },
  }));
  return Response.json({ data, meta: { total_results: data.length, best_effort_results: 0 } });
};

/** Completes by itself, after as long as a message takes from one status to the next. */
export function orderNumber(state: SimulatorState): Handler {
  return ({ account, body }) => {
    const [ordered] = (body.phone_numbers ?? []) as { phone_number: string }[];
    if (!ordered) throw refuse(422, "10015");
    const order: Order = {
      id: crypto.randomUUID(),
      phoneNumber: ordered.phone_number,
      status: "pending",
      reference: textOf(body.customer_reference),
    };
    account.orders.set(order.id, order);
    const answer = Response.json({ data: representOrder(order) });
    void complete(state, account, order);
    return answer;
  };
}

/** A number that ends in 00 is gone by then. */
async function complete(
  state: SimulatorState,
  account: TelnyxAccount,
  order: Order,
): Promise<void> {
  const end = state.work.begin(account.sid);
  try {
    await state.timers.sleep(state.settings.receiptDelayMs);
    const isGone = findNumber(account, order.phoneNumber) || order.phoneNumber.endsWith("00");
    order.status = isGone ? "failure" : "success";
    if (!isGone) addTelnyxNumber(account, order.phoneNumber);
    const webhook = orderWebhook(account, order);
    if (webhook) await state.webhooks.send(webhook);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
  } finally {
    end();
  }
}

export const fetchOrder: Handler = ({ account, path }) => {
  const order = account.orders.get(path.order ?? "");
  if (!order) throw refuse(404, "10005");
  return Response.json({ data: representOrder(order) });
};

export const fetchBalance: Handler = ({ account }) =>
  Response.json({
    data: { record_type: "balance", balance: account.balance.toFixed(2), currency: "USD" },
  });

export const reportUsage: Handler = ({ account }) => {
  const data = (["inbound", "outbound"] as const).flatMap((direction) => {
    const count = [...account.messages.values()]
      .filter((message) => message.direction === direction && message.kind === "message").length;
    const cost = direction === "outbound" ? count * 0.004 : 0;
    return count === 0 ? [] : [{ direction, message_type: "SMS", currency: "USD", count, cost }];
  });
  return Response.json({
    data,
    meta: { page_number: 1, page_size: 1000, total_pages: 1, total_results: data.length },
  });
};
