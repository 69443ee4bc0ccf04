import { assert, assertEquals } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { signUp } from "../support/people.ts";
import { control } from "../support/simulator.ts";
import { readTestStack } from "../support/stack.ts";
import {
  connectTwilio,
  createConnectedWorkspace,
  createSimulatedAccount,
  createWorkspace,
  readSimulatedAccount,
} from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("available lists the account's own numbers, by connection and by bare credentials", async () => {
  const workspace = await createConnectedWorkspace();
  const { account_sid, auth_token } = workspace.account;
  const requests = [
    { connection_id: workspace.connectionId },
    { workspace_id: workspace.id, credentials: { account_sid, auth_token } },
  ];

  for (const json of requests) {
    const { status, body } = await callFunction("phone-numbers/twilio/available", {
      token: workspace.owner.token,
      json,
    });
    assertEquals(status, 200);
    assertEquals(
      body.phone_numbers.map((
        n: { phone_number: string; is_owned: boolean },
      ) => [n.phone_number, n.is_owned]),
      [
        [workspace.phoneNumber, true],
      ],
    );
  }
});

Deno.test("available searches for numbers that can be bought", async () => {
  const workspace = await createConnectedWorkspace();

  const { status, body } = await callFunction("phone-numbers/twilio/available", {
    token: workspace.owner.token,
    json: {
      connection_id: workspace.connectionId,
      search: { country: "US", area_code: "415", needs: ["sms"], limit: 3 },
    },
  });

  assertEquals(status, 200);
  assertEquals(body.phone_numbers.length, 3);
  for (const number of body.phone_numbers) {
    assert(number.phone_number.startsWith("+1415"), number.phone_number);
    assertEquals([number.is_owned, number.capabilities.sms], [false, true]);
  }
});

Deno.test("available names the field of a bad search, and hides foreign connections", async () => {
  const workspace = await createConnectedWorkspace();
  const stranger = await signUp("stranger");

  const bad = await callFunction("phone-numbers/twilio/available", {
    token: workspace.owner.token,
    json: { connection_id: workspace.connectionId, search: { country: "usa" } },
  });
  const both = await callFunction("phone-numbers/twilio/available", {
    token: workspace.owner.token,
    json: { connection_id: workspace.connectionId, workspace_id: workspace.id },
  });
  const foreign = await callFunction("phone-numbers/twilio/available", {
    token: stranger.token,
    json: { connection_id: workspace.connectionId },
  });
  const otherProvider = await callFunction("phone-numbers/vonage/available", {
    token: workspace.owner.token,
    json: { connection_id: workspace.connectionId },
  });

  assertEquals([bad.status, bad.body.error.details.issues[0].field], [400, "search.country"]);
  assertEquals([both.status, both.body.error.details.issues[0].field], [400, "connection_id"]);
  assertEquals([foreign.status, foreign.body.error.code], [404, "not_found"]);
  assertEquals([otherProvider.status, otherProvider.body.error.code], [404, "not_found"]);
});

Deno.test("a number bought meanwhile is added once the provider confirms it, with its webhook", async () => {
  const workspace = await createConnectedWorkspace();
  const bought = await buyAtProvider(workspace.account);

  const { status, body } = await callFunction("phone-numbers", {
    token: workspace.owner.token,
    json: { connection_id: workspace.connectionId, phone_number: bought, friendly_name: "Second" },
  });

  assertEquals(status, 201);
  assertEquals(
    [
      body.phone_number.status,
      body.phone_number.webhook_configured,
      body.phone_number.friendly_name,
    ],
    ["active", true, "Second"],
  );
  const account = await readSimulatedAccount(workspace.account.account_sid);
  assert(
    account.numbers.find((n) => n.phone_number === bought)!.sms_url.includes("/webhooks/twilio/"),
  );
});

Deno.test("a number that the account does not have is not added", async () => {
  const workspace = await createConnectedWorkspace();

  const { status, body } = await callFunction("phone-numbers", {
    token: workspace.owner.token,
    json: { connection_id: workspace.connectionId, phone_number: freshNumber() },
  });

  assertEquals([status, body.error.details.issues[0].field], [404, "phone_number"]);
});

Deno.test("a number that another workspace uses is a conflict", async () => {
  const first = await createConnectedWorkspace();
  const other = await signUp("owner");
  const { body: connected } = await connectTwilio(
    other,
    await createWorkspace(other),
    first.account,
  );

  const { status, body } = await callFunction("phone-numbers", {
    token: other.token,
    json: { connection_id: connected.connection.id, phone_number: first.phoneNumber },
  });

  assertEquals([status, body.error.code], [409, "number_connected_elsewhere"]);
});

Deno.test("a webhook that the provider refuses is told, and set on the next try", async () => {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const account = await createSimulatedAccount();
  await control("/faults", {
    json: {
      provider: "twilio",
      kind: "server_error",
      operation: "numbers.update",
      account_sid: account.account_sid,
      times: 2,
    },
  });
  const { status, body } = await connectTwilio(owner, workspaceId, account);
  assertEquals([status, body.phone_numbers[0].webhook_configured], [201, false]);
  const path = `phone-numbers/${body.phone_numbers[0].id}/webhook`;

  const refused = await callFunction(path, { method: "POST", token: owner.token });
  const taken = await callFunction(path, { method: "POST", token: owner.token });

  assertEquals([refused.status, refused.body.error.code], [422, "provider_refused"]);
  assertEquals([taken.status, taken.body.phone_number.webhook_configured], [200, true]);
});

/** Buys a number at the provider behind the product's back. */
async function buyAtProvider(
  account: { account_sid: string; auth_token: string },
): Promise<string> {
  const base =
    `${readTestStack().simulator_url}/api.twilio.com/2010-04-01/Accounts/${account.account_sid}`;
  const authorization = `Basic ${btoa(`${account.account_sid}:${account.auth_token}`)}`;
  const response = await fetch(`${base}/IncomingPhoneNumbers.json`, {
    method: "POST",
    headers: { authorization },
    body: new URLSearchParams({ AreaCode: "415" }),
  });
  const { phone_number } = await response.json();
  return phone_number;
}
