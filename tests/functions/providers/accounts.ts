/** An account at each simulated provider, as a person would bring it. */
import { freshNumber } from "../../support/world.ts";
import { control } from "../../support/simulator.ts";
import type {
  Credentials,
  Provider,
  ProviderId,
} from "../../../supabase/functions/_shared/providers/provider.ts";

/** What is particular to one provider's simulator. */
interface AccountTraits {
  /** Fields of the credentials by their names in the answer of the control API. */
  credentials: Record<string, string>;
  /** The simulator's name for handing a message over. */
  sendOperation: string;
  /** The provider's own code for credentials that are wrong. */
  wrongCredentialsCode: string | undefined;
  /** How a webhook that is not signed, or signed by somebody else, is answered. */
  refusalStatus: number;
  /** What its simulator refuses to send, and what that is to us. */
  refused: { to?: string; account?: Record<string, unknown>; errorCode: string };
}

const EMAIL = { from_address: "from_address" };

/** A recipient that a simulator knows by the last digits of the number. */
const endingIn = (fiveDigits: string) => `+141555${fiveDigits}`;

const same = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]));

const TRAITS: Record<ProviderId, AccountTraits> = {
  twilio: {
    credentials: same("account_sid", "auth_token"),
    sendOperation: "messages.create",
    wrongCredentialsCode: "20003",
    refusalStatus: 401,
    refused: { to: "+15005550001", errorCode: "invalid_recipient" },
  },
  telnyx: {
    credentials: same("api_key", "public_key", "messaging_profile_id"),
    sendOperation: "messages.create",
    wrongCredentialsCode: "10009",
    refusalStatus: 401,
    refused: { to: endingIn("40310"), errorCode: "invalid_recipient" },
  },
  signalwire: {
    credentials: { ...same("space", "api_token", "signing_key"), project_id: "account_sid" },
    sendOperation: "messages.create",
    wrongCredentialsCode: "20003",
    refusalStatus: 401,
    refused: { account: { numbers: [] }, errorCode: "invalid_sender" },
  },
  clicksend_sms: {
    credentials: same("username", "api_key"),
    sendOperation: "sms.send",
    wrongCredentialsCode: "UNAUTHORIZED",
    // Nothing is signed: who does not know the address finds nobody.
    refusalStatus: 404,
    refused: { to: endingIn("00001"), errorCode: "invalid_recipient" },
  },
  vonage: {
    credentials: same("api_key", "api_secret", "application_id", "signature_secret"),
    sendOperation: "messages.create",
    wrongCredentialsCode: "unathorized",
    // Vonage tries again after this one only, and its key may merely be late.
    refusalStatus: 503,
    refused: { to: endingIn("01170"), errorCode: "invalid_recipient" },
  },
  messagebird: {
    credentials: same("access_key", "signing_key", "whatsapp_channel_id"),
    sendOperation: "messages.create",
    wrongCredentialsCode: "2",
    refusalStatus: 401,
    refused: { account: { balance: 0 }, errorCode: "insufficient_funds" },
  },
  bandwidth: {
    credentials: {
      ...same("client_id", "client_secret", "application_id", "site_id", "sip_peer_id"),
      account_id: "account_sid",
    },
    sendOperation: "messages.create",
    wrongCredentialsCode: undefined,
    refusalStatus: 401,
    refused: { account: { numbers: [] }, errorCode: "invalid_sender" },
  },
  sendgrid: {
    credentials: { ...EMAIL, ...same("api_key") },
    sendOperation: "mail.send",
    wrongCredentialsCode: undefined,
    refusalStatus: 401,
    refused: { account: { senders: [] }, errorCode: "invalid_sender" },
  },
  postmark: {
    credentials: { ...EMAIL, ...same("server_token", "account_token") },
    sendOperation: "email.send",
    wrongCredentialsCode: "10",
    refusalStatus: 401,
    refused: { account: { senders: [] }, errorCode: "invalid_sender" },
  },
  resend: {
    credentials: { ...EMAIL, ...same("api_key") },
    sendOperation: "emails.send",
    wrongCredentialsCode: "invalid_api_key",
    refusalStatus: 401,
    refused: { account: { senders: [] }, errorCode: "invalid_sender" },
  },
};

/** An account at a simulated provider, with one number or one address to send from. */
export interface SimulatedAccount extends AccountTraits {
  provider: Provider;
  channel: "sms" | "email";
  sid: string;
  /** The number or address. */
  sender: string;
  /** What a person would enter. */
  given: Credentials;
  /** The values of `given` that nobody may read again. */
  secrets: string[];
  /** What the simulator was asked to make, to make it once more. */
  fields: Record<string, unknown>;
  /** What the simulator says of it. */
  described: Record<string, unknown>;
}

export const sendsEmail = ({ features }: Provider) => features.includes("email");

export const freshSender = (provider: Provider) =>
  sendsEmail(provider) ? `desk@${crypto.randomUUID()}.example.com` : freshNumber();

/** `more` is what the simulator is asked for besides. */
export async function createAccount(
  provider: Provider,
  sender = freshSender(provider),
  more: Record<string, unknown> = {},
): Promise<SimulatedAccount> {
  const traits = TRAITS[provider.id];
  const channel = sendsEmail(provider) ? "email" : "sms";
  const domain = sender.split("@")[1];
  const senders = channel === "email"
    ? { senders: [sender, `*@${domain}`] }
    : { numbers: [sender] };
  const fields = { ...senders, ...more };
  const answer = { ...await control(`/${provider.id}/accounts`, { json: fields }) };
  const given = Object.fromEntries(
    Object.entries(traits.credentials).map(([name, theirName]) => [
      name,
      theirName === "from_address" ? sender : String(answer[theirName]),
    ]),
  );
  const secrets = provider.credentialFields.filter(({ isSecret }) => isSecret)
    .flatMap(({ name }) => given[name] ?? []);
  const asked = Object.fromEntries(
    Object.values(traits.credentials).filter((name) => name in answer)
      .map((name) => [name, answer[name]]),
  );
  return {
    ...traits,
    provider,
    channel,
    sid: answer.account_sid,
    sender,
    given,
    secrets,
    fields: { ...fields, ...asked, account_sid: answer.account_sid },
    described: answer,
  };
}

/** Changes what the control API has no other way to change; what was set up is forgotten. */
export async function recreateAccount(
  { provider, sid, fields }: SimulatedAccount,
  changes: Record<string, unknown>,
): Promise<void> {
  const url = `/${provider.id}/accounts`;
  await control(`${url}/${sid}`, { method: "DELETE" });
  await control(url, { json: { ...fields, ...changes } });
}
