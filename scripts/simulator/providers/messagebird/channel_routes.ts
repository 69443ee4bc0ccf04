import { json } from "../../shared/answers.ts";
import type { Courier } from "../../shared/courier.ts";
import { isWithinWindow, phoneNumbersOf } from "../../shared/phone/account.ts";
import { newPhoneMessage, type PhoneMessage } from "../../shared/phone/message.ts";
import type { RuleAccount } from "../../shared/phone/rule_account.ts";
import { acceptText, outcomeOf } from "../../shared/phone/rule_outcome.ts";
import type { Call, Route } from "../../shared/serve.ts";
import { newHex, recordOf, textOf } from "../../shared/values.ts";
import { fail, listAnswer } from "./answers.ts";
import { channelWord, DEFAULT_ERROR_CODE } from "./words.ts";

const WEBHOOKS = "/v1/webhooks";

/** The Conversations API, as far as WhatsApp needs it. */
export function channelRoutes(courier: Courier<RuleAccount, PhoneMessage>): Route<RuleAccount>[] {
  return [
    ["POST", "/v1/send", "conversations.send", send(courier)],
    ["GET", "/v1/messages/:message", "conversations.fetch", ({ account, path }) => {
      const message = account.messages.get(path.message ?? "");
      if (message?.channel !== "whatsapp") return fail(404, 20, "message not found", null);
      return json({
        id: message.sid,
        channelId: account.credentials.whatsapp_channel_id,
        status: channelWord(message.status),
        type: "text",
        direction: message.direction === "inbound" ? "received" : "sent",
        content: { text: message.text },
      });
    }],
    [
      "GET",
      WEBHOOKS,
      "webhooks.list",
      ({ account, query }) =>
        listAnswer([...account.rules.values()].map(({ fields }) => fields), query),
    ],
    ["POST", WEBHOOKS, "webhooks.create", ({ account, body }) => {
      if (!isCallable(body.url)) return fail(422, 10, "url is invalid", "url");
      const id = newHex();
      const fields = { status: "enabled", ...body, id };
      account.rules.set(id, { id, kind: "webhook", fields });
      return json(fields, 201);
    }],
    ["PATCH", `${WEBHOOKS}/:webhook`, "webhooks.update", ({ account, body, path }) => {
      const rule = account.rules.get(path.webhook ?? "");
      if (!rule) return fail(404, 20, "webhook not found", null);
      rule.fields = { ...rule.fields, ...body, id: rule.id };
      return json(rule.fields);
    }],
  ];
}

function isCallable(url: unknown): boolean {
  return typeof url === "string" && URL.canParse(url);
}

/** The sender is the channel; outside of a day after the contact wrote, only templates arrive. */
function send(courier: Courier<RuleAccount, PhoneMessage>) {
  return async ({ account, body, scope }: Call<RuleAccount>): Promise<Response> => {
    const { to, from, type, content, reportUrl } = body;
    if (typeof to !== "string" || !/^\+?[1-9]\d{6,14}$/.test(to)) {
      return fail(422, 10, "to is invalid", "to");
    }
    if (from !== account.credentials.whatsapp_channel_id) {
      return fail(422, 10, "from is no channel of the account", "from");
    }
    const [number = ""] = phoneNumbersOf(account);
    const contact = `+${to.replace("+", "")}`;
    const message = newPhoneMessage(account, {
      sid: newHex(),
      channel: "whatsapp",
      from: number,
      to: contact,
      text: textOf(recordOf(content).text),
      status: "queued",
      statusUrl: typeof reportUrl === "string" ? reportUrl : null,
    });
    const outcome = type === "hsm" || isWithinWindow(account, message)
      ? outcomeOf(account, contact, DEFAULT_ERROR_CODE)
      : { statuses: ["failed"], errorCode: "470" };
    await acceptText(courier, account, message, scope, outcome);
    return json({ id: message.sid, status: "accepted" }, 202);
  };
}
