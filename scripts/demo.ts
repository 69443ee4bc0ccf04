/** Plays one text message all the way there and back, and prints what happened. */
import { createClient } from "@supabase/supabase-js";
import type { Database } from "../supabase/functions/_shared/database/types.ts";
import { DEMO_TWILIO_ACCOUNT } from "./simulator/providers/twilio/demo.ts";
import { type DemoStack, openDemoStack, STACK_FILE } from "./demo/stack.ts";
import { readOptions, runScript } from "./stack/arguments.ts";
import { playAgent } from "./demo/agent.ts";
import { call, expectStatus, type Signed } from "./demo/requests.ts";
import { expect, heading, line, quote, until } from "./demo/transcript.ts";

const HELP = `Usage: npx -y deno@2.9.6 task demo [--stack-file <path>]

Signs in, connects a simulated Twilio account, sends a text, follows it to delivered, receives the
reply, reads the conversation as a member and shows that a stranger reads nothing. Then an agent gets
tools, is refused a stranger, and sends what a person approves. Uses the stack that task dev keeps
running, or that the file describes, or starts one for itself. Exits with 1 if anything is not as
told.`;

const CONTACT = `+1415555${String(Math.floor(Math.random() * 9000) + 1000)}`;

async function play(stack: DemoStack): Promise<void> {
  heading("Sign in");
  const owner = await signIn(stack, "owner@example.com");
  const member = await signIn(stack, "member@example.com");
  const stranger = await signIn(stack, "stranger@example.com");
  const { data: workspaces } = await owner.client.from("workspaces").select("id, name");
  const workspace = expect("the owner sees one workspace", workspaces?.[0]);
  line(`owner@example.com is in the workspace ${workspace.name}`);

  heading("Connect Twilio");
  const { account_sid, auth_token } = DEMO_TWILIO_ACCOUNT;
  const connect = (token: string) =>
    call(stack, owner, "connections", {
      workspace_id: workspace.id,
      provider: "twilio",
      credentials: { account_sid, auth_token: token },
    });
  const refused = await connect("0".repeat(32));
  expectStatus("wrong credentials are refused", refused, 422);
  line(`with a wrong auth token: ${refused.status} ${refused.body.error.code}`);
  quote(refused.body.error.message);
  const connected = await connect(auth_token);
  expectStatus("right credentials are accepted", connected, 201);
  line(`with the right one: ${connected.status}, status ${connected.body.connection.status}`);
  for (const number of connected.body.phone_numbers) {
    expect(`${number.phone_number} has its webhook`, number.webhook_configured);
    line(`imported ${number.phone_number}, its webhook is set at the provider`);
  }

  heading("Send a text");
  const sent = await call(stack, member, "messages", {
    workspace_id: workspace.id,
    to: CONTACT,
    body: "Your appointment is tomorrow at 3 pm. Does that still work?",
  });
  expectStatus("the text is accepted at once", sent, 202);
  const { id, conversation_id: conversationId, status } = sent.body.message;
  line(`202 in ${sent.elapsedMs} ms: message ${id}`);
  const seen: string[] = [status];
  await until("the text to be delivered", async () => {
    const { data } = await member.client.from("conversation_messages").select("status")
      .eq("id", id).single();
    if (data && data.status !== seen.at(-1)) seen.push(data.status);
    return data?.status === "delivered";
  });
  const { data: receipts } = await owner.client.from("webhook_events").select("status, state")
    .eq("message_id", id).order("received_at");
  const told = receipts?.map((event) => event.status) ?? [];
  expect("every receipt was applied", receipts?.every((event) => event.state === "processed"));
  const path = [status, ...told.filter((word) => word === "sent" || word === "delivered")];
  expect(`it went queued, sent, delivered: ${path}`, path.join() === "queued,sent,delivered");
  line(
    `${path.join(" → ")} (the member saw ${seen.join(", ")}; signed receipts: ${told.join(", ")})`,
  );

  heading("Receive the reply");
  const reply = await fetch(`${stack.simulator_url}/_control/twilio/inbound`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      account_sid,
      from: CONTACT,
      to: DEMO_TWILIO_ACCOUNT.numbers[0].phone_number,
      body: "Yes, see you then!",
    }),
  }).then((response) => response.json());
  expect("the reply was taken", reply.delivery.status === 200);
  line(`${CONTACT} wrote back; the webhook answered ${reply.delivery.status}`);

  heading("The conversation, as the member reads it with supabase-js");
  const { data: conversation } = await member.client.from("conversations")
    .select("channel, is_unread, conversation_messages(direction, body, status, created_at)")
    .eq("id", conversationId)
    .order("created_at", { referencedTable: "conversation_messages" })
    .single();
  const messages = conversation?.conversation_messages ?? [];
  for (const message of messages) {
    const arrow = message.direction === "outbound" ? "→" : "←";
    line(`${arrow} ${message.body}  (${message.status})`);
  }
  expect(
    "the text and its reply are in one conversation",
    messages.map((message) => message.direction).join() === "outbound,inbound",
  );
  expect("and it is unread", conversation?.is_unread);

  heading("The same, as a stranger of another workspace reads it");
  const tables = [
    "conversations",
    "conversation_messages",
    "contacts",
    "phone_numbers",
    "connections",
  ] as const;
  for (const table of tables) {
    const { data } = await stranger.client.from(table).select("id").eq(
      "workspace_id",
      workspace.id,
    );
    expect(`a stranger reads nothing from ${table}`, data?.length === 0);
    line(`${table}: ${data!.length} rows`);
  }
  const intruding = await call(stack, stranger, "messages", {
    conversation_id: conversationId,
    workspace_id: workspace.id,
    body: "Let me in",
  });
  expectStatus("a stranger cannot send", intruding, 404);
  line(`sending into it: ${intruding.status} ${intruding.body.error.code}`);

  await playAgent(stack, {
    owner,
    member,
    workspaceId: workspace.id,
    connectionId: connected.body.connection.id,
    conversationId,
  });
}

async function signIn(stack: DemoStack, email: string): Promise<Signed> {
  const client = createClient<Database>(stack.url, stack.publishable_key, {
    auth: { autoRefreshToken: false, persistSession: false },
  });
  const user = stack.users.find((candidate) => candidate.email === email);
  const { data } = await client.auth.signInWithPassword({ email, password: user?.password ?? "" });
  const session = expect(`${email} signs in`, data.session);
  return { client, token: session.access_token };
}

await runScript(async () => {
  const values = readOptions(HELP, {
    "stack-file": { type: "string", default: STACK_FILE },
  });
  const stack = await openDemoStack(values["stack-file"]);
  let isAsTold = false;
  try {
    await play(stack);
    console.log("\nEverything as told.");
    isAsTold = true;
  } catch (error) {
    console.error(`\nNot as told: ${error instanceof Error ? error.message : error}`);
  } finally {
    await stack.stop();
  }
  Deno.exit(isAsTold ? 0 : 1);
});
