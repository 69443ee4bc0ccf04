import { Buffer } from "node:buffer";
import { Hono } from "hono";
import { ControlError, Fields } from "../../fields.ts";
import { createAccountControl, requireAccount } from "./control_accounts.ts";
import type { Inbound, InboundMessage, InboundResult } from "./inbound.ts";
import type { Outbound } from "./outbound.ts";
import type { PhoneNumber } from "./phone_number.ts";
import { representMessage } from "./representation.ts";
import { type Account, type Media, newSid, type TwilioStore } from "./store.ts";

const RECEIPT_STATUSES = [
  "queued",
  "sending",
  "sent",
  "delivered",
  "undelivered",
  "failed",
  "read",
] as const;
const SIGNATURES = ["valid", "forged", "missing"] as const;
/** A PNG of one pixel. */
const SMALL_PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** Routes below `/_control/twilio`. */
export function createTwilioControl(
  store: TwilioStore,
  outbound: Outbound,
  inbound: Inbound,
): Hono {
  return new Hono()
    .route("/accounts", createAccountControl(store))
    .post("/inbound", async (c) => {
      const fields = new Fields(await c.req.json(), "inbound message");
      const accountSid = fields.text("account_sid");
      const message = readInbound(fields);
      const { account, number } = findOwner(store, accountSid, message.to);
      return c.json(describeResult(await inbound.receive(account, number, message)));
    })
    .post("/recipients", async (c) => {
      const fields = new Fields(await c.req.json(), "recipient");
      const account = requireAccount(store, fields.requiredText("account_sid"));
      const number = fields.requiredText("number");
      const statuses = fields.choices("statuses", RECEIPT_STATUSES);
      const errorCode = fields.integer("error_code", 10_000, 99_999) ?? null;
      fields.finish();
      if (statuses) account.outcomes.set(number, { statuses, errorCode });
      else account.outcomes.delete(number);
      return c.json({ number, statuses: statuses ?? null, error_code: errorCode });
    })
    .post("/messages/:message/release", async (c) => {
      const sid = c.req.param("message");
      const account = [...store.accounts.values()].find((owner) => owner.messages.has(sid));
      const message = account?.messages.get(sid);
      if (!account || !message || !await outbound.release(account, message)) {
        throw new ControlError(409, "not_scheduled", `Cannot release ${sid}: not scheduled`);
      }
      return c.json(representMessage(message));
    });
}

/** The account may be left out when the number belongs to one account only. */
function findOwner(
  store: TwilioStore,
  accountSid: string | undefined,
  to: string,
): { account: Account; number: PhoneNumber } {
  const bare = to.replace(/^whatsapp:/, "");
  const accounts = accountSid === undefined
    ? [...store.accounts.values()]
    : [requireAccount(store, accountSid)];
  const owners = accounts.flatMap((account) => {
    const number = [...account.numbers.values()].find((owned) => owned.phoneNumber === bare);
    return number ? [{ account, number }] : [];
  });
  const [owner] = owners;
  if (owner && owners.length === 1) return owner;
  if (owner) {
    throw new ControlError(409, "ambiguous_number", `Cannot send to ${to}: say whose account_sid`);
  }
  throw new ControlError(404, "unknown_number", `Cannot send to ${to}: no account has it`);
}

function readInbound(fields: Fields): InboundMessage {
  const message: InboundMessage = {
    from: fields.requiredText("from"),
    to: fields.requiredText("to"),
    body: fields.text("body") ?? "",
    media: (fields.list("media") ?? []).map(readMedia),
    messageSid: fields.text("message_sid"),
    signature: fields.choice("signature", SIGNATURES) ?? "valid",
    extraParameters: readParameters(fields.object("parameters")),
  };
  fields.finish();
  return message;
}

function readMedia(entry: unknown): Media {
  const fields = new Fields(entry, "media");
  const contentType = fields.text("content_type") ?? "image/png";
  const encoded = fields.text("content_base64") ?? SMALL_PNG;
  fields.finish();
  return {
    sid: newSid("ME"),
    contentType,
    sourceUrl: null,
    bytes: new Uint8Array(Buffer.from(encoded, "base64")),
    createdAt: Date.now(),
  };
}

function readParameters(source: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source).map(([name, value]) => [name, String(value)]),
  );
}

function describeResult(result: InboundResult): Record<string, unknown> {
  return {
    message_sid: result.message.sid,
    delivery: result.delivery,
    deliveries: result.deliveries,
    keyword: result.keyword,
    replies: result.replies.map(representMessage),
    error_codes: result.errorCodes,
  };
}
