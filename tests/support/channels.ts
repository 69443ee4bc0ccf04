import { callFunction } from "./functions.ts";
import { signUp } from "./people.ts";
import { control } from "./simulator.ts";
import { connectToDatabase } from "./stack.ts";
import {
  createConnectedWorkspace,
  createSimulatedAccount,
  createWorkspace,
  type Workspace,
} from "./workspace.ts";
import { freshNumber } from "./world.ts";

/** A workspace whose one number sends on WhatsApp, too. */
export async function createWhatsAppWorkspace(): Promise<Workspace> {
  const account = await createSimulatedAccount([{ phone_number: freshNumber(), whatsapp: true }]);
  const workspace = await createConnectedWorkspace(account);
  await setCapabilities(workspace, { whatsapp: true });
  return workspace;
}

export async function setCapabilities(
  { phoneNumberId }: Workspace,
  capabilities: Record<string, boolean>,
): Promise<void> {
  const sql = connectToDatabase(1);
  await sql`
    update public.phone_numbers set capabilities = capabilities || ${sql.json(capabilities)}
    where id = ${phoneNumberId}`;
  await sql.end();
}

/** A workspace that sends and receives e-mail through the simulated Postmark. */
export async function createEmailWorkspace() {
  const address = `desk@${crypto.randomUUID()}.example.com`;
  const [owner, account] = await Promise.all([
    signUp("owner"),
    control("/postmark/accounts", { json: { senders: [address] } }),
  ]);
  const id = await createWorkspace(owner);
  const { server_token, account_token } = account;
  const { status, body } = await callFunction("connections", {
    token: owner.token,
    json: {
      workspace_id: id,
      provider: "postmark",
      credentials: { server_token, account_token, from_address: address },
    },
  });
  if (status !== 201) throw new Error(`Cannot connect: ${JSON.stringify(body)}`);
  return {
    id,
    owner,
    address,
    accountSid: account.account_sid as string,
    connectionId: body.connection.id as string,
  };
}

export type EmailWorkspace = Awaited<ReturnType<typeof createEmailWorkspace>>;

/** Lets somebody write to the workspace's address, through the provider. */
export async function receiveEmail(
  workspace: EmailWorkspace,
  email: Record<string, unknown>,
) {
  return await control("/postmark/inbound", {
    json: { account_sid: workspace.accountSid, to: workspace.address, ...email },
  });
}
