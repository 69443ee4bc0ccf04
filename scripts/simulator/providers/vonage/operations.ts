import type { Courier } from "../../shared/courier.ts";
import { offersFor } from "../../shared/phone/offers.ts";
import { findNumber, isWithinWindow } from "../../shared/phone/account.ts";
import {
  newPhoneMessage,
  type PhoneChannel,
  type PhoneMessage,
} from "../../shared/phone/message.ts";
import { changesOf, type Outcome } from "../../shared/phone/outcome.ts";
import type { OperationHandler } from "../../shared/serve.ts";
import { textOf } from "../../shared/values.ts";
import { addVonageNumber, type Application, type VonageAccount } from "./account.ts";
import { outcome, refuse } from "./errors.ts";

type Handler = OperationHandler<VonageAccount>;

const DELIVERED: Outcome = { statuses: ["submitted", "delivered"], errorCode: null };
/** A recipient that ends in one of these gets the message `undeliverable` with that error. */
export const UNDELIVERABLE_CODES = ["1050", "1180", "1190", "1210", "1300"];

function outcomeFor(account: VonageAccount, message: PhoneMessage, isTemplate: boolean): Outcome {
  const { channel, from, to } = message;
  const arranged = account.outcomes.get(to);
  if (arranged) return arranged;
  const hasStopped = channel !== "whatsapp" && account.optOuts.has(`${from} ${to}`);
  if (hasStopped) return { statuses: ["rejected"], errorCode: "1240" };
  if (channel === "whatsapp" && !isTemplate && !isWithinWindow(account, message)) {
    return { statuses: ["rejected"], errorCode: "1340" };
  }
  const code = to.slice(-5).replace(/^0/, "");
  return UNDELIVERABLE_CODES.includes(code)
    ? { statuses: ["submitted", "undeliverable"], errorCode: code }
    : DELIVERED;
}

/** Vonage's numbers come without the `+`. */
export function withPlus(address: unknown): string {
  const text = textOf(address);
  return /^\d{7,15}$/.test(text) ? `+${text}` : text;
}

export function createMessage(courier: Courier<VonageAccount, PhoneMessage>): Handler {
  return async ({ account, body, scope }) => {
    const to = withPlus(body.to);
    const type = textOf(body.message_type);
    if (!/^\+[1-9]\d{6,14}$/.test(to) || to.endsWith("01170")) throw refuse(422, "1170");
    if (textOf(body.from) === "") throw refuse(422, "1120");
    if (account.balance <= 0) throw refuse(402, "low-balance");
    const content = body[type];
    if (content === undefined) throw refuse(422, "1010");
    const medium = content as { url?: string; caption?: string };
    const text = type === "text" ? textOf(content) : textOf(medium.caption);
    const message = newPhoneMessage(account, {
      channel: textOf(body.channel) as PhoneChannel,
      from: withPlus(body.from),
      to,
      text,
      mediaUrls: medium.url ? [medium.url] : [],
      status: "accepted",
      statusUrl: textOf(body.webhook_url) || null,
      reference: textOf(body.client_ref) || null,
    });
    const outcome = outcomeFor(account, message, type === "template");
    await courier.accept(account, message, changesOf(outcome), scope);
    return Response.json({ message_uuid: message.sid }, { status: 202 });
  };
}

const CALLED: Outcome = {
  statuses: ["started", "ringing", "answered", "completed"],
  errorCode: null,
};

export function createCall(courier: Courier<VonageAccount, PhoneMessage>): Handler {
  return async ({ account, body, scope }) => {
    const [callee] = (body.to ?? []) as { number?: string }[];
    const [url] = (body.event_url ?? []) as string[];
    const [talk] = (body.ncco ?? []) as { text?: string }[];
    const message = newPhoneMessage(account, {
      kind: "call",
      from: withPlus((body.from as { number?: string } | undefined)?.number),
      to: withPlus(callee?.number),
      text: talk?.text ?? "",
      status: "started",
      statusUrl: url ?? null,
    });
    const answer = {
      uuid: message.sid,
      conversation_uuid: `CON-${message.sid}`,
      status: message.status,
      direction: "outbound",
    };
    const outcome = account.outcomes.get(message.to) ?? CALLED;
    await courier.accept(account, message, changesOf(outcome), scope);
    return Response.json(answer, { status: 201 });
  };
}

/** Messages as reports hold them. */
export function representRecord(message: PhoneMessage): Record<string, unknown> {
  return {
    account_id: message.accountSid,
    message_id: message.sid,
    client_ref: message.reference ?? "",
    direction: message.direction,
    from: message.from.replace(/^\+/, ""),
    to: message.to.replace(/^\+/, ""),
    provider: message.channel,
    status: message.status,
    error_code: message.errorCode ?? "0",
    date_received: new Date(message.createdAt).toISOString(),
    total_price: 0.0333,
    currency: "EUR",
    message_body: message.text,
  };
}

export const loadRecords: Handler = ({ account, query }) => {
  const id = query.get("id");
  const start = Date.parse(query.get("date_start") ?? "");
  const end = Date.parse(query.get("date_end") ?? "");
  if (id === null && !(end - start <= 24 * 3_600_000)) throw refuse(422, "invalid-date-range");
  const records = [...account.messages.values()]
    .filter(({ kind, direction }) => kind === "message" && direction === query.get("direction"))
    .filter(({ createdAt, ...message }) =>
      id === null ? createdAt >= start && createdAt < end : message.sid === id
    );
  return Response.json({
    request_id: crypto.randomUUID(),
    request_status: "SUCCESS",
    received_at: new Date().toISOString(),
    product: query.get("product"),
    account_id: account.sid,
    items_count: records.length,
    records: records.map(representRecord),
  });
};

function representApplication(application: Application): Record<string, unknown> {
  const { id, name, capabilities, privacy, publicKey } = application;
  return {
    id,
    name,
    capabilities,
    privacy,
    ...(publicKey === null ? {} : { keys: { public_key: publicKey } }),
  };
}

/** Setting it replaces all of it, as at Vonage. */
export const application: Handler = ({ account, body, path }) => {
  if (path.application !== account.application.id) throw refuse(404, "not-found");
  if (body.name !== undefined) {
    const given = body as { name: string; capabilities?: object; privacy?: object };
    account.application.name = given.name;
    account.application.capabilities = { ...given.capabilities };
    account.application.privacy = { ...given.privacy };
  }
  return Response.json(representApplication(account.application));
};

export const listNumbers: Handler = ({ account, query }) => {
  const pattern = query.get("pattern") ?? "";
  const country = query.get("country");
  const size = Number(query.get("size") ?? 10);
  const index = Number(query.get("index") ?? 1);
  const numbers = [...account.numbers.values()].filter((number) =>
    number.id.startsWith(pattern) && (country === null || number.country === country)
  );
  if (numbers.length === 0) return Response.json({});
  return Response.json({
    count: numbers.length,
    numbers: numbers.slice((index - 1) * size, index * size).map((number) => ({
      country: number.country,
      msisdn: number.id,
      moHttpUrl: "",
      type: "mobile-lvn",
      features: featuresOf(number.phoneNumber),
      ...(number.attachedTo === null ? {} : { app_id: number.attachedTo }),
    })),
  });
};

function featuresOf(phoneNumber: string): string[] {
  return ["SMS", "VOICE", ...(phoneNumber.startsWith("+1") ? ["MMS"] : [])];
}

export const searchNumbers: Handler = ({ account, query }) => {
  const country = query.get("country") ?? "";
  const pattern = query.get("pattern") ?? "";
  const isStart = (query.get("search_pattern") ?? "0") === "0";
  const areaCode = isStart && country !== "GB" ? pattern.slice(1, 4) : "";
  const offers = offersFor(account, { country, areaCode, contains: isStart ? "" : pattern });
  if (offers.length === 0) return Response.json({});
  const numbers = offers.slice(0, Number(query.get("size") ?? 10)).map((phoneNumber) => ({
    country,
    msisdn: phoneNumber.slice(1),
    type: "mobile-lvn",
    cost: "0.90",
    features: featuresOf(phoneNumber),
  }));
  return Response.json({ count: offers.length, numbers });
};

/** A number that ends in 00 is gone by then. */
export const buyNumber: Handler = ({ account, body }) => {
  const phoneNumber = withPlus(body.msisdn);
  if (findNumber(account, phoneNumber) || phoneNumber.endsWith("00")) {
    return outcome(420, "method failed");
  }
  addVonageNumber(account, phoneNumber);
  return outcome(200, "success");
};

export const updateNumber: Handler = ({ account, body }) => {
  const number = account.numbers.get(textOf(body.msisdn));
  if (!number) return outcome(420, "method failed");
  number.attachedTo = textOf(body.app_id) || null;
  return outcome(200, "success");
};

export const cancelNumber: Handler = ({ account, body }) =>
  account.numbers.delete(textOf(body.msisdn))
    ? outcome(200, "success")
    : outcome(420, "method failed");

export const fetchBalance: Handler = ({ account }) =>
  Response.json({ value: account.balance, autoReload: false });
