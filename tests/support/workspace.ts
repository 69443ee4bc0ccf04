import { callFunction } from "./functions.ts";
import { type Person, signUp } from "./people.ts";
import { control } from "./simulator.ts";
import { connectToDatabase } from "./stack.ts";
import { freshNumber, liftPace } from "./world.ts";

/** An account at the simulated Twilio. */
export interface SimulatedAccount {
  account_sid: string;
  auth_token: string;
  numbers: { sid: string; phone_number: string; sms_url: string; sms_fallback_url: string }[];
}

export interface Workspace {
  id: string;
  owner: Person;
  account: SimulatedAccount;
  connectionId: string;
  phoneNumber: string;
  phoneNumberId: string;
}

export async function createSimulatedAccount(
  numbers: unknown[] = [freshNumber()],
): Promise<SimulatedAccount> {
  return await control("/twilio/accounts", { json: { numbers } });
}

export async function readSimulatedAccount(accountSid: string): Promise<SimulatedAccount> {
  return await control(`/twilio/accounts/${accountSid}`);
}

export async function createWorkspace(owner: Person): Promise<string> {
  const { data, error } = await owner.client.rpc("create_workspace", { name: "Acme Dental" });
  if (error) throw new Error(`Cannot create a workspace: ${error.message}`);
  return data.id;
}

export async function connectTwilio(
  person: Person,
  workspaceId: string,
  account: { account_sid: string; auth_token: string },
) {
  return await callFunction("connections", {
    token: person.token,
    json: {
      workspace_id: workspaceId,
      provider: "twilio",
      credentials: { account_sid: account.account_sid, auth_token: account.auth_token },
    },
  });
}

/** A workspace that is ready to send and receive, made the way its users would. */
export async function createConnectedWorkspace(given?: SimulatedAccount): Promise<Workspace> {
  const [owner, account] = await Promise.all([signUp("owner"), given ?? createSimulatedAccount()]);
  const id = await createWorkspace(owner);
  const { status, body } = await connectTwilio(owner, id, account);
  if (status !== 201) throw new Error(`Cannot connect: ${JSON.stringify(body)}`);
  const [number] = body.phone_numbers;
  const sql = connectToDatabase();
  await liftPace(sql, body.connection.id);
  // Else the operator's senders, which other tests add, would serve it, too.
  await sql`update public.workspaces set communication_mode = 'byoc' where id = ${id}`;
  await sql.end();
  return {
    id,
    owner,
    account,
    connectionId: body.connection.id,
    phoneNumber: number.phone_number,
    phoneNumberId: number.id,
  };
}

export async function sendMessage(
  workspace: Workspace,
  message: Record<string, unknown>,
  person: Person = workspace.owner,
) {
  return await callFunction("messages", {
    token: person.token,
    json: { workspace_id: workspace.id, ...message },
  });
}
