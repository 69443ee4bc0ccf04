/** A provider account whose credentials change, without a webhook being lost on the way. */
import { assertEquals } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase } from "../support/stack.ts";
import { inboundParameters, postSigned, webhookUrl } from "../support/webhooks.ts";
import {
  createConnectedWorkspace,
  createSimulatedAccount,
  type Workspace,
} from "../support/workspace.ts";

Deno.test("after a rotation webhooks count by the new key, and for a day by the old one", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  const authToken = await changeToken(workspace);
  const { status } = await rotate(workspace, { ...workspace.account, auth_token: authToken });
  const post = async (key: string) =>
    (await postSigned(url, inboundParameters(workspace), key)).status;

  assertEquals(status, 200);
  assertEquals([await post(authToken), await post(workspace.account.auth_token)], [200, 200]);
  assertEquals(await post("0".repeat(32)), 401);
  assertEquals(await keysOf(workspace), [authToken, workspace.account.auth_token]);
  await expirePreviousKey(workspace);
  assertEquals(await keysOf(workspace), [authToken]);
});

Deno.test("a rotation to another account is refused, and one that is refused changes nothing", async () => {
  const workspace = await createConnectedWorkspace();
  const other = await createSimulatedAccount();

  const toAnother = await rotate(workspace, other);
  const wrong = await rotate(workspace, { ...workspace.account, auth_token: "0".repeat(32) });

  assertEquals([toAnother.status, toAnother.body.error.details.issues[0].field], [
    409,
    "credentials",
  ]);
  assertEquals([wrong.status, wrong.body.error.code], [422, "credentials_refused"]);
  assertEquals(await keysOf(workspace), [workspace.account.auth_token]);
});

Deno.test("only who may manage a connection rotates it", async () => {
  const [workspace, other] = [await createConnectedWorkspace(), await createConnectedWorkspace()];

  const { status, body } = await rotate(workspace, workspace.account, other.owner.token);

  assertEquals([status, body.error.code], [404, "not_found"]);
});

async function changeToken(workspace: Workspace): Promise<string> {
  const authToken = crypto.randomUUID().replaceAll("-", "");
  await control(`/twilio/accounts/${workspace.account.account_sid}`, {
    method: "PATCH",
    json: { auth_token: authToken },
  });
  return authToken;
}

async function rotate(
  workspace: Workspace,
  account: { account_sid: string; auth_token: string },
  token = workspace.owner.token,
) {
  return await callFunction(`connections/${workspace.connectionId}/rotate`, {
    token,
    json: {
      credentials: { account_sid: account.account_sid, auth_token: account.auth_token },
    },
  });
}

/** The keys that webhooks of the connection are verified with, the newest first. */
async function keysOf(workspace: Workspace): Promise<string[]> {
  const token = /twilio\/([\w-]{43})/.exec(await webhookUrl(workspace))![1]!;
  const sql = connectToDatabase();
  const [row] = await sql`select secrets from public.read_webhook_secret('twilio', ${token})`;
  await sql.end();
  return row!.secrets;
}

async function expirePreviousKey(workspace: Workspace): Promise<void> {
  const sql = connectToDatabase();
  await sql`
    select vault.update_secret(s.id, jsonb_set(s.decrypted_secret::jsonb, '{previous_ends_at}', '"2000-01-01"')::text)
    from vault.decrypted_secrets as s
    join private.connection_credentials as r on r.webhook_secret_id = s.id
    where r.connection_id = ${workspace.connectionId}`;
  await sql.end();
}

Deno.test("who manages a connection is shown where its webhooks go, and nobody else", async () => {
  const [workspace, other] = [await createConnectedWorkspace(), await createConnectedWorkspace()];
  const show = (token: string) =>
    callFunction(`connections/${workspace.connectionId}/webhook-url`, { token, method: "GET" });

  const [mine, theirs] = [await show(workspace.owner.token), await show(other.owner.token)];

  assertEquals([mine.status, mine.body.webhook_url], [200, await webhookUrl(workspace)]);
  assertEquals(theirs.status, 404);
});

Deno.test("a number is made a WhatsApp sender by who manages it", async () => {
  const workspace = await createConnectedWorkspace();
  const { error } = await workspace.owner.client.rpc("set_number_whatsapp", {
    phone_number_id: workspace.phoneNumberId,
    is_enabled: true,
  });
  const { data } = await workspace.owner.client.from("phone_numbers")
    .select("capabilities").eq("id", workspace.phoneNumberId).single();

  assertEquals(error, null);
  assertEquals((data!.capabilities as { whatsapp: boolean }).whatsapp, true);
});
