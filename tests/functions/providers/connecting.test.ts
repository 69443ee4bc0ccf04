import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { callFunction } from "../../support/functions.ts";
import { serviceClient } from "../../support/people.ts";
import { control } from "../../support/simulator.ts";
import { sendsEmail } from "./accounts.ts";
import {
  connect,
  countRequests,
  type Desk,
  freshContact,
  manage,
  openDesk,
  prepareDesk,
  secretsOf,
  setFault,
  webhookUrlOf,
  write,
} from "./desk.ts";

async function connectionsOf({ workspaceId }: { workspaceId: string }) {
  const { data } = await serviceClient().from("connections").select("id, status, settings")
    .eq("workspace_id", workspaceId);
  return data!;
}

/** What was made at the provider: webhooks, rules, policies. */
async function countCreations({ account }: Desk): Promise<number> {
  const { requests } = await control(
    `/requests?provider=${account.provider.id}&account_sid=${account.sid}`,
  );
  return requests.filter(({ operation }: { operation: string }) =>
    operation.endsWith(".create") && operation !== "tokens.create"
  ).length;
}

for (const provider of providers.values()) {
  const { id, displayName } = provider;

  Deno.test(`${displayName} is connected: senders imported, webhooks set`, async () => {
    const prepared = await prepareDesk(provider);

    const { status, body } = await connect(prepared);

    assertEquals([status, body.connection?.status], [201, "active"], JSON.stringify(body));
    const { settings, provider: stored } = body.connection;
    assertEquals([stored, settings.webhook_error], [id, undefined]);
    const { sender } = prepared.account;
    if (sendsEmail(provider)) {
      const addresses = body.email_senders
        .map((row: Record<string, string>) => [row.email_address, row.status]);
      const expected = id === "resend" ? `*@${sender.split("@")[1]}` : sender;
      assert(
        addresses.some(([address, state]: string[]) => address === expected && state === "active"),
        JSON.stringify(addresses),
      );
    } else {
      const [number, ...others] = body.phone_numbers;
      assertEquals(
        [number.phone_number, number.status, others.length, number.metadata.webhook_error],
        [sender, "active", 0, undefined],
      );
      assertEquals(number.webhook_configured, provider.configureNumber !== undefined);
    }
    const answer = JSON.stringify(body);
    for (const secret of prepared.account.secrets) assert(!answer.includes(secret));
  });

  Deno.test(`${displayName}'s refusal of wrong credentials is handed on, and nothing stored`, async () => {
    const prepared = await prepareDesk(provider);
    const { account } = prepared;
    const { name } = provider.credentialFields.find((field) => field.isSecret && field.isRequired)!;
    const right = account.given[name]!;
    const wrong = right.slice(0, -1) + (right.endsWith("0") ? "1" : "0");

    const { status, body } = await connect(prepared, { [name]: wrong });

    assertEquals([status, body.error.code], [422, "credentials_refused"], JSON.stringify(body));
    assertEquals(body.error.details?.provider_code, account.wrongCredentialsCode);
    assert(body.error.message !== "" && !JSON.stringify(body).includes(wrong));
    assertEquals(await connectionsOf(prepared), []);
  });

  Deno.test(`malformed credentials of ${displayName} are refused by their fields`, async () => {
    const prepared = await prepareDesk(provider);
    const names = provider.credentialFields.filter((field) => field.isRequired)
      .map(({ name }) => name);
    const malformed = Object.fromEntries(names.map((name) => [name, "not a value"]));

    const { status, body } = await connect(prepared, malformed);

    assertEquals([status, body.error.code], [400, "invalid_request"]);
    assertEquals(
      body.error.details.issues.map(({ field }: { field: string }) => field).sort(),
      names.map((name) => `credentials.${name}`).sort(),
    );
    assert(!JSON.stringify(body).includes("not a value"));
    assertEquals(await connectionsOf(prepared), []);
  });

  Deno.test(`${displayName} connected again is one connection, set up once`, async () => {
    const desk = await openDesk(provider);
    const before = await countCreations(desk);

    const { status, body } = await connect(desk);

    assertEquals([status, body.connection.id], [201, desk.connectionId]);
    assertEquals((await connectionsOf(desk)).length, 1);
    assertEquals(body.connection.settings.webhook_error, undefined);
    assertEquals(await countCreations(desk), before);
  });

  Deno.test(`${displayName} comes back after it was disconnected, and leaves nothing double`, async () => {
    const desk = await openDesk(provider);
    const [before, url] = [await countCreations(desk), await webhookUrlOf(desk)];
    await manage(desk, "DELETE");

    const { status, body } = await connect(desk);

    assertEquals([status, body.connection.id], [201, desk.connectionId]);
    assertEquals([body.connection.status, body.connection.settings.webhook_error], [
      "active",
      undefined,
    ]);
    assertNotEquals(await webhookUrlOf(desk), url);
    assertEquals(await countCreations(desk), before);
    const { delivery } = await write(desk, freshContact(desk.account));
    if (id !== "messagebird") assertEquals(delivery.status, 200);
  });

  Deno.test(`${displayName} is tested, then disconnected for good`, async () => {
    const desk = await openDesk(provider);
    const url = await webhookUrlOf(desk);

    const tested = await manage(desk, "POST", "/test");
    const deleted = await manage(desk, "DELETE");

    assertEquals([tested.status, tested.body.is_accepted], [200, true]);
    assertEquals(deleted.status, 204);
    assertEquals(await secretsOf(desk), null);
    const [connection] = await connectionsOf(desk);
    assertEquals(connection!.status, "inactive");
    const path = url.slice(url.indexOf("/webhooks/") + 1);
    const { status } = await callFunction(path, { method: "POST", body: "{}" });
    assertEquals(status, 404);
  });
}

Deno.test("why webhooks could not be set is shown until they are", async () => {
  const prepared = await prepareDesk(providers.get("resend")!);
  const desk = { ...prepared, connectionId: "" };
  await setFault(desk, { kind: "server_error", operation: "webhooks.create", times: 1 });

  const { status, body } = await connect(prepared);
  const repaired = await manage({ ...desk, connectionId: body.connection.id }, "POST", "/webhooks");

  assertEquals(status, 201);
  assert(body.connection.settings.webhook_error);
  assertEquals(repaired.body.connection.settings.webhook_error, undefined);
  assertEquals(await countRequests(desk, "webhooks.create"), 2);
});
