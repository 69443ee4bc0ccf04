import { findDestinationFlaw, type Resolve } from "../http/name_guard.ts";
import type { Transport } from "../providers/transport.ts";
import { agentEndpoint, endpointCredentials, postOffer } from "./agent_endpoint.ts";

/** As `claim_agent_offers` hands it out. */
export interface ClaimedOffer {
  offer_id: string;
  attempt_number: number;
  agent_id: string;
  webhook_url: string;
  payload: unknown;
}

/** As `record_agent_offers` takes it. */
export interface OfferOutcome {
  offer_id: string;
  attempt_number: number;
  is_delivered: boolean;
  error?: string;
  retry_after_seconds?: number;
  /** With the address: nothing is posted there any more. */
  is_gone?: true;
  webhook_url?: string;
}

export interface PostDeps {
  transport: Transport;
  resolve: Resolve;
}

const GONE = 410;

/** Posts an offer to its agent, once. Whatever the agent answers with, 2xx says that it has it. */
export async function postOneOffer(
  { transport, resolve }: PostDeps,
  offer: ClaimedOffer,
  secrets: ReadonlyArray<string>,
): Promise<OfferOutcome> {
  const { offer_id, attempt_number, webhook_url } = offer;
  const failed = (error: string): OfferOutcome => (
    { offer_id, attempt_number, is_delivered: false, error }
  );
  if (secrets.length === 0) return failed("Cannot sign the webhook: the secret cannot be read");
  const flaw = await findDestinationFlaw(webhook_url, resolve);
  if (flaw !== null) {
    const error = `Cannot post to the agent's webhook: the URL ${flaw}`;
    return { ...failed(error), is_gone: true, webhook_url };
  }
  const result = await transport.call(
    agentEndpoint,
    postOffer,
    { id: offer_id, payload: offer.payload },
    endpointCredentials(webhook_url, secrets),
  );
  if (result.ok) return { offer_id, attempt_number, is_delivered: true };
  const { message, httpStatus = 0, retryAfterMs } = result.error;
  // A body that is too long, or broken off, is no reason to say it again.
  if (httpStatus >= 200 && httpStatus < 300) {
    return { offer_id, attempt_number, is_delivered: true };
  }
  if (httpStatus === GONE) return { ...failed(message), is_gone: true, webhook_url };
  return retryAfterMs === undefined
    ? failed(message)
    : { ...failed(message), retry_after_seconds: Math.ceil(retryAfterMs / 1000) };
}
