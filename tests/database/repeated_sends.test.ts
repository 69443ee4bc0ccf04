import { assertEquals } from "@std/assert";
import { queueTest } from "../support/claims.ts";
import { listedNumber } from "../support/tenancy.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import type postgres from "postgres";

const REPETITIONS = 100;
const AT_ONCE = 25;

/** A number of the operator's, which no other test's workspace is to find. */
async function withPlatformNumber(sql: postgres.Sql, work: () => Promise<void>): Promise<void> {
  const [connection] = await asService(
    sql,
    (tx) =>
      tx`select id from public.store_platform_connection(
        'twilio', ${"AC" + crypto.randomUUID()}, 'Operator', ${tx.json({ key: "marker-secret" })},
        ${crypto.randomUUID() + crypto.randomUUID()}, 'marker-secret', ${
        tx.json([listedNumber()] as never)
      }
      )`,
  );
  try {
    await work();
  } finally {
    await sql`update public.phone_numbers set status = 'inactive' where connection_id = ${
      connection!.id
    }`;
  }
}

/** A workspace that sends through the operator's numbers, one message a month. */
async function createCapped(sql: postgres.Sql): Promise<World> {
  const world = await createWorld(sql);
  const plan = `plan_${crypto.randomUUID().replace(/[^a-z]/g, "")}`;
  await sql`insert into public.plans (id, display_name, monthly_price) values (${plan}, 'One', 0)`;
  await sql`
    insert into public.plan_limits (plan_id, channel, monthly_limit) values (${plan}, 'sms', 1)`;
  await sql`
    update public.workspaces set communication_mode = 'platform', plan_id = ${plan} where id = ${world.workspaceId}`;
  return world;
}

const send = async (sql: postgres.Sql, world: World, message: Record<string, string>) => {
  const [row] = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select * from public.enqueue_messages(${world.workspaceId}, ${
        tx.json([{ body: "Hello", ...message }])
      })`,
  );
  return row!;
};

async function countsOf(sql: postgres.Sql, { workspaceId }: World, key: string) {
  const [row] = await sql`
    select
      (
        select count(*)::integer from public.conversation_messages
        where workspace_id = ${workspaceId} and idempotency_key = ${key}
      ) as messages,
      (select count(*)::integer from private.outbound_jobs where workspace_id = ${workspaceId}) as jobs,
      (
        select coalesce(sum(reserved_count), 0)::integer from public.usage_counters
        where workspace_id = ${workspaceId} and is_platform
      ) as reserved`;
  return { ...row };
}

queueTest(
  "one key a hundred times at once, where one message is left: one, and a hundred equal answers",
  async (sql) => {
    await withPlatformNumber(sql, async () => {
      const world = await createCapped(sql);
      const message = { to_address: freshNumber(), idempotency_key: "once" };

      const answers = await Promise.all(
        Array.from({ length: REPETITIONS }, () => send(sql, world, message)),
      );
      const other = await send(sql, world, { ...message, idempotency_key: "another" });

      const [first] = answers;
      const { is_duplicate: _, ...essence } = first!;
      assertEquals(
        answers.map(({ is_duplicate: _, ...answer }) => answer),
        answers.map(() => essence),
      );
      assertEquals([essence.error_code, essence.status], [null, "queued"]);
      assertEquals(answers.filter((answer) => !answer.is_duplicate).length, 1);
      assertEquals(await countsOf(sql, world, "once"), { messages: 1, jobs: 1, reserved: 1 });
      assertEquals(other.error_code, "plan_limit_reached");
    });
  },
  AT_ONCE,
);

queueTest(
  "a hundred messages at once share what the plan has left: one goes, the others are refused",
  async (sql) => {
    await withPlatformNumber(sql, async () => {
      const world = await createCapped(sql);

      const answers = await Promise.all(
        Array.from(
          { length: REPETITIONS },
          (_, index) =>
            send(sql, world, { to_address: freshNumber(), idempotency_key: `key ${index}` }),
        ),
      );

      const codes = answers.map((answer) => answer.error_code);
      assertEquals(codes.filter((code) => code === null).length, 1);
      assertEquals(codes.filter((code) => code === "plan_limit_reached").length, REPETITIONS - 1);
      const key = `key ${codes.indexOf(null)}`;
      assertEquals(await countsOf(sql, world, key), { messages: 1, jobs: 1, reserved: 1 });
    });
  },
  AT_ONCE,
);

queueTest(
  "one key a hundred times at once under a spend cap for one: one, and a hundred equal answers",
  async (sql) => {
    const world = await createWorld(sql);
    await sql`
    update public.workspaces set monthly_spend_cap = (
      select coalesce(sum(u.reserved_cost + u.settled_cost), 0) + private.default_rate('sms')
      from public.usage_counters as u where u.workspace_id = ${world.workspaceId}
    )
    where id = ${world.workspaceId}`;
    const message = { to_address: freshNumber(), idempotency_key: "once" };

    const answers = await Promise.all(
      Array.from({ length: REPETITIONS }, () => send(sql, world, message)),
    );
    const other = await send(sql, world, { ...message, idempotency_key: "another" });

    assertEquals(new Set(answers.map((answer) => answer.message_id)).size, 1);
    assertEquals(answers.filter((answer) => answer.error_code !== null), []);
    assertEquals(answers.filter((answer) => !answer.is_duplicate).length, 1);
    const { messages, jobs } = await countsOf(sql, world, "once");
    assertEquals([messages, jobs], [1, 1]);
    assertEquals(other.error_code, "spend_cap_reached");
  },
  AT_ONCE,
);
