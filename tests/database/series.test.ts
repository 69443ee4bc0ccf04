import { assert, assertEquals } from "@std/assert";
import {
  databaseTest,
  ingest,
  pidOf,
  type Row,
  textFrom,
  untilSettledOrBlocked,
} from "../support/engine.ts";
import {
  decide,
  letTimePass,
  localTime,
  NEW_YORK,
  numberIn,
  scheduleNext,
  scheduleOf,
  storeScheduled,
} from "../support/scheduling.ts";
import { asUser, createWorld, freshNumber } from "../support/world.ts";
import type postgres from "postgres";

/** A message of a series, whose time has just come. */
async function storeDue(sql: postgres.Sql, recurrence: Row, message: Row = {}, to = freshNumber()) {
  const world = await createWorld(sql);
  const scheduled = await storeScheduled(
    sql,
    world,
    {
      scheduled_at: await localTime(sql, 3, "09:00:00"),
      time_zone: "America/New_York",
      recurrence,
      ...message,
    },
    { to },
  );
  await letTimePass(sql, scheduled.id, "3 days");
  return { world, to, ...scheduled };
}

databaseTest(
  "the next occurrence is a message of its own, with all that the first one has",
  async (sql) => {
    const { id, world } = await storeDue(sql, { every: "week" }, { unless: ["replied"] });
    await sql`
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url)
    select id, 1, workspace_id, conversation_id, 'https://media.example.com/1.png'
    from public.conversation_messages where id = ${id}`;
    await sql`
    insert into public.template_details (message_id, workspace_id, conversation_id, external_id, language)
    select id, workspace_id, conversation_id, 'HX1', 'en' from public.conversation_messages where id = ${id}`;
    await sql`
    update public.conversation_messages
    set status = 'sent', sent_at = now(), idempotency_key = 'once', idempotency_fingerprint = sha256('x')
    where id = ${id}`;

    const [next] = await scheduleNext(sql, id);

    const before = await scheduleOf(sql, id);
    const after = await scheduleOf(sql, next!.next_message_id);
    const [gap] = await sql`
    select ${after!.local_at}::timestamp - ${
      before!.local_at
    }::timestamp = interval '7 days' as is_week`;
    assertEquals([gap!.is_week, after!.due_at, after!.scheduled_at], [
      true,
      next!.due_at,
      next!.due_at,
    ]);
    assertEquals(
      [after!.series_id, after!.occurrence, after!.unless, after!.status, after!.body],
      [id, 2, ["replied"], "scheduled", "See you"],
    );
    const [message] = await sql`
    select m.sent_at, m.idempotency_key, m.sender_id, m.from_address, m.to_address,
      (select array_agg(d.url) from public.message_media as d where d.message_id = m.id) as urls,
      (select d.external_id from public.template_details as d where d.message_id = m.id) as template
    from public.conversation_messages as m where m.id = ${next!.next_message_id}`;
    const [{ to_address } = {}] = await sql`
    select to_address from public.conversation_messages where id = ${id}`;
    assertEquals({ ...message }, {
      sent_at: null,
      idempotency_key: null,
      sender_id: world.memberId,
      from_address: world.phoneNumber,
      to_address,
      urls: ["https://media.example.com/1.png"],
      template: "HX1",
    });
  },
);

databaseTest(
  "an e-mail comes again with its files, as an answer to the one before",
  async (sql) => {
    const { id } = await storeDue(sql, { every: "day" }, {}, "pat@example.com");
    await sql`
    insert into public.email_details (
      message_id, workspace_id, conversation_id, subject, attachments, internet_message_id, reference_ids
    )
    select id, workspace_id, conversation_id, 'News', '[{"file_name": "a.txt"}]', ${id} || '@example.com', '{first@example.com}'
    from public.conversation_messages where id = ${id}`;

    const without = await scheduleNext(sql, id);
    await sql`
    insert into private.email_attachments (message_id, position, file_name, content_type, content)
    values (${id}, 1, 'a.txt', 'text/plain', 'Left')`;
    const [next] = await scheduleNext(sql, id);

    assertEquals(without.length, 0);
    const [email] = await sql`
    select d.subject, d.reference_ids, d.internet_message_id <> ${`${id}@example.com`} as is_own,
      (select convert_from(f.content, 'UTF8') from private.email_attachments as f where f.message_id = d.message_id) as file
    from public.email_details as d where d.message_id = ${next!.next_message_id}`;
    assertEquals({ ...email }, {
      subject: "News",
      reference_ids: ["first@example.com", `${id}@example.com`],
      is_own: true,
      file: "Left",
    });
  },
);

databaseTest(
  "each occurrence comes once, however often and by however many it is asked for",
  async (sql) => {
    const { id } = await storeDue(sql, { every: "day" });
    const [first, second] = [await sql.reserve(), await sql.reserve()];
    const ask = (connection: postgres.ReservedSql) =>
      connection`select next_message_id from private.schedule_next_occurrences(array[${id}::uuid])`;
    try {
      const secondPid = await pidOf(second);
      await first`begin`;
      const made = await ask(first);
      const asking = ask(second).execute();
      await untilSettledOrBlocked(sql, secondPid, asking);
      await first`commit`;
      assertEquals([made.length, (await asking).length], [1, 0]);
    } finally {
      first.release();
      second.release();
    }
    assertEquals((await scheduleNext(sql, id)).length, 0);
  },
);

databaseTest("a series ends with its count, and with its last day", async (sql) => {
  const counted = await storeDue(sql, { every: "day", count: 2 });
  const [second] = await scheduleNext(sql, counted.id);
  await letTimePass(sql, second!.next_message_id, "1 day");
  const [today] = await sql`select (current_date + 3)::text as day`;
  const ended = await storeDue(sql, { every: "day", until: today!.day });
  await sql`
    update public.message_schedules
    set recurrence = jsonb_set(recurrence, '{until}', to_jsonb((current_date - 1)::text))
    where message_id = ${ended.id}`;

  assertEquals((await scheduleNext(sql, second!.next_message_id)).length, 0);
  assertEquals((await scheduleNext(sql, ended.id)).length, 0);
});

databaseTest("what was missed meanwhile is not made up for, and counts", async (sql) => {
  const { id } = await storeDue(sql, { every: "day", count: 12 });
  await letTimePass(sql, id, "10 days");

  const [next] = await scheduleNext(sql, id);

  const schedule = await scheduleOf(sql, next!.next_message_id);
  assert(schedule!.occurrence >= 11 && schedule!.occurrence <= 12, schedule!.occurrence);
  assert(schedule!.due_at > new Date());
});

databaseTest(
  "a series goes on after a condition canceled one, and ends when a person does",
  async (sql) => {
    const [replied, person] = [
      await storeDue(sql, { every: "day" }, { unless: ["replied"] }),
      await storeDue(sql, { every: "day" }),
    ];
    await ingest(sql, replied.world.connectionId, [textFrom(replied.world, replied.to)]);
    const [[, reason]] = await decide(sql, replied.id) as [[string, string]];
    await sql`
    update public.conversation_messages set status = 'canceled', error_code = ${reason} where id = ${replied.id}`;
    await asUser(
      sql,
      person.world.memberId,
      (tx) => tx`select public.cancel_message(${person.id})`,
    );

    const [next] = await scheduleNext(sql, replied.id);

    assertEquals(await decide(sql, next!.next_message_id), [["send", null]]);
    assertEquals((await scheduleNext(sql, person.id)).length, 0);
  },
);

databaseTest("a series ends with an opt-out", async (sql) => {
  const { id, world, to } = await storeDue(sql, { every: "day" });
  await asUser(sql, world.memberId, (tx) => tx`select public.opt_out(${world.workspaceId}, ${to})`);

  assertEquals((await scheduleNext(sql, id)).length, 0);
});

databaseTest(
  "an occurrence in quiet hours waits for their end, the one after counts from its own time",
  async (sql) => {
    const to = numberIn(NEW_YORK);
    const { id } = await storeDue(sql, { every: "day" }, {
      scheduled_at: await localTime(sql, 3, "22:00:00"),
      quiet_hours: "respect",
    }, to);

    const [next] = await scheduleNext(sql, id);

    const [shown] = await sql`
    select (${next!.due_at}::timestamptz at time zone 'America/New_York')::time::text as due,
      s.local_at::time::text as local
    from public.message_schedules as s where s.message_id = ${next!.next_message_id}`;
    assertEquals({ ...shown }, { due: "08:00:00", local: "22:00:00" });
  },
);
