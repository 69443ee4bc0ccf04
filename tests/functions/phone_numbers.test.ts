import { assert, assertEquals } from "@std/assert";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { buyAtProvider, readNumber, releaseAtProvider, withProvider } from "../support/numbers.ts";
import { serviceClient, signUp } from "../support/people.ts";
import { control } from "../support/simulator.ts";
import {
  connectTwilio,
  createConnectedWorkspace,
  createSimulatedAccount,
  createWorkspace,
  readSimulatedAccount,
  type Workspace,
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
  const bought = await buyAtProvider(workspace, { AreaCode: "415" });

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

Deno.test("available tells prices where the search does", async () => {
  const workspace = await createConnectedWorkspace();
  const found = {
    phoneNumber: "+14155550100",
    friendlyName: "(415) 555-0100",
    country: "US",
    capabilities: { sms: true, mms: true, voice: true, whatsapp: false },
  };
  const prices = { monthlyPrice: "1.15", setupPrice: "0.50", priceCurrency: "USD" };
  const { post } = withProvider({}, {
    searchNumbers: () => ({ ok: true, value: [{ ...found, ...prices }, found] }),
  });

  const { body } = await post(workspace, "twilio/available", {
    connection_id: workspace.connectionId,
    search: { country: "US" },
  });

  assertEquals(
    body.phone_numbers.map((n: Record<string, unknown>) => [
      n.monthly_price,
      n.setup_price,
      n.price_currency,
    ]),
    [["1.15", "0.50", "USD"], [null, null, null]],
  );
});

databaseTest(
  "a member verifies, points and releases nothing, a stranger finds nothing",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const [stranger, member] = await Promise.all([signUp("stranger"), signUp("member")]);
    await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspace.id}, ${member.id}, 'member')`;

    for (const action of ["verify", "webhook", "release"]) {
      const path = `phone-numbers/${workspace.phoneNumberId}/${action}`;
      const byStranger = await callFunction(path, { method: "POST", token: stranger.token });
      const byMember = await callFunction(path, { method: "POST", token: member.token });
      const noId = await callFunction(`phone-numbers/none/${action}`, {
        method: "POST",
        token: workspace.owner.token,
      });
      assertEquals([byStranger.status, byMember.status, noId.status], [404, 403, 404], action);
    }
    assertEquals((await readNumber(workspace.phoneNumberId)).status, "active");
  },
);

Deno.test("releasing gives the number back, once, and keeps what was said through it", async () => {
  const workspace = await createConnectedWorkspace();

  const first = await act(workspace, "release");
  const again = await act(workspace, "release");

  assertEquals([first.status, again.status], [204, 204]);
  const number = await readNumber(workspace.phoneNumberId);
  assertEquals([number.status, number.is_default, number.metadata], ["inactive", false, {
    reason: "released",
  }]);
  assertEquals((await readSimulatedAccount(workspace.account.account_sid)).numbers, []);
  const { data: entries } = await serviceClient().from("audit_log").select("actor_id")
    .eq("entity_id", workspace.phoneNumberId).eq("action", "phone_number.released");
  assertEquals(entries, [{ actor_id: workspace.owner.id }]);
});

Deno.test("what is gone at the provider counts as released, what nobody knows does not", async () => {
  const [gone, unsure] = [await createConnectedWorkspace(), await createConnectedWorkspace()];
  await releaseAtProvider(gone);
  await control("/faults", {
    json: {
      provider: "twilio",
      kind: "reset",
      stage: "after",
      operation: "numbers.delete",
      account_sid: unsure.account.account_sid,
      times: 1,
    },
  });

  const released = await act(gone, "release");
  const unknown = await act(unsure, "release");
  const held = await readNumber(unsure.phoneNumberId);
  const repeated = await act(unsure, "release");

  assertEquals(released.status, 204);
  assertEquals([unknown.status, unknown.body.error.code], [503, "provider_unavailable"]);
  assertEquals(held.status, "active");
  assertEquals(repeated.status, 204);
});

Deno.test("where a provider takes nothing back through its API, it says what to do instead", async () => {
  const workspace = await createConnectedWorkspace();
  const { asked, post } = withProvider({ releaseNumber: undefined as never }, {});

  const { status, body } = await post(workspace, `${workspace.phoneNumberId}/release`);

  assertEquals([status, body.error.code, asked], [422, "unsupported", []]);
  assert(body.error.details.hint.includes("/verify"));
});

Deno.test("a number that is in use through another connection is not released by this one", async () => {
  const first = await createConnectedWorkspace();
  const other = await signUp("owner");
  const { body } = await connectTwilio(other, await createWorkspace(other), first.account);
  const path = `phone-numbers/${body.phone_numbers[0].id}/release`;

  const refused = await callFunction(path, { method: "POST", token: other.token });

  assertEquals([refused.status, refused.body.error.code], [409, "number_connected_elsewhere"]);
  assertEquals((await readSimulatedAccount(first.account.account_sid)).numbers.length, 1);
});

Deno.test("verifying says whether the account still has the number, and acts on it", async () => {
  const workspace = await createConnectedWorkspace();

  const owned = await act(workspace, "verify");
  await releaseAtProvider(workspace);
  const lost = await act(workspace, "verify");
  await buyAtProvider(workspace, { AreaCode: "415" });

  assertEquals([owned.status, owned.body.is_owned, owned.body.phone_number.status], [
    200,
    true,
    "active",
  ]);
  assertEquals([lost.status, lost.body.is_owned, lost.body.phone_number.status], [
    200,
    false,
    "inactive",
  ]);
  assertEquals(lost.body.phone_number.metadata, { reason: "not_at_provider" });
});

Deno.test("a provider that is down, or lists a part, proves nothing of a number", async () => {
  const workspace = await createConnectedWorkspace();
  const down = { code: "provider_unavailable", message: "down", isRetryable: true };
  const answers = [
    { ok: false, error: down },
    { ok: true, value: { items: [], isComplete: false } },
  ];

  const seen = [];
  for (const answer of answers) {
    const { post } = withProvider({}, { listNumbers: () => answer });
    seen.push(await post(workspace, `${workspace.phoneNumberId}/verify`));
  }

  assertEquals(seen.map(({ status, body }) => [status, body.error.code]), [
    [503, "provider_unavailable"],
    [422, "unsupported"],
  ]);
  assertEquals((await readNumber(workspace.phoneNumberId)).status, "active");
});

Deno.test("where webhooks hold for the whole connection, a number's is not set", async () => {
  const workspace = await createConnectedWorkspace();
  const { asked, post } = withProvider({ configureNumber: undefined as never }, {});

  const { status, body } = await post(workspace, `${workspace.phoneNumberId}/webhook`);

  assertEquals([status, body.error.code, asked], [422, "unsupported", []]);
  assert(body.error.details.hint.includes("/connections/"));
});

databaseTest(
  "a number's webhook is set with the number and the settings of its connection",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    await sql`
    update public.connections set settings = '{"profile_id": "p1"}' where id = ${workspace.connectionId}`;
    const inputs: Record<string, unknown>[] = [];
    const { post } = withProvider({}, {
      configureNumber: (input) => {
        inputs.push(input);
        return { ok: true, value: undefined };
      },
    });

    const { status } = await post(workspace, `${workspace.phoneNumberId}/webhook`);

    assertEquals(status, 200);
    const [{ webhooks: _, ...input }] = inputs as [Record<string, unknown>];
    assertEquals(input, {
      externalId: workspace.account.numbers[0]!.sid,
      phoneNumber: workspace.phoneNumber,
      settings: { profile_id: "p1" },
    });
  },
);

databaseTest(
  "a short code on the list does not keep an account from being connected",
  async (sql) => {
    const workspace = await createConnectedWorkspace();

    await sql`
    select * from public.store_phone_numbers(
      ${workspace.owner.id}, ${workspace.connectionId},
      '[{"phone_number": "12345", "external_id": "SC1", "capabilities": {"sms": true}, "status": "active"}]'
    )`;

    const rows = await sql`
    select phone_number from public.phone_numbers where connection_id = ${workspace.connectionId}`;
    assertEquals(rows.map((row) => row.phone_number), [workspace.phoneNumber]);
  },
);

async function act(workspace: Workspace, action: string) {
  return await callFunction(`phone-numbers/${workspace.phoneNumberId}/${action}`, {
    method: "POST",
    token: workspace.owner.token,
  });
}
