import { createCallerDeps } from "../../supabase/functions/_shared/caller_deps.ts";
import { createServiceClient } from "../../supabase/functions/_shared/database/client.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { createApp } from "../../supabase/functions/messages/app.ts";
import { setCapabilities } from "../support/channels.ts";
import { serviceClient } from "../support/people.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";
import { postSigned } from "../support/webhooks.ts";
import { createConnectedWorkspace, type Workspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

const newSid = () => "CA" + crypto.randomUUID().replaceAll("-", "");

/** The function itself, with a Twilio that answers as scripted; its requests, as forms. */
function functionWith(answer: () => Response | Promise<Response>) {
  const { url, publishable_key, secret_key } = readTestStack();
  const environment = {
    supabaseUrl: url,
    publishableKey: publishable_key,
    secretKey: secret_key,
    secretKeys: [secret_key],
    webhooksUrl: `${url}/functions/v1/webhooks`,
    simulatorUrl: undefined,
  };
  const requests: { url: string; form: URLSearchParams }[] = [];
  const app = createApp({
    ...createCallerDeps(environment),
    service: createServiceClient(environment),
    transport: createTransport({
      fetch: async (request) => {
        requests.push({ url: request.url, form: new URLSearchParams(await request.text()) });
        return await answer();
      },
    }),
    webhooksUrl: environment.webhooksUrl,
    fingerprintKey: environment.secretKey,
    kickDispatch: () => {},
  });
  const call = async (workspace: Workspace, request: Record<string, unknown>) => {
    const response = await app.request("/messages/calls", {
      method: "POST",
      headers: { authorization: `Bearer ${workspace.owner.token}` },
      body: JSON.stringify({
        workspace_id: workspace.id,
        text: "Your appointment is at 3",
        ...request,
      }),
    });
    return { status: response.status, body: await response.json() };
  };
  return { call, requests };
}

const takes = (sid = newSid()) =>
  functionWith(() => Response.json({ sid, status: "queued" }, { status: 201 }));

async function createCallingWorkspace(): Promise<Workspace> {
  const workspace = await createConnectedWorkspace();
  await setCapabilities(workspace, { voice: true });
  return workspace;
}

async function readCall(id: string) {
  const { data, error } = await serviceClient().from("calls").select("*").eq("id", id).single();
  if (error) throw new Error(error.message);
  return data;
}

/** Tells what became of a call as Twilio does. */
async function report(
  workspace: Workspace,
  statusUrl: string,
  sid: string,
  status: string,
  more: Record<string, string> = {},
) {
  const parameters = {
    CallSid: sid,
    AccountSid: workspace.account.account_sid,
    CallStatus: status,
    From: workspace.phoneNumber,
    To: freshNumber(),
    Direction: "outbound-api",
    ...more,
  };
  return await postSigned(
    statusUrl.split("#")[0]!,
    parameters,
    workspace.account.auth_token,
  );
}

Deno.test("a call is started once, and its reports move it forward", async () => {
  const workspace = await createCallingWorkspace();
  const sid = newSid();
  const { call, requests } = takes(sid);
  const to = freshNumber();

  const { status, body } = await call(workspace, { to, language: "en-GB" });

  assertEquals([status, body.call.status, body.is_duplicate], [202, "queued", false]);
  const [request, ...others] = requests;
  assertEquals(others.length, 0);
  assertEquals([request!.form.get("To"), request!.form.get("From")], [to, workspace.phoneNumber]);
  assertMatch(request!.form.get("Twiml")!, /en-GB.*Your appointment is at 3/);
  const statusUrl = request!.form.get("StatusCallback")!;

  const states = [];
  for (
    const [word, more] of [
      ["ringing", {}],
      ["in-progress", {}],
      ["ringing", {}],
      ["completed", { CallDuration: "12" }],
      ["in-progress", {}],
    ] as const
  ) {
    assertEquals((await report(workspace, statusUrl, sid, word, more)).status, 200);
    states.push((await readCall(body.call.id)).status);
  }
  assertEquals(states, ["ringing", "in_progress", "in_progress", "completed", "completed"]);
  const ended = await readCall(body.call.id);
  assertEquals([ended.external_id, ended.duration_seconds, ended.spoken_text], [
    sid,
    12,
    "Your appointment is at 3",
  ]);
  assert(ended.answered_at !== null && ended.ended_at !== null);
  const { data } = await workspace.owner.client.from("conversations").select("channel, calls(id)")
    .eq("id", body.call.conversation_id).single();
  assertEquals(data, { channel: "call", calls: [{ id: body.call.id }] });
});

Deno.test("one key is one call, and another request may not use it", async () => {
  const workspace = await createCallingWorkspace();
  const { call, requests } = takes();
  const request = { to: freshNumber(), idempotency_key: crypto.randomUUID() };

  const answers = await Promise.all(Array.from({ length: 5 }, () => call(workspace, request)));
  const other = await call(workspace, { ...request, text: "Something else" });

  assertEquals(new Set(answers.map(({ body }) => body.call.id)).size, 1);
  assertEquals(answers.filter(({ body }) => !body.is_duplicate).length, 1);
  assertEquals([other.status, other.body.error.code], [409, "idempotency_key_reused"]);
  assertEquals(requests.length, 1);
});

Deno.test("a call of which nobody knows is kept as such, not made again, and mended by a report", async () => {
  const workspace = await createCallingWorkspace();
  const { call, requests } = functionWith(() => new Response("", { status: 502 }));
  const request = { to: freshNumber(), idempotency_key: crypto.randomUUID() };

  const first = await call(workspace, request);
  const again = await call(workspace, request);

  assertEquals([first.status, first.body.call.status, first.body.call.error_code], [
    202,
    "failed",
    "outcome_unknown",
  ]);
  assertEquals([again.body.call.id, again.body.is_duplicate], [first.body.call.id, true]);
  assertEquals(requests.length, 1);
  const sid = newSid();
  await report(workspace, requests[0]!.form.get("StatusCallback")!, sid, "ringing");
  const mended = await readCall(first.body.call.id);
  assertEquals([mended.status, mended.error_code, mended.external_id, mended.ended_at], [
    "ringing",
    null,
    sid,
    null,
  ]);
});

Deno.test("a call whose starter was lost is doubted, not made again", async () => {
  const sql = connectToDatabase(1);
  const workspace = await createCallingWorkspace();
  const { call, requests } = takes();
  const request = { to: freshNumber(), idempotency_key: crypto.randomUUID() };
  const { body } = await call(workspace, request);
  await sql`
    update public.calls set external_id = null, created_at = now() - interval '3 minutes'
    where id = ${body.call.id}`;
  await sql.end();

  const again = await call(workspace, request);

  assertEquals(again.body.call.error_code, "outcome_unknown");
  assertEquals(requests.length, 1);
});

Deno.test("a call that the provider refuses has failed, with the reason", async () => {
  const workspace = await createCallingWorkspace();
  const { call } = functionWith(() =>
    Response.json({ code: 21211, message: "Invalid To", status: 400 }, { status: 400 })
  );

  const { status, body } = await call(workspace, { to: freshNumber() });

  assertEquals([status, body.call.status, body.call.error_code], [
    202,
    "failed",
    "invalid_recipient",
  ]);
});

Deno.test("what cannot be called is refused before anything is asked or written down", async () => {
  const workspace = await createCallingWorkspace();
  const mute = await createConnectedWorkspace();
  await setCapabilities(mute, { voice: false });
  const { call, requests } = takes();
  const to = freshNumber();
  const stopped = freshNumber();
  await workspace.owner.client.rpc("opt_out", { workspace_id: workspace.id, address: stopped });

  const answers = [
    await call(workspace, { to: "12345" }),
    await call(workspace, { to, text: "  " }),
    await call(workspace, { to, language: "englisch bitte" }),
    await call(workspace, { to, from: freshNumber() }),
    await call(workspace, { to: workspace.phoneNumber }),
    await call(workspace, { to: stopped }),
    await call(mute, { to }),
    await call({ ...workspace, id: crypto.randomUUID() }, { to }),
  ];

  assertEquals(
    answers.map(({ body: { error } }) => [error.code, error.details.issues[0].field]),
    [
      ["invalid_recipient", "to"],
      ["message_empty", "text"],
      ["invalid_request", "language"],
      ["sender_not_found", "from"],
      ["invalid_recipient", "to"],
      ["recipient_opted_out", "to"],
      ["no_sender", "from"],
      ["not_found", "workspace_id"],
    ],
  );
  assertEquals(requests, []);
  const { data } = await serviceClient().from("calls").select("id")
    .in("workspace_id", [workspace.id, mute.id]);
  assertEquals(data, []);
});

Deno.test("a number whose provider starts no calls is refused as unsupported", async () => {
  const sql = connectToDatabase(1);
  const workspace = await createCallingWorkspace();
  await sql`alter table public.connections disable trigger connections_keep_identity`;
  await sql`update public.connections set provider = 'clicksend_sms' where id = ${workspace.connectionId}`;
  await sql`alter table public.connections enable trigger connections_keep_identity`;
  await sql.end();
  const { call, requests } = takes();

  const { status, body } = await call(workspace, { to: freshNumber() });

  assertEquals([status, body.error.code, requests.length], [422, "unsupported", 0]);
});

Deno.test("a report cannot name another connection's call", async () => {
  const [mine, theirs] = [await createCallingWorkspace(), await createCallingWorkspace()];
  const { call, requests } = takes();
  const own = await call(mine, { to: freshNumber() });
  const other = await call(theirs, { to: freshNumber() });
  const [ownUrl] = requests[0]!.form.get("StatusCallback")!.split("?");

  await report(mine, `${ownUrl}?call=${other.body.call.id}`, newSid(), "completed");

  assertEquals((await readCall(other.body.call.id)).status, "queued");
  assertEquals((await readCall(own.body.call.id)).status, "queued");
});
