import { validateLamlCredentials } from "../laml/account_operations.ts";
import { signalwireApi } from "./request.ts";

/** The token needs the scope "Management" for this, "Messaging" and "Numbers" for the rest. */
export const validateSignalwireCredentials = validateLamlCredentials(signalwireApi, {
  signIn: (credentials) => credentials,
  accountId: ({ project_id }) => project_id,
});
