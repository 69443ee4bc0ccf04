import { createEmailWorkspace, type EmailWorkspace } from "../support/channels.ts";
import { callFunction } from "../support/functions.ts";
import { untilStatus } from "../support/messages.ts";
import { eventually } from "../support/poll.ts";
import { serviceClient } from "../support/people.ts";
import { control } from "../support/simulator.ts";
import { inboundParameters, postSigned, webhookUrl } from "../support/webhooks.ts";
import { createConnectedWorkspace, sendMessage, type Workspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";

async function optOutsOf(workspaceId: string) {
  const { data } = await serviceClient().from("opt_outs").select("*")
    .eq("workspace_id", workspaceId).order("opted_out_at");
  return data!;
}

/** Lets a contact text, with what Twilio made of it. */
async function text(workspace: Workspace, from: string, body: string, hint: string) {
  const parameters = { ...inboundParameters(workspace), From: from, Body: body };
  const { status } = await postSigned(
    await webhookUrl(workspace),
    { ...parameters, OptOutType: hint },
    workspace.account.auth_token,
  );
  assertEquals(status, 200);
}

Deno.test("a stop that the provider recognised is kept with its message, and holds at once", async () => {
  const workspace = await createConnectedWorkspace();
  const from = freshNumber();

  await text(workspace, from, "Stop", "STOP");
  await text(workspace, from, "Stop!", "STOP");
  const refused = await sendMessage(workspace, { to: from, body: "Hello" });

  const optOuts = await optOutsOf(workspace.id);
  assertEquals(
    optOuts.map(({ kind, address, source, wording, ended_at }) => [
      kind,
      address,
      source,
      wording,
      ended_at,
    ]),
    [["phone", from, "keyword", "Stop", null]],
  );
  const { data: message } = await serviceClient().from("conversation_messages").select("body")
    .eq("id", optOuts[0]!.message_id!).single();
  assertEquals(message!.body, "Stop");
  assertEquals(refused.body.error.code, "recipient_opted_out");
});

Deno.test("a start ends it, with its message, and a help changes nothing", async () => {
  const workspace = await createConnectedWorkspace();
  const from = freshNumber();
  await text(workspace, from, "Stop", "STOP");

  await text(workspace, from, "Help", "HELP");
  const [held] = await optOutsOf(workspace.id);
  await text(workspace, from, "Start", "START");
  await text(workspace, from, "Start", "START");

  const [ended, ...others] = await optOutsOf(workspace.id);
  assertEquals([held!.ended_at, others.length], [null, 0]);
  assertEquals([ended!.ended_source, ended!.ended_wording], ["keyword", "Start"]);
  const sent = await sendMessage(workspace, { to: from, body: "Hello" });
  assertEquals(sent.status, 202);
});

const send = (workspace: EmailWorkspace, to: string) =>
  callFunction("messages", {
    token: workspace.owner.token,
    json: { workspace_id: workspace.id, channel: "email", to, subject: "Hello", body: "Hello" },
  });

for (
  const [status, source] of [["complained", "complaint"], ["unsubscribed", "unsubscribe_link"]]
) {
  Deno.test(`an e-mail that is ${status} opts its address out, once`, async () => {
    const workspace = await createEmailWorkspace();
    const to = `patient-${crypto.randomUUID()}@example.net`;
    await control("/postmark/recipients", {
      json: { account_sid: workspace.accountSid, address: to, statuses: ["delivered", status] },
    });
    const { body } = await send(workspace, to);
    await untilStatus(body.message.id, "delivered");

    const optOuts = await eventually("the address to be opted out", async () => {
      const rows = await optOutsOf(workspace.id);
      return rows.length > 0 && rows;
    });

    assertEquals(optOuts.map((row) => [row.kind, row.address, row.source]), [
      ["email", to, source!],
    ]);
    const refused = await send(workspace, to);
    assertEquals(refused.body.error.code, "recipient_opted_out");
  });
}
