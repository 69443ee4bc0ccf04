import { meaningOfStatus } from "../providers/provider_errors.ts";
import type { Callee, Credentials, Operation } from "../providers/provider.ts";
import { signWebhook } from "./sign_webhook.ts";

/** An offer as the agent gets it, the same at every attempt. */
export interface OfferToPost {
  id: string;
  payload: unknown;
}

/** The address may hold a token, so that it is as secret as what signs. */
export function endpointCredentials(url: string, secrets: ReadonlyArray<string>): Credentials {
  return {
    url,
    ...Object.fromEntries(secrets.map((secret, index) => [`secret_${index}`, secret])),
  };
}

/** Anybody may be at the other end: what they say is waited for, and read, no longer than this. */
export const OFFER_TRANSPORT = { timeoutMs: 10_000, maxBodyBytes: 64 * 1024 };

/** The address of somebody's own agent, called as providers are: by the transport, and by its rules. */
export const agentEndpoint: Callee = {
  id: "agent_webhook",
  displayName: "the agent's webhook",
  hosts: ({ url }) => [new URL(url!).host],
  // What it says is not ours to repeat: the status is all that is kept.
  readError: ({ status }) => ({ ...meaningOfStatus(status), message: `status ${status}` }),
};

export const postOffer: Operation<OfferToPost, void> = {
  async toRequest({ id, payload }, { url, ...secrets }, { nowMs }) {
    const timestamp = Math.floor(nowMs / 1000);
    // The transport writes `json` in just this way.
    const body = JSON.stringify(payload);
    const headers = await signWebhook({ id, timestamp, body }, Object.values(secrets));
    return { method: "POST", url: url!, headers, json: payload };
  },
  readResponse: () => undefined,
};
