import { Buffer } from "node:buffer";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import type { RuleAccount } from "../../shared/phone/rule_account.ts";
import { Refusal } from "../../shared/serve.ts";
import type { Store } from "../../shared/store.ts";
import { refuse } from "./envelope.ts";

/** User name and API key by HTTP Basic, in UTF-8. */
export function authenticate(
  store: Store<RuleAccount, PhoneMessage>,
  request: Request,
): RuleAccount {
  const [scheme, encoded = ""] = (request.headers.get("authorization") ?? "").split(" ");
  const given = Buffer.from(encoded, "base64").toString("utf8");
  const account = store.findAccount(({ credentials: { username, api_key } }) =>
    scheme?.toLowerCase() === "basic" && given === `${username}:${api_key}`
  );
  if (account) return account;
  throw new Refusal(refuse(401, "UNAUTHORIZED", "Authorization failed."));
}
