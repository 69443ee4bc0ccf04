// Twilio's own library, as a second opinion on what the simulator says and signs.
import twilio from "twilio";
import { validateRequest } from "twilio/lib/webhooks/webhooks.js";
import type { TestAccount } from "./simulator.ts";

export { validateRequest };

/** Twilio's client for an account, with every request sent to the simulator instead. */
export function createClient(account: TestAccount): ReturnType<typeof twilio> {
  const httpClient = new twilio.RequestClient();
  httpClient.axios.interceptors.request.use((config) => {
    config.url = (config.url ?? "").replace("https://", `${account.simulator.url}/`);
    return config;
  });
  return twilio(account.user, account.password, { accountSid: account.sid, httpClient });
}
