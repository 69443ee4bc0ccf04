import type { Courier } from "../../shared/courier.ts";
import { offersFor } from "../../shared/phone/offers.ts";
import { findNumber, isWithinWindow } from "../../shared/phone/account.ts";
import { newPhoneMessage, type PhoneMessage } from "../../shared/phone/message.ts";
import { changesOf, type Outcome } from "../../shared/phone/outcome.ts";
import type { Call, OperationHandler } from "../../shared/serve.ts";
import { textOf } from "../../shared/values.ts";
import { addSignalwireNumber, type NumberSettings, type SignalwireAccount } from "./account.ts";
import { notFound, refuse, refuseField } from "./errors.ts";
import {
  representCall,
  representMessage,
  representNumber,
  representOffer,
  representProject,
  representRestMessage,
} from "./representation.ts";

type Handler = OperationHandler<SignalwireAccount>;
type SignalwireCourier = Courier<SignalwireAccount, PhoneMessage>;

export const UNDELIVERED_CODES = ["30003", "30004", "30005", "30006", "30007", "30008"];
export const FAILED_CODES = ["30002", "30022"];
const E164 = /^\+[1-9]\d{6,14}$/;

export const fetchProject: Handler = ({ account }) => Response.json(representProject(account));

export const listNumbers: Handler = (call) => {
  const numbers = [...call.account.numbers.values()];
  return listAnswer(
    call,
    "IncomingPhoneNumbers",
    "incoming_phone_numbers",
    numbers,
    (number) => representNumber(call.account, number),
  );
};

/** `SmsEnabled` and its like are accepted and ignored, as SignalWire does. */
export const searchNumbers: Handler = ({ account, path, query }) => {
  const { country = "", kind = "" } = path;
  if (query.get("InLocality") && !query.get("InRegion")) {
    throw refuse(422, 10000, "InLocality requires InRegion");
  }
  const areaCode = query.get("AreaCode") || (kind === "TollFree" ? "833" : "");
  const contains = query.get("Contains") ?? "";
  const offers = offersFor(account, { country, areaCode, contains });
  return Response.json({
    uri: `/api/laml/2010-04-01/Accounts/${account.sid}/AvailablePhoneNumbers/${country}/${kind}`,
    available_phone_numbers: offers.map((number) => representOffer(number, country)),
  });
};

export const buyNumber: Handler = ({ account, body }) => {
  const phoneNumber = textOf(body.PhoneNumber);
  if (!/^\+\d{5,17}$/.test(phoneNumber)) throw refuse(422, 21212, "PhoneNumber is invalid");
  if (findNumber(account, phoneNumber)) throw refuse(422, 10000, "PhoneNumber is not available");
  const number = addSignalwireNumber(account, phoneNumber, readSettings(body));
  return Response.json(representNumber(account, number), { status: 201 });
};

export const updateNumber: Handler = ({ account, path, body }) => {
  const number = account.numbers.get(path.number ?? "");
  if (!number) throw notFound();
  account.settings.set(number.id, { ...account.settings.get(number.id), ...readSettings(body) });
  return Response.json(representNumber(account, number));
};

export const releaseNumber: Handler = ({ account, path }) => {
  if (!account.numbers.delete(path.number ?? "")) throw notFound();
  return new Response(null, { status: 204 });
};

function readSettings(body: Record<string, unknown>): NumberSettings {
  return {
    ...("FriendlyName" in body ? { friendly_name: textOf(body.FriendlyName) } : {}),
    ...("SmsUrl" in body ? { sms_url: textOf(body.SmsUrl) } : {}),
    ...("SmsFallbackUrl" in body ? { sms_fallback_url: textOf(body.SmsFallbackUrl) } : {}),
  };
}

export function createMessage(courier: SignalwireCourier): Handler {
  return async ({ account, body, scope }) => {
    const mediaUrls = [body.MediaUrl ?? []].flat().map(textOf);
    const message = newPhoneMessage(account, {
      channel: mediaUrls.length > 0 ? "mms" : "sms",
      status: "queued",
      ...(mediaUrls.length > 0 ? { segmentCount: 1 } : {}),
      from: textOf(body.From),
      to: textOf(body.To),
      text: textOf(body.Body),
      mediaUrls,
      statusUrl: textOf(body.StatusCallback) || null,
    });
    const { from, to, text } = message;
    if (!E164.test(to)) throw refuse(422, 21604, "The destination 'To' number is required");
    if (!findNumber(account, from)) throw refuse(422, 21601, "From is not an SMS-capable number");
    if (!text && mediaUrls.length === 0) throw refuse(422, 21602, "Message body is required");
    if ([...text].length > 1600) throw refuse(422, 21617, "The body exceeds 1600 characters");
    if (mediaUrls.length > 8) throw refuse(422, 21623, "Number of media files exceeds the limit");
    const answer = representMessage(message);
    const outcome = outcomeOf(account, message, false);
    await courier.accept(account, message, changesOf(outcome), scope);
    return Response.json(answer, { status: 201 });
  };
}

/** `POST /api/messaging/messages`, of which WhatsApp alone is simulated. */
export function createRestMessage(courier: SignalwireCourier): Handler {
  return async ({ account, body, scope }) => {
    const isTemplate = typeof body.template_id === "string";
    const content = readContent(body.body);
    const message = newPhoneMessage(account, {
      channel: "whatsapp",
      status: "queued",
      from: textOf(body.from).replace(/^whatsapp:/, ""),
      to: textOf(body.to),
      ...content,
      statusUrl: textOf(body.status_callback) || null,
    });
    const isWhatsapp = textOf(body.from).startsWith("whatsapp:");
    if (!isWhatsapp || !findNumber(account, message.from)) throw refuseField("from");
    if (!E164.test(message.to)) throw refuseField("to");
    if (!isTemplate && !textOf(body.message_type)) throw refuseField("message_type");
    const answer = representRestMessage(message);
    const outcome = outcomeOf(account, message, isTemplate);
    await courier.accept(account, message, changesOf(outcome), scope);
    return Response.json(answer, { status: 201 });
  };
}

function readContent(body: unknown): { text: string; mediaUrls: string[] } {
  if (typeof body !== "object" || body === null) return { text: textOf(body), mediaUrls: [] };
  const { link, caption } = body as Record<string, unknown>;
  return { text: textOf(caption), mediaUrls: link === undefined ? [] : [textOf(link)] };
}

export const fetchMessage: Handler = ({ account, path }) => {
  const message = account.messages.get(path.message ?? "");
  if (message?.kind !== "message") throw notFound();
  return Response.json(representMessage(message));
};

export const listMessages: Handler = (call) => {
  const [to, from] = [call.query.get("To"), call.query.get("From")];
  const messages = [...call.account.messages.values()].reverse()
    .filter((message) => message.kind === "message" && message.channel !== "whatsapp")
    .filter((message) => (!to || message.to === to) && (!from || message.from === from));
  return listAnswer(call, "Messages", "messages", messages, representMessage);
};

/** Every call is taken, and ends by itself. */
export function createCall(courier: SignalwireCourier): Handler {
  return async ({ account, body, scope }) => {
    const given = {
      from: textOf(body.From),
      to: textOf(body.To),
      text: textOf(body.Twiml) || textOf(body.Laml) || textOf(body.Url),
      statusUrl: textOf(body.StatusCallback) || null,
    };
    if (!findNumber(account, given.from)) throw refuse(422, 21210, "'From' number not verified");
    if (!given.text) throw refuse(422, 10000, "Url is required");
    const call = newPhoneMessage(account, { ...given, kind: "call", status: "queued" });
    const statuses = ["initiated", "ringing", "in-progress", "completed"];
    const answer = representCall(call);
    await courier.accept(account, call, changesOf({ statuses, errorCode: null }), scope);
    return Response.json(answer);
  };
}

/** As arranged, as the recipient asked for, or by the last five digits of their number. */
function outcomeOf(
  account: SignalwireAccount,
  message: PhoneMessage,
  isTemplate: boolean,
): Outcome {
  const { from, to, channel } = message;
  const arranged = account.outcomes.get(to);
  if (arranged) return arranged;
  const fail = (errorCode: string): Outcome => ({ statuses: ["failed"], errorCode });
  if (account.optOuts.has(`${from} ${to}`)) return fail("21610");
  if (channel === "whatsapp" && !isTemplate && !isWithinWindow(account, message)) {
    return fail("131047");
  }
  const code = to.slice(-5);
  if (FAILED_CODES.includes(code)) return fail(code);
  if (UNDELIVERED_CODES.includes(code)) {
    return { statuses: ["sent", "undelivered"], errorCode: code };
  }
  // MMS has no receipts beyond the first.
  const statuses = channel === "mms" ? ["sent"] : ["sent", "delivered"];
  return { statuses, errorCode: null };
}

/** One page, and the address of the next. */
function listAnswer<Item>(
  { account, query }: Call<SignalwireAccount>,
  path: string,
  key: string,
  items: readonly Item[],
  represent: (item: Item) => unknown,
): Response {
  const size = Number(query.get("PageSize") ?? 50);
  const page = Number(query.get("Page") ?? 0);
  const uri = (number: number) => {
    const parameters = new URLSearchParams(query);
    parameters.set("Page", String(number));
    if (number > 0) parameters.set("PageToken", `PA${number}`);
    return `/api/laml/2010-04-01/Accounts/${account.sid}/${path}?${parameters}`;
  };
  return Response.json({
    uri: uri(page),
    first_page_uri: uri(0),
    next_page_uri: (page + 1) * size < items.length ? uri(page + 1) : null,
    previous_page_uri: page === 0 ? null : uri(page - 1),
    page,
    page_size: size,
    [key]: items.slice(page * size, (page + 1) * size).map(represent),
  });
}
