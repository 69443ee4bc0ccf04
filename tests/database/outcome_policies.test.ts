/** What becomes of messages of which nobody knows whether they were sent. */
import {
  claim,
  countersOf,
  createQuietWorld,
  limitTest,
  measuredOf,
  rejected,
  texts,
} from "../support/limits.ts";
import {
  claimLookUp,
  enqueue,
  ingest,
  jobOf,
  messageOf,
  receiptOf,
  record,
  type Row,
} from "../support/engine.ts";
import { refusalOf } from "../support/stack.ts";
import { asUser, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const unknown = (id: string): Row => ({ message_id: id, outcome: "unknown" });

const setPolicy = (sql: postgres.Sql, world: World, messageClass: string, action: string) =>
  sql`
    insert into public.outcome_policies (workspace_id, message_class, on_unknown)
    values (${world.workspaceId}, ${messageClass}, ${action})`;

/** A message of unknown outcome, which is to be looked up. */
async function doubt(sql: postgres.Sql, world: World, changes: Row = {}): Promise<string> {
  const [row] = await enqueue(sql, world, texts(1, changes));
  const { token } = await claim(sql, world, 10);
  await record(sql, token, [unknown(row!.message_id)]);
  return row!.message_id;
}

/** The provider does not know it either, so long after it was handed over. */
async function findNothing(sql: postgres.Sql, id: string, age: string) {
  await sql`
    update public.message_attempts set started_at = now() - ${age}::interval
    where message_id = ${id} and outcome = 'unknown'`;
  const { lease_token } = await claimLookUp(sql, id);
  await record(sql, lease_token, [unknown(id)]);
}

const attemptsOf = async (sql: postgres.Sql, id: string) =>
  (await sql`
    select outcome from public.message_attempts where message_id = ${id} order by attempt_number`)
    .map((row) => row.outcome);

limitTest(
  "a code is sent again at once, anything else is held, unless somebody says so",
  async (sql) => {
    const world = await createQuietWorld(sql);
    const policyOf = async (messageClass: string) =>
      (await sql`select private.on_unknown(${world.workspaceId}, ${messageClass}) as action`)[0]!
        .action;
    const classes = ["conversation", "one_time_code", "campaign", "opt_out_confirmation"];

    const byDefault = await Promise.all(classes.map(policyOf));
    await setPolicy(sql, world, "conversation", "resend");
    await setPolicy(sql, world, "one_time_code", "hold");
    const set = await Promise.all(classes.map(policyOf));

    assertEquals(byDefault, ["hold", "resend", "hold", "hold"]);
    assertEquals(set, ["resend", "hold", "hold", "hold"]);
  },
);

limitTest(
  "a held message is looked up for a quarter of an hour, and then left to a person",
  async (sql) => {
    const world = await createQuietWorld(sql);
    const id = await doubt(sql, world);

    await findNothing(sql, id, "14 minutes");
    const early = [(await jobOf(sql, id))!.step, (await messageOf(sql, id)).status];
    await findNothing(sql, id, "16 minutes");

    assertEquals(early, ["look_up", "sending"]);
    assertEquals(await messageOf(sql, id), { status: "failed", error_code: "outcome_unknown" });
    assertEquals(await jobOf(sql, id), undefined);
  },
);

limitTest("a code of unknown outcome is looked up once, and sent again", async (sql) => {
  const world = await createQuietWorld(sql);
  const id = await doubt(sql, world, { message_class: "one_time_code" });
  const { step, wait_seconds } = (await jobOf(sql, id))!;

  await findNothing(sql, id, "16 seconds");

  assertEquals([step, wait_seconds < 16], ["look_up", true]);
  assertEquals((await jobOf(sql, id))!.step, "send");
  assertEquals((await messageOf(sql, id)).status, "queued");
  assertEquals((await claim(sql, world)).ids, [id]);
  assertEquals(await attemptsOf(sql, id), ["unknown", null]);
});

limitTest("the policy is the workspace's own, and for one class", async (sql) => {
  const [own, other] = [await createQuietWorld(sql), await createQuietWorld(sql)];
  await setPolicy(sql, own, "conversation", "resend");
  await setPolicy(sql, own, "one_time_code", "hold");

  const steps: Record<string, string> = {};
  for (const [name, world] of Object.entries({ own, other })) {
    for (const message_class of ["conversation", "one_time_code"]) {
      const id = await doubt(sql, world, { message_class });
      await findNothing(sql, id, "16 seconds");
      steps[`${name} ${message_class}`] = (await jobOf(sql, id))!.step;
    }
  }

  assertEquals(steps, {
    "own conversation": "send",
    "own one_time_code": "look_up",
    "other conversation": "look_up",
    "other one_time_code": "send",
  });
});

limitTest("what stays unknown is sent eight times at the most", async (sql) => {
  const world = await createQuietWorld(sql);
  const id = await doubt(sql, world, { message_class: "one_time_code" });

  for (let round = 1; round < 8; round++) {
    await findNothing(sql, id, "16 seconds");
    // Else its connection would be taken for broken.
    await sql`delete from public.connection_health where connection_id = ${world.connectionId}`;
    const { token, ids } = await claim(sql, world);
    assertEquals(ids, [id], `round ${round}`);
    await record(sql, token, [unknown(id)]);
  }
  await findNothing(sql, id, "16 seconds");

  assertEquals((await attemptsOf(sql, id)).length, 8);
  assertEquals(await jobOf(sql, id), undefined);
  assertEquals(await messageOf(sql, id), { status: "failed", error_code: "outcome_unknown" });
  assertEquals(await countersOf(sql, world), []);
});

limitTest(
  "a receipt that comes while it waits to be sent again keeps it from being sent",
  async (sql) => {
    const world = await createQuietWorld(sql);
    const id = await doubt(sql, world, { message_class: "one_time_code" });
    await findNothing(sql, id, "16 seconds");

    await ingest(sql, world.connectionId, [receiptOf(id, "delivered", "SM1")]);

    assertEquals([await jobOf(sql, id), (await claim(sql, world)).ids], [undefined, []]);
    assertEquals(await attemptsOf(sql, id), ["accepted"]);
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  },
);

limitTest(
  "when both were taken after all, one attempt counts, whichever is told first",
  async (sql) => {
    const world = await createQuietWorld(sql);
    const again = { outcome: "accepted", external_id: "SM2", status: "sent" };
    const twice = async () => {
      const id = await doubt(sql, world, { message_class: "one_time_code" });
      await findNothing(sql, id, "16 seconds");
      const { token } = await claim(sql, world);
      return { id, token };
    };
    const [first, second] = [await twice(), await twice()];

    await ingest(sql, world.connectionId, [receiptOf(first.id, "sent", "SM1")]);
    await record(sql, first.token, [{ message_id: first.id, ...again }]);
    await record(sql, second.token, [{ message_id: second.id, ...again }]);
    await ingest(sql, world.connectionId, [receiptOf(second.id, "delivered", "SM3")]);

    assertEquals(await attemptsOf(sql, first.id), ["accepted", "unknown"]);
    assertEquals(await attemptsOf(sql, second.id), ["unknown", "accepted"]);
    const [counter] = await countersOf(sql, world);
    assert(counter!.includes("reserved 0 ($0), settled 2 "), counter);
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  },
);

limitTest("receipts for both attempts in one webhook count once", async (sql) => {
  const world = await createQuietWorld(sql);
  const id = await doubt(sql, world, { message_class: "one_time_code" });
  await findNothing(sql, id, "16 seconds");
  const { token } = await claim(sql, world);

  const outcomes = await ingest(sql, world.connectionId, [
    { ...receiptOf(id, "sent", "SM2"), attemptNumber: 2 },
    receiptOf(id, "delivered", "SM1"),
  ]);
  await record(sql, token, [rejected(id, "provider", { is_retryable: true })]);

  assertEquals(outcomes.map((outcome) => outcome.state), ["processed", "processed"]);
  assertEquals(await attemptsOf(sql, id), ["unknown", "accepted"]);
  assertEquals(await jobOf(sql, id), undefined);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest("owners and admins decide, members read", async (sql) => {
  const world = await createQuietWorld(sql);
  const insert = (userId: string, messageClass: string) =>
    asUser(
      sql,
      userId,
      (tx) =>
        tx`insert into public.outcome_policies (workspace_id, message_class, on_unknown)
          values (${world.workspaceId}, ${messageClass}, 'hold')`,
    );

  await insert(world.ownerId, "conversation");
  await insert(world.adminId, "one_time_code");
  assertEquals(await refusalOf(() => insert(world.memberId, "campaign")), "42501");

  const read = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select message_class from public.outcome_policies where workspace_id = ${world.workspaceId}`,
  );
  assertEquals(read.length, 2);
});
