import { call, expectStatus, type Signed } from "./requests.ts";
import type { DemoStack } from "./stack.ts";
import { expect, heading, line, quote, until } from "./transcript.ts";

export interface AgentScene {
  owner: Signed;
  member: Signed;
  workspaceId: string;
  connectionId: string;
  /** With the contact who has just answered. */
  conversationId: string;
}

const REPLY = "Thank you! Please bring your insurance card.";

/** An agent gets tools, is refused a stranger, asks for approval, and its message goes out. */
export async function playAgent(stack: DemoStack, scene: AgentScene): Promise<void> {
  const { member, conversationId } = scene;
  heading("Give an agent a key, and two rights on the account");
  const agent = await hire(scene);
  const listed = await call(stack, agent, "get-agent-tools?format=anthropic");
  expectStatus("the agent gets its tools", listed, 200);
  const names: string[] = listed.body.tools.map(({ name }: { name: string }) => name);
  expect("it can send a message", names.includes("send_message"));
  expect("and not read the balance", !names.includes("twilio_get_balance"));
  line(`${names.length} tools: ${names.join(", ")}`);

  heading("A model is talked into texting a stranger");
  const callTool = (callId: string, given: Record<string, unknown>) =>
    call(stack, agent, "execute-tool", {
      tool: "send_message",
      arguments: given,
      run_id: `demo-${conversationId}`,
      call_id: callId,
    });
  const refused = await callTool("call-1", { to: "+14155550199", body: "Click here" });
  expectStatus("a stranger is out of its reach", refused, 403);
  line(`${refused.status} ${refused.body.error.code}`);
  quote(refused.body.error.message);
  quote(refused.body.error.details.hint);

  heading("It answers the contact, and a person has the last word");
  const reply = { conversation_id: conversationId, body: REPLY };
  const asked = await callTool("call-2", reply);
  expectStatus("the answer waits for a person", asked, 202);
  line(`${asked.status} ${asked.body.tool_call.status}: ${asked.body.result.reason}`);
  const { data: approval } = await member.client.from("agent_approvals").select("summary")
    .eq("id", asked.body.result.approval_id).single();
  quote(expect("the member sees what it wants to do", approval).summary);
  const decided = await call(
    stack,
    member,
    `execute-tool/approvals/${asked.body.result.approval_id}`,
    { decision: "approve" },
  );
  expectStatus("the member approves", decided, 200);
  expect(
    `it was done: ${JSON.stringify(decided.body)}`,
    decided.body.tool_call.status === "succeeded",
  );
  line(`approved by the member: ${decided.body.tool_call.status}`);
  const { message_id: messageId } = decided.body.tool_call.result;
  await until("the answer to be delivered", async () => {
    const { data } = await member.client.from("conversation_messages").select("status")
      .eq("id", messageId).single();
    return data?.status === "delivered";
  });
  const repeated = await callTool("call-2", reply);
  expect("the same call sends nothing more", repeated.body.is_duplicate);
  expect("and has the same answer", repeated.body.result.message_id === messageId);
  line(`delivered; the same call again: is_duplicate ${repeated.body.is_duplicate}`);
}

/** An agent with the lines that every agent has from the start, on one number and at any hour. */
async function hire(
  { owner, workspaceId, connectionId, conversationId }: AgentScene,
): Promise<{ token: string }> {
  const { data: agent } = await owner.client.from("agents")
    .insert({ workspace_id: workspaceId, name: "Front desk assistant" }).select("id").single();
  const agentId = expect("the owner makes an agent", agent).id;
  const { data: conversation } = await owner.client.from("conversations")
    .select("phone_number_id").eq("id", conversationId).single();
  const numberId = expect("the conversation runs on a number", conversation?.phone_number_id);
  await owner.client.from("agent_guardrails").update({
    allowed_phone_number_ids: [numberId],
    quiet_hours_start: null,
    quiet_hours_end: null,
  }).eq("agent_id", agentId);
  const granted = await owner.client.rpc("grant_agent_permission", {
    agent_id: agentId,
    connection_id: connectionId,
    allowed_scopes: ["sms", "history"],
  });
  expect(`the owner grants sms and history: ${granted.error?.message}`, !granted.error);
  const { data: keys } = await owner.client.rpc("create_agent_key", {
    agent_id: agentId,
    name: "Demo",
    allowed_scopes: ["sms", "history"],
  });
  const key = expect("the agent gets a key", keys?.[0]);
  line(`granted sms and history; a key, shown once: ${key.api_key.slice(0, 8)}…`);
  return { token: key.api_key };
}
