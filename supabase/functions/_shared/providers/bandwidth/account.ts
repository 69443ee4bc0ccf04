import { type AccountInfo, type Operation, UnreadableAnswerError } from "../provider.ts";
import { textAt } from "../xml.ts";
import { accountRequest, readXml } from "./request.ts";

/** An account has no state of its own: one that is closed no longer signs in. */
export const validateBandwidthCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, credentials, context) => accountRequest(credentials, context, "GET", ""),
  readResponse(response, _input, { account_id }) {
    const root = readXml(response, "AccountResponse");
    const accountId = textAt(root, "Account", "AccountId");
    if (accountId !== account_id) throw new UnreadableAnswerError("unexpected AccountId");
    return {
      externalAccountId: accountId,
      displayName: textAt(root, "Account", "CompanyName") || accountId,
      isActive: true,
      providerStatus: "",
    };
  },
};
