import type { Courier } from "../../shared/courier.ts";
import { phoneNumbersOf } from "../../shared/phone/account.ts";
import { newPhoneMessage, type PhoneMessage } from "../../shared/phone/message.ts";
import { offersByDigits } from "../../shared/phone/offers.ts";
import { addOwnNumber, type RuleAccount } from "../../shared/phone/rule_account.ts";
import { acceptText, outcomeOf } from "../../shared/phone/rule_outcome.ts";
import type { Call, Route } from "../../shared/serve.ts";
import { listOf, recordOf, textOf } from "../../shared/values.ts";
import { answer, answerPage, CURRENCY, refuse } from "./envelope.ts";
import { ruleRoutes } from "./rules.ts";

const PRICE = 0.0792;
export const DEFAULT_ERROR_CODE = "301";
/** Recipients that end in these are refused, by an answer of success. */
const REFUSED: Readonly<Record<string, string>> = {
  "00001": "INVALID_RECIPIENT",
  "00402": "INSUFFICIENT_CREDIT",
  "00429": "THROTTLED",
};

export function newMessageSid(): string {
  return crypto.randomUUID().toUpperCase();
}

/** https://developers.clicksend.com/docs (read 2026-11-20) */
export function clickSendRoutes(courier: Courier<RuleAccount, PhoneMessage>): Route<RuleAccount>[] {
  return [
    ["GET", "/v3/account", "account.fetch", fetchAccount],
    ["POST", "/v3/sms/send", "sms.send", send(courier, "sms")],
    ["POST", "/v3/mms/send", "mms.send", send(courier, "mms")],
    ["GET", "/v3/sms/history", "sms.history", listHistory],
    ["GET", "/v3/statistics/sms", "statistics.sms", readStatistics],
    ["GET", "/v3/numbers", "numbers.list", listNumbers],
    ["GET", "/v3/numbers/search/:country", "numbers.search", searchNumbers],
    ["POST", "/v3/numbers/buy/:number", "numbers.buy", buyNumber],
    ...ruleRoutes(),
  ];
}

function fetchAccount({ account }: Call<RuleAccount>): Response {
  return answer({
    user_id: Number(account.sid),
    username: account.credentials.username,
    account_name: "Simulated account",
    active: 1,
    banned: 0,
    balance: account.balance.toFixed(6),
    country: "AU",
    _currency: CURRENCY,
    _subaccount: { subaccount_id: 1, api_username: "sub", api_key: crypto.randomUUID() },
  }, "Here's your account");
}

function send(courier: Courier<RuleAccount, PhoneMessage>, channel: "sms" | "mms") {
  return async ({ account, body, scope }: Call<RuleAccount>): Promise<Response> => {
    const given = listOf(body.messages).map(recordOf);
    if (given.length === 0) return refuse(400, "BAD_REQUEST", "The messages are missing.");
    if (channel === "mms" && typeof body.media_file !== "string") {
      return refuse(400, "BAD_REQUEST", "The media file is missing.");
    }
    const messages = [];
    for (const fields of given) {
      const message = newPhoneMessage(account, {
        sid: newMessageSid(),
        channel,
        from: textOf(fields.from),
        to: textOf(fields.to),
        text: textOf(fields.body),
        mediaUrls: channel === "mms" ? [String(body.media_file)] : [],
        status: "queued",
        reference: textOf(fields.custom_string) || null,
      });
      const lacksSubject = channel === "mms" && textOf(fields.subject) === "";
      const refusal = refusalOf(account, message, lacksSubject);
      if (refusal === undefined) {
        const outcome = outcomeOf(account, message.to, DEFAULT_ERROR_CODE);
        await acceptText(courier, account, message, scope, outcome);
      }
      messages.push({ ...describe(account, message), status: refusal ?? "SUCCESS" });
    }
    const total_price = messages.length * PRICE;
    return answer({
      total_price,
      total_count: messages.length,
      queued_count: messages.length,
      messages,
      _currency: CURRENCY,
    }, "Messages queued for delivery.");
  };
}

function refusalOf(
  account: RuleAccount,
  { to, text }: PhoneMessage,
  lacksSubject: boolean,
): string | undefined {
  if (!/^\+[1-9]\d{6,14}$/.test(to)) return "INVALID_RECIPIENT";
  if (text === "") return "EMPTY_MESSAGE";
  if (lacksSubject) return "SUBJECT_REQUIRED";
  if (account.balance < PRICE) return "INSUFFICIENT_CREDIT";
  return REFUSED[to.slice(-5)];
}

function describe(account: RuleAccount, message: PhoneMessage): Record<string, unknown> {
  return {
    direction: message.direction === "inbound" ? "in" : "out",
    date: Math.floor(message.createdAt / 1000),
    to: message.to,
    body: message.text,
    from: message.from,
    schedule: Math.floor(message.createdAt / 1000),
    message_id: message.sid,
    message_parts: 1,
    message_price: PRICE,
    custom_string: message.reference ?? "",
    user_id: Number(account.sid),
    subaccount_id: 1,
    country: "AU",
    carrier: "",
  };
}

const QUEUED = ["Completed", null];
const WORDS: Readonly<Record<string, readonly (string | null)[]>> = {
  sent: ["Sent", "200"],
  delivered: ["Sent", "201"],
  read: ["Sent", "201"],
  undelivered: ["Failed", "301"],
  failed: ["Failed", "301"],
  received: ["Received", null],
};

/** `q=field:value,field:value`, over texts only. */
function listHistory({ account, query }: Call<RuleAccount>): Response {
  const conditions = (query.get("q") ?? "").split(",").filter((one) => one.includes(":"))
    .map((one) => [one.slice(0, one.indexOf(":")), one.slice(one.indexOf(":") + 1)]);
  const since = Number(query.get("date_from") ?? 0);
  const found = [...account.messages.values()]
    .filter(({ channel }) => channel === "sms")
    .map((message): Record<string, unknown> => {
      const [status, status_code] = WORDS[message.status] ?? QUEUED;
      const error_code = message.errorCode;
      return { ...describe(account, message), status, status_code, error_code };
    })
    .filter((one) => Number(one.date) >= since)
    .filter((one) => conditions.every(([name = "", value]) => String(one[name]) === value));
  if (query.get("order_by") === "date:desc") found.reverse();
  return answerPage(found, query);
}

const DAY_SECONDS = 86_400;

function readStatistics({ account }: Call<RuleAccount>): Response {
  const today = Math.floor(Date.now() / 1000 / DAY_SECONDS) * DAY_SECONDS;
  const stat = Array.from({ length: 30 }, (_, index) => {
    const date = today - (29 - index) * DAY_SECONDS;
    const ofDay = [...account.messages.values()].filter(({ createdAt }) =>
      createdAt >= date * 1000 && createdAt < (date + DAY_SECONDS) * 1000
    );
    const count = ofDay.filter(({ direction }) => direction === "outbound").length;
    return {
      date,
      outbound: { count, price: Number((count * PRICE).toFixed(4)) },
      inbound: { count: ofDay.length - count },
      bounced: { count: ofDay.filter(({ status }) => status === "undelivered").length },
    };
  });
  return answer({ stat, _currency: CURRENCY });
}

function listNumbers({ account, query }: Call<RuleAccount>): Response {
  const numbers = phoneNumbersOf(account).map((dedicated_number) => ({
    dedicated_number,
    country: "AU",
    price: "19.00",
    _country_name: "Australia",
  }));
  return answerPage(numbers, query, { _currency: CURRENCY });
}

function searchNumbers({ account, path, query }: Call<RuleAccount>): Response {
  const contains = query.get("search") ?? "";
  const country = path.country ?? "";
  const offers = offersByDigits(account, { country, contains, limit: 200 });
  return answerPage(
    offers.map((dedicated_number) => ({
      dedicated_number,
      country,
      country_name: country,
      currency: "AUD",
      price: "19.00",
      _price_monthly: "19.00",
      _price_setup: "0.00",
    })),
    query,
  );
}

function buyNumber({ account, path }: Call<RuleAccount>): Response {
  const number = path.number ?? "";
  if (!/^\+[1-9]\d{6,14}$/.test(number) || account.numbers.has(number)) {
    return refuse(400, "BAD_REQUEST", "The number is not available.");
  }
  addOwnNumber(account, number);
  return answer({
    dedicated_number: number,
    country: "AU",
    price_total: "19.00",
    _price_monthly: "19.00",
    _price_setup: "0.00",
    _currency: CURRENCY,
  }, "Here is your new number.");
}
