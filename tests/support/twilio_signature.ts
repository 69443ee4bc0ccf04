import { createHmac } from "node:crypto";

/** Signs a form as Twilio does: the URL, then every name and value in the order of the names. */
export function signTwilioForm(
  url: string,
  parameters: Record<string, string>,
  authToken: string,
): string {
  const data = Object.keys(parameters).sort().reduce(
    (text, name) => text + name + parameters[name],
    url,
  );
  return createHmac("sha1", authToken).update(data).digest("base64");
}
