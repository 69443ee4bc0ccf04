import { basicAuthorization } from "../credentials.ts";
import type { LamlApi } from "../laml/api.ts";
import type { Credentials, ProviderRequest } from "../provider.ts";

/** Every identifier is one: SignalWire has no prefixes such as `SM`. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Each customer has a host of their own; its first label alone is enough. */
export function hostOf({ space = "" }: Credentials): string {
  return space.includes(".") ? space : `${space}.signalwire.com`;
}

/** The Compatibility API, which follows Twilio's. */
export const signalwireApi: LamlApi = {
  displayName: "SignalWire",
  origin: (credentials) => `https://${hostOf(credentials)}`,
  accountPath: ({ project_id }) => `/api/laml/2010-04-01/Accounts/${project_id}`,
  suffix: "",
  authorization: ({ project_id = "", api_token = "" }) => basicAuthorization(project_id, api_token),
  messageId: UUID,
  numberId: UUID,
  callId: UUID,
};

/** A request to the API of SignalWire's own making, which has WhatsApp. */
export function restRequest(credentials: Credentials, path: string, json: unknown) {
  return {
    method: "POST",
    url: `${signalwireApi.origin(credentials)}/api${path}`,
    headers: signalwireApi.authorization(credentials),
    json,
  } satisfies ProviderRequest;
}
