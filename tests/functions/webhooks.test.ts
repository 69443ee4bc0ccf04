import { callFunction } from "../support/functions.ts";
import { serviceClient } from "../support/people.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";
import { signTwilioForm } from "../support/twilio_signature.ts";
import {
  eventsOf,
  inboundParameters,
  postSigned,
  receive,
  webhookUrl,
} from "../support/webhooks.ts";
import { connectTwilio, createConnectedWorkspace, sendMessage } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

Deno.test("a reply lands in the conversation it answers, unread, and is answered with TwiML", async () => {
  const workspace = await createConnectedWorkspace();
  const contact = freshNumber();
  const { body } = await sendMessage(workspace, { to: contact, body: "Shall we say 3?" });

  const { delivery } = await receive(workspace, { from: contact, body: "Yes, 3 is fine" });

  assertEquals([delivery.status, delivery.response_content_type], [200, "text/xml; charset=utf-8"]);
  assertMatch(delivery.response_body, /<Response><\/Response>$/);
  const { data } = await workspace.owner.client.from("conversations")
    .select("is_unread, snippet, conversation_messages(direction, status, body, from_address)")
    .eq("id", body.message.conversation_id).single();
  assertEquals([data!.is_unread, data!.snippet], [true, "Yes, 3 is fine"]);
  assertEquals(
    data!.conversation_messages.find((message) => message.direction === "inbound"),
    { direction: "inbound", status: "received", body: "Yes, 3 is fine", from_address: contact },
  );
});

Deno.test("a stranger's first text opens a conversation, with its media", async () => {
  const workspace = await createConnectedWorkspace();

  await receive(workspace, {
    from: freshNumber(),
    body: "",
    media: [{ content_type: "image/png" }, { content_type: "image/jpeg" }],
  });

  const { data } = await workspace.owner.client.from("conversation_messages")
    .select("status, message_media(position, content_type)").eq("workspace_id", workspace.id)
    .single();
  assertEquals(data!.message_media.map((media) => media.content_type), ["image/png", "image/jpeg"]);
});

Deno.test("companies that text from a short code or a name are heard, and cannot be answered", async () => {
  const workspace = await createConnectedWorkspace();
  for (const from of ["22395", "AMAZON"]) {
    const { status } = await postSigned(
      await webhookUrl(workspace),
      { ...inboundParameters(workspace), From: from },
      workspace.account.auth_token,
    );
    const { data } = await workspace.owner.client.from("conversations").select("id")
      .eq("workspace_id", workspace.id).eq("contact_address", from).single();
    const reply = await sendMessage(workspace, { conversation_id: data!.id, body: "Hello?" });
    assertEquals([status, reply.status, reply.body.error.code], [200, 422, "invalid_recipient"]);
  }
});

Deno.test("a signature with a key that was replaced a moment ago is checked with the new one", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  await postSigned(url, inboundParameters(workspace), workspace.account.auth_token);
  const authToken = crypto.randomUUID().replaceAll("-", "");
  await control(`/twilio/accounts/${workspace.account.account_sid}`, {
    method: "PATCH",
    json: { auth_token: authToken },
  });
  await connectTwilio(workspace.owner, workspace.id, {
    ...workspace.account,
    auth_token: authToken,
  });

  const { status } = await postSigned(url, inboundParameters(workspace), authToken);

  assertEquals(status, 200);
});

Deno.test("a webhook for a connection that was disconnected a moment ago finds nobody", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  const { auth_token } = workspace.account;
  assertEquals((await postSigned(url, inboundParameters(workspace), auth_token)).status, 200);
  await callFunction(`connections/${workspace.connectionId}`, {
    method: "DELETE",
    token: workspace.owner.token,
  });

  const { status } = await postSigned(url, inboundParameters(workspace), auth_token);

  assertEquals(status, 404);
  assertEquals((await eventsOf(workspace)).length, 1);
});

Deno.test("a message from an address that nobody can have is kept, as failed", async () => {
  const workspace = await createConnectedWorkspace();
  const inbound = inboundParameters(workspace);

  const { status } = await postSigned(
    await webhookUrl(workspace),
    { ...inbound, From: "+1 415 555 0123" },
    workspace.account.auth_token,
  );

  assertEquals(status, 200);
  const [event] = await eventsOf(workspace);
  assertEquals([event!.external_id, event!.state], [inbound.MessageSid, "failed"]);
});

Deno.test("the same inbound message told twice, also by the fallback, is one message", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  const parameters = inboundParameters(workspace);
  const { auth_token } = workspace.account;

  const answers = await Promise.all([
    postSigned(url, parameters, auth_token),
    postSigned(url, parameters, auth_token),
    postSigned(`${url}?fallback=1`, parameters, auth_token),
  ]);

  assertEquals(answers.map((answer) => answer.status), [200, 200, 200]);
  for (const { headers } of answers) assertMatch(headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
  const { data } = await workspace.owner.client.from("conversation_messages").select("id")
    .eq("workspace_id", workspace.id);
  assertEquals(data!.length, 1);
  assertEquals((await eventsOf(workspace)).length, 1);
});

Deno.test("a wrong signature is refused, stored nowhere and counted", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  const parameters = inboundParameters(workspace);
  const signed = signTwilioForm(url, parameters, workspace.account.auth_token);
  const attempts: [string, Record<string, string>, HeadersInit][] = [
    [url, parameters, {}],
    [url, parameters, { "x-twilio-signature": "nonsense" }],
    [url, { ...parameters, Body: "changed" }, { "x-twilio-signature": signed }],
    [`${url}?attempt=1`, parameters, { "x-twilio-signature": signed }],
    [url, parameters, { "x-twilio-signature": signTwilioForm(url, parameters, "f".repeat(32)) }],
  ];

  for (const [target, form, headers] of attempts) {
    const response = await fetch(target, {
      method: "POST",
      headers,
      body: new URLSearchParams(form),
    });
    assertEquals([response.status, (await response.json()).error.code], [401, "signature_invalid"]);
  }

  assertEquals(await eventsOf(workspace), []);
  const [row] = await sql`
    select sum(refusal_count)::integer as count from private.webhook_refusals
    where connection_id = ${workspace.connectionId} and reason = 'signature_invalid'`;
  await sql.end();
  assertEquals(row!.count, attempts.length);
});

Deno.test("an unknown token and an unknown provider are not found", async () => {
  const { url } = readTestStack();
  for (const path of [`twilio/${"x".repeat(43)}`, `nobody/${"x".repeat(43)}`, "twilio"]) {
    const response = await fetch(`${url}/functions/v1/webhooks/${path}`, { method: "POST" });
    assertEquals([response.status, (await response.json()).error.code], [404, "not_found"], path);
  }
});

Deno.test("an oversized webhook is refused", async () => {
  const workspace = await createConnectedWorkspace();
  const parameters = { ...inboundParameters(workspace), Body: "x".repeat(11 * 1024 * 1024) };

  const { status } = await postSigned(
    await webhookUrl(workspace),
    parameters,
    workspace.account.auth_token,
  );

  assertEquals(status, 413);
});

Deno.test("an authentic webhook that cannot be read is quarantined and acknowledged", async () => {
  const workspace = await createConnectedWorkspace();

  const { status } = await postSigned(
    await webhookUrl(workspace),
    { Surprise: "1" },
    workspace.account.auth_token,
  );

  assertEquals(status, 200);
  const [event] = await eventsOf(workspace);
  assertEquals([event!.kind, event!.state], ["unreadable", "quarantined"]);
});

Deno.test("a message to a number that is not ours is quarantined, and replayed when it is", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false
    where id = ${workspace.phoneNumberId}`;
  const { status } = await postSigned(
    url,
    inboundParameters(workspace),
    workspace.account.auth_token,
  );
  const [quarantined] = await eventsOf(workspace);
  await sql`update public.phone_numbers set status = 'active' where id = ${workspace.phoneNumberId}`;
  await sql.end();

  const { data } = await serviceClient().rpc("replay_webhook_events", {
    event_ids: [quarantined!.id],
  });
  const again = await serviceClient().rpc("replay_webhook_events", {
    event_ids: [quarantined!.id],
  });

  assertEquals([status, quarantined!.state, quarantined!.reason], [
    200,
    "quarantined",
    "no_such_number",
  ]);
  assertEquals(data?.map((row) => row.state), ["processed"]);
  assertEquals(again.data, [], "acted on once");
  const [event] = await eventsOf(workspace);
  assert(event!.message_id !== null);
});
