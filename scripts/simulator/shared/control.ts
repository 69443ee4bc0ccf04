import { type Context, Hono } from "hono";
import { ControlError, Fields } from "../fields.ts";
import type { Courier } from "./courier.ts";
import { SIGNATURES } from "./signed_webhook.ts";
import type { Account, Message, Store } from "./store.ts";

/** What tests can arrange at one provider, in its own fields, and how its accounts look to them. */
export interface ControlRules<Owner extends Account<Held>, Held extends Message> {
  /** Makes an account of the fields that tests give. */
  newAccount(fields: Fields): Owner;
  /** With its credentials, which are worth nothing anywhere else. */
  describe(account: Owner): Record<string, unknown>;
  /** As lists of accounts have it. */
  list(account: Owner): Record<string, unknown>;
  /** What messages go to. */
  recipient: "number" | "address";
  /** Whether messages to this number or address are for this account. */
  owns(account: Owner, to: string): boolean;
  /** Reads a message from somebody; the account that it is for is found afterwards. */
  readInbound(fields: Fields, to: string): (account: Owner) => Held;
  /** Reads what is to become of messages to one recipient, finishes the fields, and sees to it. */
  arrange(account: Owner, fields: Fields): Record<string, unknown>;
  /** Whether answers say which account was removed, and every webhook that was tried. */
  isDetailed: boolean;
  /** Whether an account that is named gets only what is sent to what it owns. */
  checksOwner: boolean;
}

/** Routes below `/_control/<provider>`. */
export function createAccountControl<Owner extends Account<Held>, Held extends Message>(
  store: Store<Owner, Held>,
  courier: Courier<Owner, Held>,
  rules: ControlRules<Owner, Held>,
): Hono {
  return new Hono()
    .post("/accounts", async (c) => {
      const fields = await readFields(c, "account");
      const account = rules.newAccount(fields);
      fields.finish();
      store.addAccount(account);
      return c.json(rules.describe(account), 201);
    })
    .get("/accounts", (c) => c.json({ accounts: [...store.accounts.values()].map(rules.list) }))
    .get(
      "/accounts/:account",
      (c) => c.json(rules.describe(requireAccount(store, c.req.param("account")))),
    )
    .delete("/accounts/:account", (c) => {
      const { sid } = requireAccount(store, c.req.param("account"));
      store.accounts.delete(sid);
      return rules.isDetailed ? c.json({ removed: sid }) : c.body(null, 204);
    })
    .post("/recipients", async (c) => {
      const fields = await readFields(c, "recipient");
      const account = requireAccount(store, fields.requiredText("account_sid"));
      return c.json(rules.arrange(account, fields));
    })
    .post("/inbound", async (c) => {
      const isEmail = rules.recipient === "address";
      const fields = await readFields(c, isEmail ? "inbound e-mail" : "inbound message");
      const accountSid = fields.text("account_sid");
      const to = fields.requiredText("to");
      const newMessage = rules.readInbound(fields, to);
      const signature = fields.choice("signature", SIGNATURES) ?? "valid";
      fields.finish();
      const account = findOwner(store, rules, accountSid, to);
      const message = newMessage(account);
      const deliveries = await courier.receive(account, message, signature);
      const answer = { message_sid: message.sid, delivery: deliveries.at(-1) ?? null };
      return c.json(rules.isDetailed ? { ...answer, deliveries } : answer);
    });
}

/** An empty body is an empty object. */
async function readFields(c: Context, subject: string): Promise<Fields> {
  const text = await c.req.text();
  return new Fields(text === "" ? {} : JSON.parse(text), subject);
}

function requireAccount<Owner extends Account<Held>, Held extends Message>(
  store: Store<Owner, Held>,
  sid: string,
): Owner {
  const account = store.accounts.get(sid);
  if (account) return account;
  throw new ControlError(404, "unknown_account", `Cannot find account ${sid}`);
}

/** Refuses an identifier that is taken. */
export function requireNew<Owner extends Account<Held>, Held extends Message>(
  store: Store<Owner, Held>,
  sid: string,
): void {
  if (!store.accounts.has(sid)) return;
  throw new ControlError(409, "account_exists", `Cannot add account: ${sid} exists`);
}

/** The account may be left out where one account only is written to by this number or address. */
function findOwner<Owner extends Account<Held>, Held extends Message>(
  store: Store<Owner, Held>,
  { recipient, owns, checksOwner }: ControlRules<Owner, Held>,
  accountSid: string | undefined,
  to: string,
): Owner {
  const named = accountSid === undefined ? undefined : requireAccount(store, accountSid);
  if (named && !checksOwner) return named;
  const candidates = named ? [named] : [...store.accounts.values()];
  const [owner, ...others] = candidates.filter((account) => owns(account, to));
  if (owner && others.length === 0) return owner;
  if (owner) {
    const reason = `Cannot send to ${to}: say whose account_sid`;
    throw new ControlError(409, `ambiguous_${recipient}`, reason);
  }
  throw new ControlError(404, `unknown_${recipient}`, `Cannot send to ${to}: no account has it`);
}

/** The texts that are given under some of these names. */
export function readTexts<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = names.map((name) => [name, fields.text(name)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<Record<Name, string>>;
}

/** The credentials that are given, and fresh ones where none are. */
export function readCredentials(
  fields: Fields,
  fresh: Record<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fresh).map(([name, value]) => [name, fields.text(name) ?? value]),
  );
}

/** What `--help` says of these routes, and of the fields that they take. */
export function controlHelp(
  provider: string,
  fields: Record<"accounts" | "inbound" | "recipients", string>,
): string {
  return `  Control        POST /${provider}/accounts {${fields.accounts}}
                 POST /${provider}/inbound {${fields.inbound}}
                 POST /${provider}/recipients {${fields.recipients}}`;
}
