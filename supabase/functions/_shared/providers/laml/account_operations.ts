/** How credentials are validated wherever Twilio's API is offered. */
import * as z from "zod/mini";
import { optionalText, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Credentials,
  type Operation,
  UnreadableAnswerError,
} from "../provider.ts";
import { type LamlApi, lamlRequest } from "./api.ts";

/** The answer may also hold a token, which this schema leaves behind. */
const account = z.object({ sid: z.string(), friendly_name: optionalText, status: optionalText });

/** Reads the account by what `signIn` leaves of the credentials; `accountId` is theirs. */
export function validateLamlCredentials(api: LamlApi, { signIn, accountId }: {
  signIn(credentials: Credentials): Credentials;
  accountId(credentials: Credentials): string | undefined;
}): Operation<void, AccountInfo> {
  return {
    toRequest: (_input, credentials) => lamlRequest(api, signIn(credentials), "GET", ""),
    readResponse({ json }, _input, credentials) {
      const { sid, friendly_name, status } = readJson(account, json);
      if (sid.toLowerCase() !== accountId(credentials)?.toLowerCase()) {
        throw new UnreadableAnswerError("unexpected sid");
      }
      return {
        externalAccountId: sid,
        displayName: friendly_name || sid,
        isActive: status === "active",
        providerStatus: status,
      };
    },
  };
}
