import { assertEquals } from "@std/assert";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { setFault } from "../support/messages.ts";
import {
  findNumber,
  purchase,
  readNumber,
  releaseAtProvider,
  runMaintenance,
  waitWithNumbers,
  withProvider,
} from "../support/numbers.ts";
import { control } from "../support/simulator.ts";
import { readTestStack } from "../support/stack.ts";
import { createConnectedWorkspace, type Workspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("the maintenance is for the project's secret key alone", async () => {
  const { owner } = await createConnectedWorkspace();

  for (const headers of [{}, { apikey: "sb_secret_wrong" }, { apikey: "" }]) {
    const { status, body } = await callFunction("maintenance", {
      method: "POST",
      token: owner.token,
      headers,
    });
    assertEquals([status, body.error.code], [401, "not_authenticated"]);
  }
  const { status } = await callFunction("maintenance", {
    headers: { apikey: readTestStack().secret_key },
  });
  assertEquals(status, 405);
});

databaseTest(
  "numbers are verified once a day, by one list for all of a connection",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const phone_number = await findNumber(workspace);
    await purchase(workspace, { phone_number, idempotency_key: "k" });

    const before = await countLists(workspace);
    await waitWithNumbers(sql, workspace, "23 hours");
    await runMaintenance();
    const early = await countLists(workspace) - before;
    await waitWithNumbers(sql, workspace, "25 hours");
    await runMaintenance();
    await runMaintenance();
    const late = await countLists(workspace) - before;

    assertEquals([early, late], [0, 1]);
    const { last_verified_at } = await readNumber(workspace.phoneNumberId);
    assertEquals(Date.now() - new Date(last_verified_at!).getTime() < 60_000, true);
  },
);

databaseTest("a number that two lists lack is retired; one list alone is no proof", async (sql) => {
  const workspace = await createConnectedWorkspace();
  await releaseAtProvider(workspace);

  await waitWithNumbers(sql, workspace, "25 hours");
  await runMaintenance();
  const once = await readNumber(workspace.phoneNumberId);
  await waitWithNumbers(sql, workspace, "25 hours");
  await runMaintenance();
  const twice = await readNumber(workspace.phoneNumberId);

  assertEquals(once.status, "active");
  assertEquals([twice.status, twice.is_default, twice.webhook_configured], [
    "inactive",
    false,
    false,
  ]);
  assertEquals(twice.metadata, { reason: "not_at_provider" });
});

databaseTest("a number that is back on the list is as it was", async (sql) => {
  const workspace = await createConnectedWorkspace();
  const list = (items: unknown[]) =>
    withProvider({}, { listNumbers: () => ({ ok: true, value: { items, isComplete: true } }) });

  await waitWithNumbers(sql, workspace, "25 hours");
  await list([]).runMaintenance();
  const missing = await readNumber(workspace.phoneNumberId);
  await waitWithNumbers(sql, workspace, "25 hours");
  await runMaintenance();
  const back = await readNumber(workspace.phoneNumberId);

  assertEquals(Object.keys(missing.metadata as object), ["missing_since"]);
  assertEquals([back.status, back.metadata], ["active", {}]);
});

databaseTest(
  "a provider that is down, or lists a part, changes nothing and holds nobody up",
  async (sql) => {
    const [down, healthy] = [await createConnectedWorkspace(), await createConnectedWorkspace()];
    await setFault(down, { kind: "server_error", operation: "numbers.list" });
    const part = withProvider({}, {
      listNumbers: () => ({ ok: true, value: { items: [], isComplete: false } }),
    });

    for (let day = 0; day < 2; day++) {
      await waitWithNumbers(sql, down, "25 hours");
      await runMaintenance();
    }
    await waitWithNumbers(sql, healthy, "25 hours");
    await part.runMaintenance();
    const [unanswered, partly] = [
      await readNumber(down.phoneNumberId),
      await readNumber(healthy.phoneNumberId),
    ];
    await waitWithNumbers(sql, healthy, "25 hours");
    await runMaintenance();
    const verified = await readNumber(healthy.phoneNumberId);

    assertEquals([unanswered.status, unanswered.metadata], ["active", {}]);
    assertEquals([partly.status, partly.metadata], ["active", {}]);
    assertEquals(Date.now() - new Date(verified.last_verified_at!).getTime() < 60_000, true);
  },
);

databaseTest(
  "a number that its provider has set up by now becomes active, with its webhook",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    await sql`
    update public.phone_numbers set status = 'pending', is_default = false, webhook_configured = false
    where id = ${workspace.phoneNumberId}`;

    await waitWithNumbers(sql, workspace, "2 hours");
    await runMaintenance();

    const { status, webhook_configured } = await readNumber(workspace.phoneNumberId);
    assertEquals([status, webhook_configured], ["active", true]);
  },
);

databaseTest(
  "what was given up is not taken over unasked, nor given up what no list shows",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const whatsApp = freshNumber();
    const phone_number = await findNumber(workspace);
    const { body } = await purchase(workspace, { phone_number, idempotency_key: "k" });
    await sql`update public.phone_numbers set status = 'inactive' where id = ${body.phone_number.id}`;
    await sql`
    insert into public.phone_numbers (
      connection_id, phone_number, external_id, capabilities, status, last_verified_at
    )
    values (
      ${workspace.connectionId}, ${whatsApp}, 'PN1', '{"sms": false, "whatsapp": true}', 'active', now()
    )`;

    for (let day = 0; day < 2; day++) {
      await waitWithNumbers(sql, workspace, "25 hours");
      await runMaintenance();
    }

    const rows = await sql`
    select phone_number, status from public.phone_numbers
    where connection_id = ${workspace.connectionId}`;
    const statuses = new Map(rows.map((row) => [row.phone_number, row.status]));
    assertEquals([workspace.phoneNumber, phone_number, whatsApp].map((n) => statuses.get(n)), [
      "active",
      "inactive",
      "active",
    ]);
  },
);

async function countLists(workspace: Workspace): Promise<number> {
  const { account_sid } = workspace.account;
  const log = await control(`/requests?operation=numbers.list&account_sid=${account_sid}`);
  return log.total;
}
