import { basicAuthorization } from "../credentials.ts";
import type { LamlApi } from "../laml/api.ts";

export const TWILIO_HOST = "api.twilio.com";

export const twilioApi: LamlApi = {
  displayName: "Twilio",
  origin: () => `https://${TWILIO_HOST}`,
  accountPath: ({ account_sid }) => `/2010-04-01/Accounts/${account_sid}`,
  suffix: ".json",
  /** The API key, when there is one. */
  authorization({ account_sid = "", auth_token = "", api_key_sid, api_key_secret }) {
    return api_key_sid && api_key_secret
      ? basicAuthorization(api_key_sid, api_key_secret)
      : basicAuthorization(account_sid, auth_token);
  },
  messageId: /^(SM|MM)[0-9a-fA-F]{32}$/,
  numberId: /^PN[0-9a-fA-F]{32}$/,
  callId: /^CA[0-9a-fA-F]{32}$/,
};
