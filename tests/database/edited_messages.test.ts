import { assertEquals } from "@std/assert";
import { databaseTest, messageOf } from "../support/engine.ts";
import { localTime, scheduleNext, scheduleOf } from "../support/scheduling.ts";
import { refusalAs, signIn } from "../support/tenancy.ts";
import {
  cancel,
  createQueued,
  createWaiting,
  edit,
  errorOf,
  jobOf,
  readMessage,
  take,
} from "../support/waiting_messages.ts";
import { asUser, createAccount } from "../support/world.ts";

databaseTest(
  "an edit holds the message until it is done: a claim takes the new words or none",
  async (sql) => {
    const { world, id } = await createQueued(sql);
    const person = await sql.reserve();
    try {
      await signIn(person, world.memberId);
      await person`select 1 from public.edit_message(${id}, '{"body": "Better"}')`;
      const skipped = await take(sql, id);
      await person`commit`;
      const taken = await take(sql, id);

      assertEquals([skipped.length, taken.length], [0, 1]);
      assertEquals((await readMessage(sql, id)).body, "Better");
    } finally {
      person.release();
    }
  },
);

databaseTest(
  "the words of a waiting message change, and whoever changed them answers for them",
  async (sql) => {
    const { world, id, conversationId } = await createWaiting(sql);
    await sql`update public.conversations set snippet = 'See you' where id = ${conversationId}`;
    const media_urls = ["https://media.example.com/1.png", "https://media.example.com/2.png"];

    const [edited] = await asUser(
      sql,
      world.adminId,
      edit(id, { body: "See you soon", media_urls }),
    );

    const [after] = await sql`
    select t.snippet, array_agg(d.url order by d.position) as urls
    from public.conversations as t join public.message_media as d on d.message_id = ${id}
    where t.id = ${conversationId} group by t.snippet`;
    assertEquals([edited!.body, edited!.sender_id, edited!.status], [
      "See you soon",
      world.adminId,
      "scheduled",
    ]);
    assertEquals({ ...after }, { snippet: "See you soon", urls: media_urls });
    await asUser(sql, world.adminId, edit(id, { media_urls: [] }));
    const left = await sql`select 1 from public.message_media where message_id = ${id}`;
    assertEquals(left.length, 0);
  },
);

databaseTest("an edit is refused as the message itself would be", async (sql) => {
  const { world, id, conversationId } = await createWaiting(sql, { unless: ["replied"] });
  const scheduled_at = await localTime(sql, -5, "09:00:00");
  const refusals: [unknown, [string, string]][] = [
    [{ body: " " }, ["message_empty", "body"]],
    [{ body: "x".repeat(1_601) }, ["message_too_long", "body"]],
    [{ media_urls: ["http://media.example.com/1.png"] }, ["media_url_invalid", "media_urls.0"]],
    [{ media_urls: "x" }, ["invalid_request", "media_urls"]],
    [{ subject: "x" }, ["invalid_request", "subject"]],
    [{ scheduled_at }, ["schedule_invalid", "scheduled_at"]],
    [{ time_zone: "Mars/Olympus" }, ["schedule_invalid", "time_zone"]],
    [{ unless: ["raining"] }, ["schedule_invalid", "unless"]],
    [{ recurrence: { every: "year" } }, ["schedule_invalid", "recurrence.every"]],
    [{ quiet_hours: "sometimes" }, ["schedule_invalid", "quiet_hours"]],
    [{ to: "+14155550100" }, ["invalid_request", "to"]],
    [{ body: null }, ["invalid_request", "body"]],
    [{}, ["invalid_request", "changes"]],
    [[], ["invalid_request", "changes"]],
  ];
  const before = await scheduleOf(sql, id);

  for (const [changes, error] of refusals) {
    assertEquals(await errorOf(sql, world.memberId, edit(id, changes)), error);
  }
  await sql`
    insert into public.template_details (message_id, workspace_id, conversation_id, external_id, language)
    values (${id}, ${world.workspaceId}, ${conversationId}, 'HX1', 'en')`;
  assertEquals(await errorOf(sql, world.memberId, edit(id, { body: "x" })), [
    "template_invalid",
    "body",
  ]);
  assertEquals(await scheduleOf(sql, id), before);
});

databaseTest(
  "another time keeps the zone and the conditions, and the job waits for it",
  async (sql) => {
    const { world, id } = await createWaiting(sql, { unless: ["replied"] });
    await sql`update private.outbound_jobs set attempt_count = 2 where message_id = ${id}`;
    const scheduled_at = await localTime(sql, 6, "10:30:00");

    const [edited] = await asUser(sql, world.memberId, edit(id, { scheduled_at }));

    const [{ at } = {}] = await sql`
    select ${scheduled_at}::timestamp at time zone 'America/New_York' as at`;
    const schedule = await scheduleOf(sql, id);
    assertEquals([edited!.scheduled_at, edited!.status], [at, "scheduled"]);
    assertEquals(await jobOf(sql, id), { due_at: at, attempt_count: 2 });
    assertEquals([schedule!.time_zone, schedule!.unless], ["America/New_York", ["replied"]]);
  },
);

databaseTest("a time with an offset replaces the zone, and null sends at once", async (sql) => {
  const { world, id } = await createWaiting(sql, { unless: ["replied"] });
  const scheduled_at = await localTime(sql, 6, "10:30:00+02:00");

  await asUser(sql, world.memberId, edit(id, { scheduled_at }));
  const moved = await scheduleOf(sql, id);
  await asUser(sql, world.memberId, edit(id, { scheduled_at: null }));
  const job = await jobOf(sql, id);

  assertEquals([moved!.time_zone, moved!.local_at, moved!.due_at], [
    null,
    null,
    new Date(scheduled_at),
  ]);
  assertEquals(await scheduleOf(sql, id), undefined);
  assertEquals(job!.due_at <= new Date(), true);
  assertEquals((await readMessage(sql, id)).status, "scheduled");
  await sql`delete from private.outbound_jobs where message_id = ${id}`;
});

databaseTest("a queued message can still be put off", async (sql) => {
  const { world, id } = await createQueued(sql);
  const scheduled_at = await localTime(sql, 2, "10:30:00Z");

  const [edited] = await asUser(
    sql,
    world.memberId,
    edit(id, { scheduled_at, unless: ["replied"] }),
  );

  assertEquals([edited!.status, edited!.scheduled_at], ["scheduled", new Date(scheduled_at)]);
  assertEquals((await jobOf(sql, id))!.due_at, new Date(scheduled_at));
  assertEquals((await scheduleOf(sql, id))!.unless, ["replied"]);
});

databaseTest(
  "what waits past its time for quiet hours to end can change its conditions",
  async (sql) => {
    const { world, id } = await createWaiting(sql, { quiet_hours: "respect" });
    await sql`
    update public.message_schedules set local_at = now() - interval '2 days' where message_id = ${id}`;

    await asUser(sql, world.memberId, edit(id, { unless: ["replied"] }));

    const schedule = await scheduleOf(sql, id);
    assertEquals([schedule!.unless, schedule!.respects_quiet_hours], [["replied"], true]);
    await sql`delete from private.outbound_jobs where message_id = ${id}`;
  },
);

databaseTest(
  "an edited occurrence stays in its series, and the next ones count from it",
  async (sql) => {
    const { world, id } = await createWaiting(sql, { recurrence: { every: "day", count: 3 } });
    const [second] = await scheduleNext(sql, id);
    const scheduled_at = await localTime(sql, 9, "11:00:00");

    await asUser(sql, world.memberId, edit(second!.next_message_id, { scheduled_at }));
    const [third] = await scheduleNext(sql, second!.next_message_id);

    const edited = await scheduleOf(sql, second!.next_message_id);
    const next = await scheduleOf(sql, third!.next_message_id);
    const day = (await localTime(sql, 10, "11:00:00")).replace("T", " ");
    assertEquals([edited!.series_id, edited!.occurrence], [id, 2]);
    assertEquals([next!.series_id, next!.occurrence, next!.local_at], [id, 3, day]);
    await asUser(sql, world.memberId, edit(third!.next_message_id, { recurrence: null }));
    const single = await scheduleOf(sql, third!.next_message_id);
    assertEquals([single!.recurrence, single!.occurrence], [null, 1]);
  },
);

databaseTest("strangers and whoever does not see the conversation change nothing", async (sql) => {
  const { world, id, conversationId } = await createWaiting(sql);
  const strangerId = await createAccount(sql, "stranger");
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  const acts = [cancel(id), edit(id, { body: "Mine" })];

  for (const act of acts) {
    assertEquals(await refusalAs(sql, strangerId, act), "PT404");
    assertEquals(await refusalAs(sql, world.memberId, act), "PT404");
  }
  for (const inbound of [cancel(world.messageId), edit(world.messageId, { body: "x" })]) {
    assertEquals(await refusalAs(sql, world.ownerId, inbound), "PT404");
  }
  await sql`
    update public.conversations set assigned_to = ${world.memberId} where id = ${conversationId}`;
  await asUser(sql, world.memberId, edit(id, { body: "Mine" }));
  await asUser(sql, world.memberId, cancel(id));
  assertEquals((await messageOf(sql, id)).status, "canceled");
});
