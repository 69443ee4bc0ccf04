import { serviceClient } from "./people.ts";
import { control } from "./simulator.ts";
import { signTwilioForm } from "./twilio_signature.ts";
import { readSimulatedAccount, type Workspace } from "./workspace.ts";
import { freshNumber } from "./world.ts";

/** Lets somebody text the workspace's number, through the provider. */
export async function receive(workspace: Workspace, message: Record<string, unknown>) {
  return await control("/twilio/inbound", {
    json: { account_sid: workspace.account.account_sid, to: workspace.phoneNumber, ...message },
  });
}

/** The webhook address of the workspace's number, as the provider knows it. */
export async function webhookUrl(workspace: Workspace): Promise<string> {
  const [number] = (await readSimulatedAccount(workspace.account.account_sid)).numbers;
  return number!.sms_url.split("#")[0]!;
}

/** Posts a form as Twilio would, signed with the token given. */
export async function postSigned(
  url: string,
  parameters: Record<string, string>,
  authToken: string,
) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "x-twilio-signature": signTwilioForm(url, parameters, authToken) },
    body: new URLSearchParams(parameters),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What was stored of the workspace's webhooks, in the order of their arrival. */
export async function eventsOf(workspace: Workspace) {
  const { data } = await serviceClient().from("webhook_events")
    .select("id, kind, external_id, status, state, reason, message_id")
    .eq("workspace_id", workspace.id).order("received_at");
  return data!;
}

export function inboundParameters(workspace: Workspace): Record<string, string> {
  return {
    MessageSid: "SM" + crypto.randomUUID().replaceAll("-", ""),
    AccountSid: workspace.account.account_sid,
    From: freshNumber(),
    To: workspace.phoneNumber,
    Body: "Hello",
    NumMedia: "0",
    NumSegments: "1",
  };
}

export function statusParameters(
  workspace: Workspace,
  sid: string,
  status: string,
): Record<string, string> {
  return {
    MessageSid: sid,
    MessageStatus: status,
    SmsStatus: status,
    AccountSid: workspace.account.account_sid,
    From: workspace.phoneNumber,
    To: freshNumber(),
  };
}
