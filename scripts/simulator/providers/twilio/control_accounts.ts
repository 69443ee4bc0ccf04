import { Hono } from "hono";
import { ControlError, Fields } from "../../fields.ts";
import { isTollFree, newPhoneNumber, type PhoneNumber } from "./phone_number.ts";
import { type Account, type MessagingService, newSid, type TwilioStore } from "./store.ts";

const MAXIMUM_ACCOUNTS = 20_000;
const STATUSES = ["active", "suspended", "closed"] as const;
const TYPES = ["Full", "Trial"] as const;

/** Routes by which tests make and change accounts. */
export function createAccountControl(store: TwilioStore): Hono {
  return new Hono()
    .get("/", (c) => c.json({ accounts: [...store.accounts.values()].map(summarizeAccount) }))
    .post("/", async (c) => c.json(describeAccount(addAccount(store, await c.req.json())), 201))
    .get("/:account", (c) => c.json(describeAccount(requireAccount(store, c.req.param("account")))))
    .patch("/:account", async (c) => {
      const account = requireAccount(store, c.req.param("account"));
      changeAccount(account, new Fields(await c.req.json(), "account"));
      return c.json(describeAccount(account));
    })
    .delete("/:account", (c) => {
      const account = requireAccount(store, c.req.param("account"));
      for (const message of [...account.messages.values()]) store.removeMessage(message);
      store.accounts.delete(account.sid);
      return c.body(null, 204);
    });
}

/** The account of this SID. */
export function requireAccount(store: TwilioStore, sid: string): Account {
  const account = store.accounts.get(sid);
  if (account) return account;
  throw new ControlError(404, "unknown_account", `Cannot find account ${sid}`);
}

/** An account without its secrets. */
export function summarizeAccount(account: Account): Record<string, unknown> {
  return {
    account_sid: account.sid,
    friendly_name: account.friendlyName,
    status: account.status,
    type: account.type,
    numbers: [...account.numbers.values()].map((number) => number.phoneNumber),
    message_count: account.messages.size,
  };
}

function describeAccount(account: Account): Record<string, unknown> {
  return {
    ...summarizeAccount(account),
    auth_token: account.authToken,
    secondary_auth_token: account.secondaryAuthToken,
    balance_usd: account.balanceMicros / 1_000_000,
    api_keys: [...account.apiKeys].map(([sid, secret]) => ({ sid, secret })),
    numbers: [...account.numbers.values()].map((number) => ({
      sid: number.sid,
      phone_number: number.phoneNumber,
      friendly_name: number.settings.friendly_name,
      capabilities: number.capabilities,
      whatsapp: number.isWhatsappSender,
      type: number.type,
      sms_url: number.settings.sms_url,
      sms_fallback_url: number.settings.sms_fallback_url,
    })),
    messaging_services: [...account.services.values()].map((service) => ({
      sid: service.sid,
      senders: service.senders,
      status_callback: service.statusCallback,
      inbound_request_url: service.inboundRequestUrl,
      advanced_opt_out: service.hasAdvancedOptOut,
    })),
    opt_outs: [...account.optOuts].map((pair) => {
      const [sender, recipient] = pair.split(" ");
      return { sender, recipient };
    }),
  };
}

function addAccount(store: TwilioStore, body: unknown): Account {
  if (store.accounts.size >= MAXIMUM_ACCOUNTS) {
    throw new ControlError(
      409,
      "too_many_accounts",
      `Cannot add account: ${MAXIMUM_ACCOUNTS} exist`,
    );
  }
  const fields = new Fields(body, "account");
  const sid = fields.text("account_sid") ?? newSid("AC");
  if (!/^AC[0-9a-fA-F]{32}$/.test(sid)) {
    throw new ControlError(
      400,
      "invalid_field",
      "Cannot add account: account_sid has no such form",
    );
  }
  if (store.accounts.has(sid)) {
    throw new ControlError(409, "account_exists", `Cannot add account: ${sid} exists`);
  }
  const [numbers, keys, services] = ["numbers", "api_keys", "messaging_services"]
    .map((name) => fields.list(name) ?? []);
  const verified = fields.texts("verified_numbers") ?? [];
  const account = store.addAccount({ sid });
  try {
    account.type = fields.choice("type", TYPES) ?? "Full";
    for (const entry of numbers ?? []) addNumber(account, entry);
    for (const entry of keys ?? []) addKey(account, entry);
    for (const entry of services ?? []) addService(account, entry);
    for (const number of verified) account.verifiedNumbers.add(number);
    changeAccount(account, fields);
  } catch (error) {
    store.accounts.delete(sid);
    throw error;
  }
  return account;
}

function changeAccount(account: Account, fields: Fields): void {
  account.authToken = fields.text("auth_token") ?? account.authToken;
  account.secondaryAuthToken = fields.text("secondary_auth_token") ?? account.secondaryAuthToken;
  account.friendlyName = fields.text("friendly_name") ?? account.friendlyName;
  account.status = fields.choice("status", STATUSES) ?? account.status;
  const balance = fields.integer("balance_usd", -1_000_000, 1_000_000);
  if (balance !== undefined) account.balanceMicros = balance * 1_000_000;
  fields.finish();
  account.updatedAt = Date.now();
}

/** A number by itself, or with what it can do. */
function addNumber(account: Account, entry: unknown): PhoneNumber {
  const fields = new Fields(
    typeof entry === "string" ? { phone_number: entry } : entry,
    "number",
  );
  const phoneNumber = fields.requiredText("phone_number");
  if (!/^(\+[1-9]\d{6,14}|\d{5,6})$/.test(phoneNumber)) {
    throw new ControlError(400, "invalid_field", `Cannot add number: ${phoneNumber} is no E.164`);
  }
  const type = fields.choice("type", ["local", "toll-free", "mobile"]) ??
    (isTollFree(phoneNumber) ? "toll-free" : "local");
  const number = newPhoneNumber(account.sid, phoneNumber, {
    type,
    isWhatsappSender: fields.boolean("whatsapp") ?? false,
    capabilities: {
      sms: fields.boolean("sms") ?? true,
      mms: fields.boolean("mms") ?? true,
      voice: fields.boolean("voice") ?? true,
      fax: false,
    },
  });
  number.settings.friendly_name = fields.text("friendly_name") ?? number.settings.friendly_name;
  number.settings.sms_url = fields.text("sms_url") ?? "";
  number.settings.sms_fallback_url = fields.text("sms_fallback_url") ?? "";
  fields.finish();
  account.numbers.set(number.sid, number);
  return number;
}

function addKey(account: Account, entry: unknown): void {
  const fields = new Fields(entry, "API key");
  account.apiKeys.set(fields.text("sid") ?? newSid("SK"), fields.text("secret") ?? newSid(""));
  fields.finish();
}

function addService(account: Account, entry: unknown): void {
  const fields = new Fields(entry, "messaging service");
  const service: MessagingService = {
    sid: fields.text("sid") ?? newSid("MG"),
    senders: fields.texts("senders") ?? [],
    statusCallback: fields.text("status_callback") ?? null,
    inboundRequestUrl: fields.text("inbound_request_url") ?? null,
    hasAdvancedOptOut: fields.boolean("advanced_opt_out") ?? false,
  };
  fields.finish();
  account.services.set(service.sid, service);
}
