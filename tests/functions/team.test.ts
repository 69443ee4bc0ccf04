/** How people share a workspace, over HTTP as a front end does it. */
import { assert, assertEquals } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { type Person, signUp } from "../support/people.ts";
import {
  createConnectedWorkspace,
  createSimulatedAccount,
  createWorkspace,
  sendMessage,
  type Workspace,
} from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("an invited person joins with the token, sees the workspace, and leaves it again", async () => {
  const workspace = await createConnectedWorkspace();
  const person = await joinAs(workspace, "member");
  await sendMessage(workspace, { to: freshNumber(), body: "Hello" });

  const seen = await person.client.from("conversations").select(
    "id, contacts(id), conversation_messages(body)",
  );
  assertEquals(seen.error, null);
  assertEquals(seen.data!.map((row) => row.conversation_messages), [[{ body: "Hello" }]]);

  const { error } = await person.client.rpc("leave_workspace", { workspace_id: workspace.id });
  assertEquals(error, null);
  const left = await person.client.from("conversations").select("id");
  assertEquals(left.data, []);
});

Deno.test("an invitation is no use to anybody else, and tells them nothing", async () => {
  const workspace = await createConnectedWorkspace();
  const [invited, finder] = await Promise.all([signUp("invited"), signUp("finder")]);
  const { data } = await workspace.owner.client.rpc("create_invitation", {
    workspace_id: workspace.id,
    email: invited.email,
  });
  const token = data![0]!.token;

  const { error } = await finder.client.rpc("accept_invitation", { token });
  const unknown = await finder.client.rpc("accept_invitation", { token: "no-such-token" });

  assertEquals(error, unknown.error);
  assertEquals(JSON.parse(error!.details!).code, "invitation_not_found");
});

Deno.test("the last owner cannot leave, and is told what to do", async () => {
  const { id, owner } = await createConnectedWorkspace();

  const { error } = await owner.client.rpc("leave_workspace", { workspace_id: id });

  assertEquals([JSON.parse(error!.details!).code, error!.hint], [
    "last_owner",
    "Make another member an owner first",
  ]);
});

Deno.test("a member connects an account of their own, which nobody else sees or uses", async () => {
  const workspace = await createConnectedWorkspace();
  const member = await joinAs(workspace, "member");
  const account = await createSimulatedAccount();

  const { status, body } = await connectPersonally(member, workspace.id, account);
  assertEquals(status, 201);
  assertEquals(body.connection.owner_user_id, member.id);

  const theirs = await workspace.owner.client.from("connections").select("id");
  assertEquals(theirs.data!.map((row) => row.id), [workspace.connectionId]);
  const asOwner = await sendMessage(workspace, {
    to: freshNumber(),
    body: "Hello",
    from: body.phone_numbers[0].phone_number,
  });
  assertEquals([asOwner.status, asOwner.body.error.code], [404, "sender_not_found"]);
  const asMember = await sendMessage(workspace, {
    to: freshNumber(),
    body: "Hello",
    from: body.phone_numbers[0].phone_number,
  }, member);
  assertEquals(asMember.status, 202);
  const notTheirs = await callFunction(`connections/${body.connection.id}/test`, {
    token: workspace.owner.token,
    method: "POST",
  });
  assertEquals(notTheirs.status, 404);
  const test = await callFunction(`connections/${body.connection.id}/test`, {
    token: member.token,
    method: "POST",
  });
  assertEquals([test.status, test.body.is_accepted], [200, true]);
});

Deno.test("whoever leaves takes their own account along", async () => {
  const workspace = await createConnectedWorkspace();
  const member = await joinAs(workspace, "member");
  const { body } = await connectPersonally(member, workspace.id, await createSimulatedAccount());

  await workspace.owner.client.rpc("remove_member", {
    workspace_id: workspace.id,
    user_id: member.id,
  });
  await joinAs(workspace, "member", member);

  const { data } = await member.client.from("connections").select("status").eq(
    "id",
    body.connection.id,
  );
  assertEquals(data, [{ status: "inactive" }]);
});

Deno.test("a stranger connects nothing, not even an account of their own", async () => {
  const workspace = await createConnectedWorkspace();
  const stranger = await signUp("stranger");

  const { status, body } = await connectPersonally(
    stranger,
    workspace.id,
    await createSimulatedAccount(),
  );

  assertEquals([status, body.error.code], [404, "not_found"]);
});

Deno.test("where only what is assigned is seen, sending elsewhere is refused with a reason", async () => {
  const workspace = await createConnectedWorkspace();
  const member = await joinAs(workspace, "member");
  const to = freshNumber();
  const sent = await sendMessage(workspace, { to, body: "Hello" });
  const { error } = await workspace.owner.client.from("workspaces")
    .update({ conversation_access: "assigned" }).eq("id", workspace.id);
  assertEquals(error, null);

  const { status, body } = await sendMessage(workspace, { to, body: "Me, too" }, member);
  assertEquals([status, body.error.code], [403, "conversation_not_assigned"]);
  const hidden = await member.client.from("conversation_messages").select("id");
  assertEquals(hidden.data, []);

  const conversationId = sent.body.message.conversation_id;
  await workspace.owner.client.from("conversations").update({ assigned_to: member.id })
    .eq("id", conversationId);
  const reply = await sendMessage(
    workspace,
    { conversation_id: conversationId, body: "Me, too" },
    member,
  );
  assertEquals(reply.status, 202);
  const shown = await member.client.from("conversation_messages").select("body").order(
    "created_at",
  );
  assertEquals(shown.data!.map((row) => row.body), ["Hello", "Me, too"]);
});

Deno.test("an address that opted out is not written to, and the answer says so", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();
  const { error } = await workspace.owner.client.rpc("opt_out", {
    workspace_id: workspace.id,
    address: to,
    wording: "Please take me off your list",
  });
  assertEquals(error, null);

  const { status, body } = await sendMessage(workspace, { to, body: "Hello" });

  assertEquals([status, body.error.code, body.error.details.issues[0].field], [
    422,
    "recipient_opted_out",
    "to",
  ]);
});

Deno.test("deleting a workspace takes everything along, after its name was repeated", async () => {
  const workspace = await createConnectedWorkspace();
  await sendMessage(workspace, { to: freshNumber(), body: "Hello" });
  const { client } = workspace.owner;
  const { data } = await client.from("workspaces").select("slug").eq("id", workspace.id).single();

  const wrong = await client.rpc("delete_workspace", { workspace_id: workspace.id, slug: "wrong" });
  assertEquals(JSON.parse(wrong.error!.details!).field, "slug");
  const right = await client.rpc("delete_workspace", {
    workspace_id: workspace.id,
    slug: data!.slug,
  });
  assertEquals(right.error, null);

  for (const table of ["workspaces", "connections", "conversations", "audit_log"] as const) {
    const column = table === "workspaces" ? "id" : "workspace_id";
    const left = await client.from(table).select("*").eq(column as "id", workspace.id);
    assertEquals(left.data, [], table);
  }
  assert(await createWorkspace(workspace.owner));
});

/** Signs somebody up, unless they are there already, and has them accept an invitation. */
async function joinAs(workspace: Workspace, role: string, joining?: Person): Promise<Person> {
  const person = joining ?? await signUp(role);
  const { data, error } = await workspace.owner.client.rpc("create_invitation", {
    workspace_id: workspace.id,
    email: person.email,
    role,
  });
  assertEquals(error, null);
  const accepted = await person.client.rpc("accept_invitation", { token: data![0]!.token });
  assertEquals(accepted.error, null);
  assertEquals(accepted.data!.role, role);
  return person;
}

async function connectPersonally(
  person: Person,
  workspaceId: string,
  account: { account_sid: string; auth_token: string },
) {
  return await callFunction("connections", {
    token: person.token,
    json: {
      workspace_id: workspaceId,
      provider: "twilio",
      is_personal: true,
      credentials: { account_sid: account.account_sid, auth_token: account.auth_token },
    },
  });
}
