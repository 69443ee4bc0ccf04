import * as z from "zod/mini";
import { hashOf, toHex } from "../../crypto.ts";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Balance,
  type Credentials,
  type Operation,
  type ProviderRequest,
  UnreadableAnswerError,
} from "../provider.ts";
import { messageBirdRequest, REST } from "./request.ts";

const balance = z.object({
  payment: z.string(),
  type: optionalText,
  amount: optionalDecimal,
});

const balanceRequest = (_input: void, credentials: Credentials): ProviderRequest =>
  messageBirdRequest(credentials, "GET", `${REST}/balance`);

/**
 * No answer of MessageBird's names the account, so that it goes by its key: by a part of its hash,
 * from which nobody finds the key.
 */
export const validateMessageBirdCredentials: Operation<void, AccountInfo> = {
  toRequest: balanceRequest,
  async readResponse({ json }, _input, { access_key = "" }) {
    const { payment } = readJson(balance, json);
    const hash = toHex(await hashOf("SHA-256", access_key));
    return {
      externalAccountId: `key-${hash.slice(0, 16)}`,
      displayName: "MessageBird",
      isActive: true,
      providerStatus: payment,
    };
  },
};

/** Other currencies are given by their ISO code. */
const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ["credits", "credits"],
  ["euros", "EUR"],
  ["pounds", "GBP"],
  ["dollars", "USD"],
]);

export const readMessageBirdBalance: Operation<void, Balance> = {
  toRequest: balanceRequest,
  readResponse({ json }) {
    const { amount, type } = readJson(balance, json);
    const code = type.toUpperCase();
    const currency = CURRENCIES.get(type) ?? (/^[A-Z]{3}$/.test(code) ? code : undefined);
    if (amount === undefined) throw new UnreadableAnswerError("unexpected amount");
    if (currency === undefined) throw new UnreadableAnswerError("unexpected type");
    return { amount, currency };
  },
};
