import { assert, assertEquals } from "@std/assert";
import { createConnectionDeps } from "../../supabase/functions/_shared/connections/deps.ts";
import { dataOf } from "../../supabase/functions/_shared/database/answer.ts";
import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { createBaseApp } from "../../supabase/functions/_shared/http/app.ts";
import type { Authenticate } from "../../supabase/functions/_shared/http/authentication.ts";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { refusal } from "../../supabase/functions/_shared/providers/provider_errors.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { createApp as createConnectionsApp } from "../../supabase/functions/connections/app.ts";
import { createApp as createMessagesApp } from "../../supabase/functions/messages/app.ts";
import { callFunction } from "../support/functions.ts";
import { serviceClient } from "../support/people.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";
import { signTwilioForm } from "../support/twilio_signature.ts";
import { eventsOf, inboundParameters, webhookUrl } from "../support/webhooks.ts";
import { createConnectedWorkspace, type Workspace } from "../support/workspace.ts";

/** Guards in front of and behind the endpoints that no ordinary request runs into. */

const refused = {
  code: "23505",
  message: "Key (token)=(secret detail) exists",
  details: "",
  hint: "",
};
const app = createBaseApp({ name: "unit" })
  .get("/defect", () => {
    throw new Error("secret detail");
  })
  .get("/driver", () => {
    dataOf({ data: null, error: refused, status: 409 } as never);
    return new Response();
  });

/** Sends a message to the function itself, with a caller and a database that take everything. */
async function send(
  message: Record<string, unknown>,
  { token = "a.b.c", authenticate }: { token?: string; authenticate?: Authenticate } = {},
) {
  const queued = { message_id: "m", conversation_id: "c", status: "queued", is_duplicate: false };
  const answered = Promise.resolve({ data: [queued], error: null, status: 200 });
  const takesEverything = { rpc: () => answered } as unknown as DatabaseClient;
  const messages = createMessagesApp({
    authenticate: authenticate ?? ((token) => Promise.resolve({ id: "caller", token })),
    asCaller: () => takesEverything,
    service: takesEverything,
    transport: {} as Transport,
    webhooksUrl: "https://project.example.com",
    fingerprintKey: "unused",
    kickDispatch: () => {},
  });
  const answer = await messages.request("/messages", {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ workspace_id: crypto.randomUUID(), to: "+14155550101", ...message }),
  });
  const { error } = await answer.json();
  const issues: { field: string }[] = error?.details?.issues ?? [];
  return { status: answer.status, fields: issues.map((issue) => issue.field) };
}

/** Runs `work` without what it logs. */
async function withoutLog(work: () => Promise<void>): Promise<void> {
  const { error } = console;
  console.error = () => {};
  try {
    await work();
  } finally {
    console.error = error;
  }
}

Deno.test("a refusal lists no more than twenty issues, and no field at full length", async () => {
  const many = await send({ media_urls: Array(30).fill(1) });
  const long = await send({ ["x".repeat(5_000)]: 1 });

  assertEquals([many.status, many.fields.length], [400, 20]);
  assertEquals([long.status, long.fields], [400, ["x".repeat(100)]]);
});

Deno.test("a list over its limit is one issue, whatever it holds", async () => {
  assertEquals(await send({ media_urls: Array(101).fill(1) }), {
    status: 400,
    fields: ["media_urls"],
  });
});

Deno.test("a text that is empty, too long or not storable is refused", async () => {
  for (const key of ["", "x".repeat(256), "a\0b", "\ud83d", "\udc4d", 5, null]) {
    const { status, fields } = await send({ body: "Hello", idempotency_key: key });
    assertEquals([status, fields], [400, ["idempotency_key"]], JSON.stringify(key));
  }
  assertEquals((await send({ body: "Hello", idempotency_key: "👍" })).status, 202);
});

Deno.test("a defect and a driver's words stay inside", async () => {
  await withoutLog(async () => {
    for (const path of ["/unit/defect", "/unit/driver"]) {
      const answer = await app.request(path);
      const body = await answer.text();
      assertEquals([answer.status, JSON.parse(body).error.code], [500, "internal"], path);
      assert(!body.includes("secret detail"), path);
    }
  });
});

Deno.test("a request id that is too long, or no id, is replaced", async () => {
  for (const given of ["x".repeat(65), "not an id"]) {
    const answer = await app.request("/unit", { headers: { "x-request-id": given } });
    const made = answer.headers.get("x-request-id") ?? "";
    assert(/^[0-9a-f-]{36}$/.test(made), `${given} became ${made}`);
  }
});

Deno.test("authentication is not asked about an API key", async () => {
  const asked: string[] = [];
  const authenticate = (token: string) => {
    asked.push(token);
    return Promise.resolve(null);
  };

  for (const token of ["sb_secret_x", "sb_publishable_x", "a.b", "a.b.c.d"]) {
    assertEquals((await send({}, { authenticate, token })).status, 401, token);
  }

  assertEquals(asked, []);
});

Deno.test("a caller is told apart from a wrong one when Auth is down, and when it cannot decode", async () => {
  const refuse = (error: Error) => ({ authenticate: () => Promise.reject(error) });

  const down = await send({}, refuse(new AppError("unavailable", "down")));
  const malformed = await send({}, refuse(new Error("not base64")));

  assertEquals([down.status, malformed.status], [503, 401]);
});

/** Tests a connection by the function itself, with a provider that answers as given. */
async function testConnection(workspace: Workspace, answer: unknown) {
  const { url, publishable_key, secret_key } = readTestStack();
  const deps = createConnectionDeps({
    supabaseUrl: url,
    publishableKey: publishable_key,
    secretKey: secret_key,
    secretKeys: [secret_key],
    webhooksUrl: `${url}/functions/v1/webhooks`,
    simulatorUrl: undefined,
  });
  const transport = {
    call: () => Promise.resolve(answer),
    listAll: () => Promise.resolve({ ok: true, value: { items: [], isComplete: true } }),
  } as unknown as Transport;
  const { status } = await createConnectionsApp({ ...deps, transport }).request(
    `/connections/${workspace.connectionId}/test`,
    { method: "POST", headers: { authorization: `Bearer ${workspace.owner.token}` } },
  );
  const { data } = await serviceClient().from("connections").select("status, last_error")
    .eq("id", workspace.connectionId).single();
  return { status, connection: data };
}

Deno.test("testing says so when the provider answers for an account that is not active", async () => {
  const account = { externalAccountId: "AC", displayName: "", isActive: false };

  const { status, connection } = await testConnection(await createConnectedWorkspace(), {
    ok: true,
    value: { ...account, providerStatus: "closed" },
  });

  assertEquals(status, 200);
  assertEquals(connection, { status: "error", last_error: "The account is closed" });
});

Deno.test("testing blames no connection for a provider that is busy or down", async () => {
  const workspace = await createConnectedWorkspace();

  const ends = [];
  for (const code of ["rate_limited", "provider_unavailable"] as const) {
    const error = refusal(code, "later");
    const { status, connection } = await testConnection(workspace, { ok: false, error });
    ends.push([status, connection?.status]);
  }

  assertEquals(ends, [[429, "active"], [503, "active"]]);
});

Deno.test("a number that is not active has no webhook to set", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false
    where id = ${workspace.phoneNumberId}`;
  await sql.end();

  const { status, body } = await callFunction(
    `phone-numbers/${workspace.phoneNumberId}/webhook`,
    { method: "POST", token: workspace.owner.token },
  );

  assertEquals([status, body.error.code], [404, "not_found"]);
});

Deno.test("an authentic webhook with a bare NUL in its body is stored without it", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  const parameters = { ...inboundParameters(workspace), Body: "a\0b" };
  const signature = signTwilioForm(url, parameters, workspace.account.auth_token);

  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": signature,
    },
    body: new URLSearchParams(parameters).toString().replace("%00", "\0"),
  });
  await answer.body?.cancel();

  assertEquals([answer.status, (await eventsOf(workspace))[0]?.state], [200, "processed"]);
});
