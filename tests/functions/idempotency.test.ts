import { assert, assertEquals } from "@std/assert";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import {
  connectionsWith,
  connectOnce,
  connectRequest,
  essenceOf,
  expireRequests,
  isReplay,
  loseRunners,
  requestsOf,
} from "../support/idempotency.ts";
import { messagesAtProvider, untilStatus } from "../support/messages.ts";
import { runMaintenance } from "../support/numbers.ts";
import { signUp } from "../support/people.ts";
import { control } from "../support/simulator.ts";
import {
  createConnectedWorkspace,
  createSimulatedAccount,
  createWorkspace,
  readSimulatedAccount,
  sendMessage,
} from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

/** Somebody with a workspace and an account to connect. */
async function createConnector() {
  const [owner, account] = await Promise.all([signUp("owner"), createSimulatedAccount()]);
  const workspaceId = await createWorkspace(owner);
  return { owner, account, workspaceId, request: connectRequest(workspaceId, account) };
}

/** How often the provider was asked whether it accepts the account's credentials. */
async function countChecks({ account_sid }: { account_sid: string }): Promise<number> {
  const log = await control(`/requests?operation=accounts.fetch&account_sid=${account_sid}`);
  return log.total;
}

databaseTest(
  "a hundred sends at once under one key are one message, and one answer",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const message = { to: freshNumber(), body: "Once", idempotency_key: crypto.randomUUID() };

    const answers = await Promise.all(
      Array.from({ length: 100 }, () => sendMessage(workspace, message)),
    );

    const essences = answers.map(({ status, body }) => essenceOf({ status, body: body.message }));
    assertEquals(new Set(essences).size, 1, [...new Set(essences)].join("\n"));
    assertEquals([answers[0]!.status, answers[0]!.body.message.status], [202, "queued"]);
    assertEquals(answers.filter(isReplay).length, 99);
    assertEquals(answers.filter(({ body }) => body.is_duplicate).length, 99);
    const { id } = answers[0]!.body.message;
    await untilStatus(id, "delivered");
    const rows = await sql`
    select m.id, (select count(*)::integer from public.message_attempts as a where a.message_id = m.id) as attempts
    from public.conversation_messages as m where m.workspace_id = ${workspace.id}`;
    assertEquals([...rows], [{ id, attempts: 1 }]);
    assertEquals((await messagesAtProvider(workspace)).length, 1);
  },
);

Deno.test("a send that is repeated after it was delivered is answered as at first", async () => {
  const workspace = await createConnectedWorkspace();
  const message = { to: freshNumber(), body: "Once", idempotency_key: crypto.randomUUID() };
  const first = await sendMessage(workspace, message);
  await untilStatus(first.body.message.id, "delivered");

  const again = await sendMessage(workspace, message);

  assertEquals([again.status, again.body.message], [first.status, first.body.message]);
  assertEquals([isReplay(first), isReplay(again)], [false, true]);
});

databaseTest("twenty identical connects at once connect once, and have one answer", async (sql) => {
  const { owner, account, workspaceId, request } = await createConnector();

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => connectOnce(owner, "k", request)),
  );
  const again = await connectOnce(owner, "k", request);

  const connected = answers.filter(({ status }) => status === 201);
  assertEquals(connected.filter((answer) => !isReplay(answer)).length, 1);
  assertEquals(new Set(connected.map(essenceOf)), new Set([essenceOf(again)]));
  for (const { status, body, headers } of answers.filter(({ status }) => status !== 201)) {
    assertEquals([status, body.error.code], [409, "request_in_progress"]);
    assertEquals(headers.get("retry-after"), "2");
  }
  assertEquals([again.status, isReplay(again)], [201, true]);
  const actions = await sql`
    select action from public.audit_log where workspace_id = ${workspaceId} and action = 'connection.connected'`;
  assertEquals([actions.length, await countChecks(account)], [1, 1]);
});

databaseTest("what is kept of a connect holds no secret", async (sql) => {
  const { owner, account, workspaceId, request } = await createConnector();

  await connectOnce(owner, "k", request);

  const [row] = await requestsOf(sql, workspaceId);
  const [number] = (await readSimulatedAccount(account.account_sid)).numbers;
  const webhookToken = /twilio\/([\w-]{43})/.exec(number!.sms_url)![1]!;
  assertEquals([row!.status, row!.route], [201, "POST /connections"]);
  assert(row!.body.includes(account.account_sid));
  for (const secret of [account.auth_token, webhookToken]) assert(!row!.body.includes(secret));
});

Deno.test("another request under the key is refused, and the order of fields makes none", async () => {
  const { owner, request } = await createConnector();
  const first = await connectOnce(owner, "k", request);
  const { credentials, ...rest } = request;

  const other = await connectOnce(owner, "k", { ...request, display_name: "Other" });
  const reordered = await connectOnce(owner, "k", { credentials, ...rest });
  const inBody = await callFunction("connections", {
    token: owner.token,
    json: { ...request, idempotency_key: "k" },
  });

  assertEquals([other.status, other.body.error.code], [409, "idempotency_key_reused"]);
  assertEquals(other.body.error.details.issues[0].field, "idempotency_key");
  assertEquals(essenceOf(reordered), essenceOf(first));
  assertEquals([isReplay(inBody), essenceOf(inBody)], [true, essenceOf(first)]);
});

Deno.test("a key is refused when it is too long, or the body names another one", async () => {
  const { owner, account, request } = await createConnector();

  const long = await connectOnce(owner, "x".repeat(256), request);
  const two = await connectOnce(owner, "one", { ...request, idempotency_key: "two" });

  for (const { status, body } of [long, two]) {
    assertEquals([status, body.error.details.issues[0].field], [400, "idempotency_key"]);
  }
  assertEquals(await countChecks(account), 0);
});

Deno.test("a request that was refused may be corrected under the same key", async () => {
  const { owner, account, workspaceId, request } = await createConnector();
  const wrong = connectRequest(workspaceId, { ...account, auth_token: "0".repeat(32) });

  const malformed = await connectOnce(owner, "k", { ...request, display_name: "" });
  const elsewhere = await connectOnce(owner, "k", {
    ...request,
    workspace_id: crypto.randomUUID(),
  });
  const refused = await connectOnce(owner, "k", wrong);
  const corrected = await connectOnce(owner, "k", request);

  assertEquals([malformed.status, elsewhere.status, refused.status], [400, 404, 422]);
  assertEquals([corrected.status, isReplay(corrected)], [201, false]);
});

databaseTest("workspaces, people and routes have keys of their own", async (sql) => {
  const { owner, account, workspaceId, request } = await createConnector();
  const admin = await signUp("admin");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${admin.id}, 'admin')`;
  const [first, second] = [await createWorkspace(owner), await createSimulatedAccount()];
  const connected = await connectOnce(owner, "k", request);

  const elsewhere = await connectOnce(owner, "k", connectRequest(first, second));
  const byAnother = await connectOnce(admin, "k", request);
  const rotated = await callFunction(`connections/${connected.body.connection.id}/rotate`, {
    token: owner.token,
    headers: { "idempotency-key": "k" },
    json: { credentials: { account_sid: account.account_sid, auth_token: account.auth_token } },
  });

  for (const answer of [connected, elsewhere, byAnother, rotated]) {
    assertEquals([answer.status < 300, isReplay(answer)], [true, false]);
  }
});

databaseTest("whoever left a workspace is shown none of its answers", async (sql) => {
  const { owner, workspaceId, request } = await createConnector();
  const admin = await signUp("admin");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${admin.id}, 'admin')`;
  await connectOnce(admin, "k", request);
  await owner.client.rpc("remove_member", { workspace_id: workspaceId, user_id: admin.id });

  const again = await connectOnce(admin, "k", request);

  assertEquals([again.status, again.body.error.code], [404, "not_found"]);
});

Deno.test("a failure of ours is the answer from then on, and nothing is done again", async () => {
  const { owner, request } = await createConnector();
  const broken = connectionsWith(() => Promise.reject(new Error("Broken")));

  const first = await withoutLog(() => broken.connect(owner, "k", request));
  const again = await broken.connect(owner, "k", request);

  assertEquals([first.status, first.body.error.code], [500, "internal"]);
  assertEquals([essenceOf(again), isReplay(again)], [essenceOf(first), true]);
  assertEquals(broken.askedCount(), 1);
});

Deno.test("a provider that could not be asked leaves the key free", async () => {
  const { owner, account, request } = await createConnector();
  await control("/faults", {
    json: {
      provider: "twilio",
      kind: "server_error",
      status: 503,
      account_sid: account.account_sid,
    },
  });

  const down = await connectOnce(owner, "k", request);
  await control(`/faults?account_sid=${account.account_sid}`, { method: "DELETE" });
  const again = await connectOnce(owner, "k", request);

  assertEquals([down.status, down.body.error.code], [503, "provider_unavailable"]);
  assertEquals([again.status, isReplay(again)], [201, false]);
});

databaseTest("a connect that died half-way is never run again", async (sql) => {
  const { owner, account, workspaceId, request } = await createConnector();
  await connectOnce(owner, "k", request);
  await loseRunners(sql, workspaceId);

  const again = await connectOnce(owner, "k", request);
  const anew = await connectOnce(owner, "another", request);

  assertEquals([again.status, again.body.error.code], [409, "outcome_unknown"]);
  assertEquals([anew.status, await countChecks(account)], [201, 2]);
});

databaseTest("a key is free again after a day, and forgotten by the maintenance", async (sql) => {
  const { owner, workspaceId, request } = await createConnector();
  await connectOnce(owner, "k", request);
  const [kept] = await requestsOf(sql, workspaceId);
  await expireRequests(sql, workspaceId);

  const anew = await connectOnce(owner, "k", { ...request, display_name: "Other" });
  await expireRequests(sql, workspaceId);
  const report = await runMaintenance();

  assertEquals(kept!.expires_at - kept!.created_at, 24 * 3_600_000);
  assertEquals([anew.status, isReplay(anew)], [201, false]);
  assert(report.idempotent_requests.removed >= 1);
  assertEquals([...await requestsOf(sql, workspaceId)], []);
});

Deno.test("browsers may send a key, and see whether an answer is a replay", async () => {
  const origin = { origin: "https://app.example.com" };

  const preflight = await callFunction("connections", {
    method: "OPTIONS",
    headers: { ...origin, "access-control-request-method": "POST" },
  });
  const answer = await callFunction("connections", { json: {}, headers: origin });

  assert(preflight.headers.get("access-control-allow-headers")!.includes("idempotency-key"));
  assert(answer.headers.get("access-control-expose-headers")!.includes("idempotent-replayed"));
});

async function withoutLog<Value>(work: () => Promise<Value>): Promise<Value> {
  const { error } = console;
  console.error = () => {};
  try {
    return await work();
  } finally {
    console.error = error;
  }
}
