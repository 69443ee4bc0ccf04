import { assert, assertEquals, assertMatch } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { callFunction } from "../support/functions.ts";
import { untilStatus } from "../support/messages.ts";
import { serviceClient, signUp } from "../support/people.ts";
import { createWorkspace } from "../support/workspace.ts";
import { countRequests, send, takenBy } from "./providers/desk.ts";
import { addContact, execute, openAgentDesk, refusalIn, setLines } from "./tools/agent_desk.ts";

const twilio = providers.get("twilio")!;

async function decide(
  { owner }: { owner: { token: string } },
  approvalId: string,
  json: Record<string, unknown>,
) {
  return await callFunction(`execute-tool/approvals/${approvalId}`, { token: owner.token, json });
}

Deno.test("what needs a person's word waits for it, and goes out once it is given", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId, address } = await addContact(desk);
  const given = { contact_id: contactId, body: "Your appointment is at 3" };
  const call = { call_id: "call-1" };

  const asked = await execute(desk, "send_message", given, call);
  const askedAgain = await execute(desk, "send_message", given, call);
  const { approval_id } = asked.body.result;
  const approved = await decide(desk, approval_id, { decision: "approve", note: "Go ahead" });
  const told = await execute(desk, "send_message", given, call);

  assertEquals([asked.status, asked.body.tool_call.status], [202, "awaiting_approval"]);
  assertEquals([asked.body.result.reason, askedAgain.body.result.approval_id], [
    "destructive",
    approval_id,
  ]);
  assertMatch(asked.body.next, /A person has to approve/);
  assertEquals([approved.status, approved.body.approval, approved.body.tool_call.status], [
    200,
    { id: approval_id, status: "approved" },
    "succeeded",
  ], JSON.stringify(approved.body));
  assertEquals([told.status, told.body.is_duplicate, told.body.result], [
    200,
    true,
    approved.body.tool_call.result,
  ]);
  await untilStatus(told.body.result.message_id, "delivered");
  assertEquals((await takenBy(desk, address)).length, 1);
});

Deno.test("what a person refuses is not done, and the agent is told so", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId, address } = await addContact(desk);
  const given = { contact_id: contactId, body: "Your appointment is at 3" };
  const call = { call_id: "call-1" };

  const { body } = await execute(desk, "send_message", given, call);
  const refused = await decide(desk, body.result.approval_id, {
    decision: "refuse",
    note: "We call them",
  });
  const told = await execute(desk, "send_message", given, call);
  const tooLate = await decide(desk, body.result.approval_id, { decision: "approve" });

  assertEquals([refused.status, refused.body.approval.status, refused.body.tool_call.status], [
    200,
    "refused",
    "refused",
  ], JSON.stringify(refused.body));
  assertEquals(refusalIn(told), [403, "approval_refused", undefined]);
  assertMatch(told.body.error.message, /We call them/);
  assertEquals([tooLate.status, tooLate.body.error.code], [409, "conflict"]);
  assertEquals(await takenBy(desk, address), []);
});

Deno.test("a call that waits is placed by the word of a member, once", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId } = await addContact(desk);

  const { body } = await execute(desk, "twilio_start_call", {
    contact_id: contactId,
    body: "Your appointment is at 3",
  });
  const { approval_id } = body.result;
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => decide(desk, approval_id, { decision: "approve" })),
  );
  const again = await decide(desk, approval_id, { decision: "approve" });

  const done = answers.filter((answer) => answer.body.tool_call?.status === "succeeded");
  assert(done.length > 0, JSON.stringify(answers.map((answer) => answer.body)));
  assertEquals([again.status, again.body.tool_call.status], [200, "succeeded"]);
  const { data } = await serviceClient().from("calls").select("id")
    .eq("workspace_id", desk.workspaceId);
  assertEquals(data!.map(({ id }) => id), [again.body.tool_call.result.call_id]);
  assertEquals(await countRequests(desk, "calls.create"), 1);
});

Deno.test("only those who see an approval decide about it", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId } = await addContact(desk);
  const stranger = await signUp("stranger");
  await createWorkspace(stranger);

  const { body } = await execute(desk, "send_message", {
    contact_id: contactId,
    body: "Your appointment is at 3",
  });
  const { approval_id } = body.result;
  const answers = [
    await decide({ owner: stranger }, approval_id, { decision: "approve" }),
    await decide({ owner: stranger }, crypto.randomUUID(), { decision: "approve" }),
    await decide({ owner: stranger }, "1", { decision: "approve" }),
  ];
  const byKey = await decide({ owner: { token: desk.apiKey } }, approval_id, {
    decision: "approve",
  });
  const unclear = await decide(desk, approval_id, { decision: "maybe" });

  for (const answer of answers) {
    assertEquals([answer.status, answer.body.error.code], [404, "not_found"]);
  }
  assertEquals(byKey.status, 401, "an agent does not approve what it asked for");
  assertEquals(refusalIn(unclear), [400, "invalid_request", "decision"]);
});

Deno.test("what was approved waits again where it has become a repetition meanwhile", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId, address } = await addContact(desk);
  const given = { contact_id: contactId, body: `Hello ${address}` };

  const { body } = await execute(desk, "send_message", given);
  await send(desk, address);
  const { approval_id } = body.result;
  const approved = await decide(desk, approval_id, { decision: "approve" });
  const approvedAgain = await decide(desk, approval_id, { decision: "approve" });

  assertEquals([approved.status, approved.body.approval, approved.body.tool_call.status], [
    200,
    { id: approval_id, status: "pending" },
    "awaiting_approval",
  ], JSON.stringify(approved.body));
  assertEquals(approved.body.tool_call.result.reason, "near_duplicate");
  assertEquals([approvedAgain.body.approval?.status, approvedAgain.body.tool_call?.status], [
    "approved",
    "succeeded",
  ]);
});
