/** Messages whose connection is broken go another way, counted there; the others stay as they are. */
import {
  claim,
  connectPlatform,
  countersOf,
  createPlatformWorld,
  limitTest,
  measuredOf,
  platformTexts,
  rejected,
  texts,
} from "../support/limits.ts";
import { enqueue, jobOf, messageOf, record } from "../support/engine.ts";
import { asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const breakConnection = (sql: postgres.Sql, connectionId: string) =>
  sql`
    insert into public.connection_health (connection_id, state, opened_at, probe_at, failure_count)
    values (${connectionId}, 'open', now(), now() + interval '30 seconds', 5)
    on conflict (connection_id) do update
    set state = 'open', opened_at = now(), probe_at = now() + interval '30 seconds'`;

const isPlatform = async (sql: postgres.Sql, id: string) =>
  (await sql`select is_platform from public.conversation_messages where id = ${id}`)[0]!
    .is_platform;

limitTest("who has no trouble keeps the sender, whoever in the batch has some", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 10 });
  const [own, opted] = await enqueue(sql, world, texts(2));
  const { to_address } = (await sql`
    select to_address from public.conversation_messages where id = ${opted!.message_id}`)[0]!;
  await asUser(
    sql,
    world.memberId,
    (tx) => tx`select public.opt_out(${world.workspaceId}, ${to_address})`,
  );

  const { ids } = await claim(sql, world, 2);

  assertEquals(ids, [own!.message_id]);
  assertEquals(await isPlatform(sql, own!.message_id), false);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest(
  "round a broken connection a message counts for the plan, as far as it goes",
  async (sql) => {
    const world = await createPlatformWorld(sql, { sms: 1 });
    const rows = await enqueue(sql, world, texts(2));
    await breakConnection(sql, world.connectionId);

    const { ids } = await claim(sql, world, 2);

    assertEquals(ids, []);
    const ways = await Promise.all(rows.map((row) => isPlatform(sql, row.message_id)));
    assertEquals(ways.filter((way) => way).length, 1);
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  },
);

limitTest(
  "between two of the operator's connections, a full plan is in nobody's way",
  async (sql) => {
    const world = await createPlatformWorld(sql, { sms: 1 });
    await connectPlatform(sql);
    await sql`update public.workspaces set communication_mode = 'platform' where id = ${world.workspaceId}`;
    const [row] = await enqueue(sql, world, platformTexts(world, 1, { from_address: undefined }));
    const before = await senderOf(sql, row!.message_id);
    const { token } = await claim(sql, world);

    await record(sql, token, [rejected(row!.message_id, "provider", { is_retryable: true })]);

    assertEquals(await senderOf(sql, row!.message_id) === before, false);
    assertEquals((await jobOf(sql, row!.message_id))!.wait_seconds <= 0, true);
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  },
);

limitTest(
  "while somebody reserves, a message in need of another way waits a moment",
  async (sql) => {
    const world = await createPlatformWorld(sql, { sms: 1 });
    const [row] = await enqueue(sql, world, texts(1));
    await sql`update public.phone_numbers set status = 'inactive', is_default = false where id = ${world.phoneNumberId}`;
    const sender = await sql.reserve();
    try {
      await sender`begin`;
      await sender`select private.lock_limits(array[${world.workspaceId}]::uuid[])`;
      await sql.begin(async (tx) => {
        await tx`set local lock_timeout = '2s'`;
        await tx`select * from public.claim_outbound_jobs(1)`;
      });
      await sender`commit`;
    } finally {
      sender.release();
    }

    assertEquals((await messageOf(sql, row!.message_id)).status, "queued");
    const { wait_seconds } = (await jobOf(sql, row!.message_id))!;
    assertEquals(wait_seconds > -60 && wait_seconds <= 1, true);
  },
);

const senderOf = async (sql: postgres.Sql, id: string): Promise<string> =>
  (await sql`select from_address from public.conversation_messages where id = ${id}`)[0]!
    .from_address;
