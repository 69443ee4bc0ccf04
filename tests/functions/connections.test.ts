import { assert, assertEquals, assertMatch } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { serviceClient, signUp } from "../support/people.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";
import {
  connectTwilio,
  createConnectedWorkspace,
  createSimulatedAccount,
  createWorkspace,
  readSimulatedAccount,
} from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("connecting stores the account, imports its numbers and sets their webhooks", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const account = await createSimulatedAccount([freshNumber(), freshNumber()]);

  const { status, body } = await connectTwilio(owner, workspaceId, account);

  assertEquals(status, 201);
  assertEquals(body.connection.external_account_id, account.account_sid);
  assertEquals(body.connection.status, "active");
  assertEquals(
    body.phone_numbers.map((number: { phone_number: string }) => number.phone_number),
    account.numbers.map((number) => number.phone_number).sort(),
  );
  assert(
    body.phone_numbers.every((number: { webhook_configured: boolean }) =>
      number.webhook_configured
    ),
  );
  for (const number of (await readSimulatedAccount(account.account_sid)).numbers) {
    assertMatch(number.sms_url, /\/functions\/v1\/webhooks\/twilio\/[\w-]{43}#rc=5/);
    assertMatch(number.sms_fallback_url, /\/webhooks\/twilio\/[\w-]{43}\?fallback=1#rc=5/);
  }
  assert(!JSON.stringify(body).includes(account.auth_token), "the token is not in the answer");
});

Deno.test("no secret, no webhook token and no secret id can be read through the Data API", async () => {
  const workspace = await createConnectedWorkspace();
  const [number] = (await readSimulatedAccount(workspace.account.account_sid)).numbers;
  const token = /twilio\/([\w-]{43})/.exec(number!.sms_url)![1]!;

  for (const table of ["connections", "phone_numbers", "audit_log", "webhook_events"] as const) {
    for (const client of [workspace.owner.client, serviceClient()]) {
      const { data, error } = await client.from(table).select("*").eq("workspace_id", workspace.id);
      assertEquals(error, null);
      if (table === "connections") assertEquals(data?.length, 1);
      const text = JSON.stringify(data);
      assert(!text.includes(workspace.account.auth_token), `${table} holds the auth token`);
      assert(!text.includes(token), `${table} holds the webhook token`);
      assert(!text.includes("secret_id"), `${table} holds a secret id`);
    }
  }
});

Deno.test("wrong credentials are refused with the provider's reason and nothing is stored", async () => {
  const sql = connectToDatabase();
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const account = await createSimulatedAccount();
  const secretsBefore = await sql`select count(*) from vault.secrets`;

  const { status, body } = await connectTwilio(owner, workspaceId, {
    account_sid: account.account_sid,
    auth_token: "0".repeat(32),
  });

  assertEquals(status, 422);
  assertEquals(body.error.code, "credentials_refused");
  assertEquals(body.error.details.provider_code, "20003");
  const { data } = await serviceClient().from("connections").select().eq(
    "workspace_id",
    workspaceId,
  );
  assertEquals(data, []);
  assertEquals(await sql`select count(*) from vault.secrets`, secretsBefore);
  await sql.end();
});

Deno.test("malformed credentials name the field, never the value, and no request is made", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);

  const { status, body } = await connectTwilio(owner, workspaceId, {
    account_sid: "AC123",
    auth_token: "my-secret-value",
  });

  assertEquals(status, 400);
  assertEquals(body.error.code, "invalid_request");
  assertEquals(
    body.error.details.issues.map((issue: { field: string }) => issue.field).sort(),
    ["credentials.account_sid", "credentials.auth_token"],
  );
  assert(!JSON.stringify(body).includes("my-secret-value"));
});

Deno.test("a suspended account is not connected", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const account = await createSimulatedAccount();
  await control(`/twilio/accounts/${account.account_sid}`, {
    method: "PATCH",
    json: { status: "suspended" },
  });

  const { status, body } = await connectTwilio(owner, workspaceId, account);

  assertEquals([status, body.error.code], [422, "credentials_refused"]);
});

Deno.test("a provider that is down is a 503, and nothing is stored", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const account = await createSimulatedAccount();
  await control("/faults", {
    json: {
      provider: "twilio",
      kind: "server_error",
      status: 503,
      account_sid: account.account_sid,
    },
  });

  const { status, body } = await connectTwilio(owner, workspaceId, account);

  assertEquals([status, body.error.code], [503, "provider_unavailable"]);
  const { data } = await serviceClient().from("connections").select().eq(
    "workspace_id",
    workspaceId,
  );
  assertEquals(data, []);
});

Deno.test("only an admin connects: a stranger finds no workspace, a member is forbidden", async () => {
  const sql = connectToDatabase();
  const [owner, member, stranger] = await Promise.all(["owner", "member", "stranger"].map(signUp));
  const workspaceId = await createWorkspace(owner!);
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${member!.id}, 'member')`;
  await sql.end();
  const account = await createSimulatedAccount();

  const asStranger = await connectTwilio(stranger!, workspaceId, account);
  const asMember = await connectTwilio(member!, workspaceId, account);

  assertEquals([asStranger.status, asStranger.body.error.code], [404, "not_found"]);
  assertEquals([asMember.status, asMember.body.error.code], [403, "forbidden"]);
  const { requests } = await control(`/requests?account_sid=${account.account_sid}`);
  assertEquals(requests, [], "and the provider was not asked");
});

Deno.test("a member may look, and manage nothing", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const member = await signUp("member");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspace.id}, ${member.id}, 'member')`;
  await sql.end();
  const { account_sid, auth_token } = workspace.account;
  const connection_id = workspace.connectionId;
  const before = await control(`/requests?account_sid=${account_sid}`);
  const attempts: [string, string, unknown?][] = [
    ["POST", `connections/${connection_id}/test`],
    ["DELETE", `connections/${connection_id}`],
    ["POST", "phone-numbers", { connection_id, phone_number: freshNumber() }],
    ["POST", `phone-numbers/${workspace.phoneNumberId}/webhook`],
    ["POST", "phone-numbers/twilio/available", { connection_id }],
    ["POST", "phone-numbers/twilio/available", {
      workspace_id: workspace.id,
      credentials: { account_sid, auth_token },
    }],
  ];

  for (const [method, path, json] of attempts) {
    const answer = await callFunction(path, {
      method,
      token: member.token,
      ...(json === undefined ? {} : { json }),
    });
    assertEquals([answer.status, answer.body.error?.code], [403, "forbidden"], path);
  }

  const after = await control(`/requests?account_sid=${account_sid}`);
  assertEquals(after.total, before.total, "and the provider was not asked");
  const { data } = await member.client.from("connections").select("status").eq("id", connection_id);
  assertEquals(data, [{ status: "active" }]);
});

Deno.test("with an API key, the auth token is checked as well, and the key, too", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const account = await control("/twilio/accounts", {
    json: { numbers: [freshNumber()], api_keys: [{}] },
  });
  const [key] = account.api_keys;
  const connect = (credentials: Record<string, string>) =>
    callFunction("connections", {
      token: owner.token,
      json: { workspace_id: workspaceId, provider: "twilio", credentials },
    });
  const right = {
    account_sid: account.account_sid,
    auth_token: account.auth_token,
    api_key_sid: key.sid,
    api_key_secret: key.secret,
  };

  const wrongToken = await connect({ ...right, auth_token: "0".repeat(32) });
  const wrongKey = await connect({ ...right, api_key_secret: "x".repeat(32) });
  const both = await connect(right);

  assertEquals([wrongToken.status, wrongToken.body.error.code], [422, "credentials_refused"]);
  assertEquals([wrongKey.status, wrongKey.body.error.code], [422, "credentials_refused"]);
  assertEquals(both.status, 201);
});

Deno.test("disconnecting leaves alone what a number's owner has pointed elsewhere", async () => {
  const workspace = await createConnectedWorkspace();
  const { account_sid, auth_token, numbers: [number] } = workspace.account;
  const url = `${readTestStack().simulator_url}/api.twilio.com/2010-04-01/Accounts/${account_sid}`;
  const moved = await fetch(`${url}/IncomingPhoneNumbers/${number!.sid}.json`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${account_sid}:${auth_token}`)}` },
    body: new URLSearchParams({ SmsUrl: "https://elsewhere.example.com/sms" }),
  });
  await moved.body?.cancel();

  await callFunction(`connections/${workspace.connectionId}`, {
    method: "DELETE",
    token: workspace.owner.token,
  });

  const [after] = (await readSimulatedAccount(account_sid)).numbers;
  assertEquals(after!.sms_url, "https://elsewhere.example.com/sms");
});

Deno.test("a number that another workspace uses stays inactive, and keeps its webhook", async () => {
  const first = await createConnectedWorkspace();
  const [before] = (await readSimulatedAccount(first.account.account_sid)).numbers;
  const other = await signUp("owner");

  const { status, body } = await connectTwilio(other, await createWorkspace(other), first.account);

  assertEquals(status, 201);
  assertEquals(body.phone_numbers[0].status, "inactive");
  assertEquals(body.phone_numbers[0].metadata.reason, "connected_elsewhere");
  const [after] = (await readSimulatedAccount(first.account.account_sid)).numbers;
  assertEquals(after!.sms_url, before!.sms_url);
});

Deno.test("connecting the same account again replaces its secrets and makes no second connection", async () => {
  const workspace = await createConnectedWorkspace();
  const authToken = crypto.randomUUID().replaceAll("-", "");
  await control(`/twilio/accounts/${workspace.account.account_sid}`, {
    method: "PATCH",
    json: { auth_token: authToken },
  });

  const again = await connectTwilio(workspace.owner, workspace.id, {
    account_sid: workspace.account.account_sid,
    auth_token: authToken,
  });
  const test = await callFunction(`connections/${workspace.connectionId}/test`, {
    method: "POST",
    token: workspace.owner.token,
  });

  assertEquals([again.status, again.body.connection.id], [201, workspace.connectionId]);
  assertEquals([test.status, test.body.is_accepted], [200, true]);
});

Deno.test("testing says whether the provider still accepts the connection", async () => {
  const workspace = await createConnectedWorkspace();
  const test = () =>
    callFunction(`connections/${workspace.connectionId}/test`, {
      method: "POST",
      token: workspace.owner.token,
    });

  const good = await test();
  await control(`/twilio/accounts/${workspace.account.account_sid}`, {
    method: "PATCH",
    json: { auth_token: "f".repeat(32) },
  });
  const bad = await test();

  assertEquals([good.status, good.body.is_accepted, good.body.connection.status], [
    200,
    true,
    "active",
  ]);
  assertMatch(good.body.balance.amount, /^\d+(\.\d+)?$/);
  assertEquals([bad.status, bad.body.is_accepted, bad.body.connection.status], [
    200,
    false,
    "error",
  ]);
  assert(!JSON.stringify(bad.body).includes(workspace.account.auth_token));
});

Deno.test("disconnecting deletes the secrets, retires the numbers and voids the webhook", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const [number] = (await readSimulatedAccount(workspace.account.account_sid)).numbers;

  const { status } = await callFunction(`connections/${workspace.connectionId}`, {
    method: "DELETE",
    token: workspace.owner.token,
  });

  assertEquals(status, 204);
  const secrets = await sql`
    select name from vault.secrets where name like ${`connection/${workspace.connectionId}/%`}`;
  assertEquals([...secrets], []);
  await sql.end();
  const { data } = await workspace.owner.client.from("phone_numbers").select("status, is_default")
    .eq("connection_id", workspace.connectionId);
  assertEquals(data, [{ status: "inactive", is_default: false }]);
  const [cleared] = (await readSimulatedAccount(workspace.account.account_sid)).numbers;
  assertEquals(cleared!.sms_url, "");
  const late = await fetch(number!.sms_url, { method: "POST" });
  assertEquals(late.status, 404);
  await late.body?.cancel();
  const again = await callFunction(`connections/${workspace.connectionId}/test`, {
    method: "POST",
    token: workspace.owner.token,
  });
  assertEquals([again.status, again.body.error.code], [409, "conflict"]);
});

Deno.test("a connection whose secrets are lost can be connected again, and disconnected", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const loseSecrets = () =>
    sql`delete from vault.secrets where name like ${`connection/${workspace.connectionId}/%`}`;
  const test = async () => {
    const path = `connections/${workspace.connectionId}/test`;
    return (await callFunction(path, { method: "POST", token: workspace.owner.token })).status;
  };

  await loseSecrets();
  const lost = await test();
  await connectTwilio(workspace.owner, workspace.id, workspace.account);
  const mended = await test();
  await loseSecrets();
  const { status } = await callFunction(`connections/${workspace.connectionId}`, {
    method: "DELETE",
    token: workspace.owner.token,
  });
  await sql.end();

  assertEquals([lost, mended, status], [409, 200, 204]);
});

Deno.test("a foreign connection looks like a missing one", async () => {
  const workspace = await createConnectedWorkspace();
  const stranger = await signUp("stranger");

  const answers = [];
  for (const id of [workspace.connectionId, crypto.randomUUID(), "not-an-id"]) {
    const test = await callFunction(`connections/${id}/test`, {
      method: "POST",
      token: stranger.token,
    });
    const removal = await callFunction(`connections/${id}`, {
      method: "DELETE",
      token: stranger.token,
    });
    answers.push([test.status, test.body.error.code, removal.status, removal.body.error.code]);
  }

  assertEquals(answers, Array(3).fill([404, "not_found", 404, "not_found"]));
});

Deno.test("every read of a credential is logged with its reason", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  await callFunction(`connections/${workspace.connectionId}/test`, {
    method: "POST",
    token: workspace.owner.token,
  });

  const rows = await sql`
    select actor, reason from private.credential_access_log
    where connection_id = ${workspace.connectionId}`;
  await sql.end();

  assertEquals([...rows], [{ actor: workspace.owner.id, reason: "test" }]);
});
