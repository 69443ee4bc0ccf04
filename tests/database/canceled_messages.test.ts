import { assertEquals } from "@std/assert";
import { databaseTest, messageOf, pidOf, untilSettledOrBlocked } from "../support/engine.ts";
import { scheduleNext } from "../support/scheduling.ts";
import { refusalOf } from "../support/stack.ts";
import { signIn } from "../support/tenancy.ts";
import {
  cancel,
  createQueued,
  createWaiting,
  edit,
  errorOf,
  jobOf,
  take,
} from "../support/waiting_messages.ts";
import { asUser } from "../support/world.ts";

databaseTest("a scheduled message is canceled, its job and its files go", async (sql) => {
  const { world, id } = await createWaiting(sql);
  await sql`
    insert into private.email_attachments (message_id, position, file_name, content_type, content)
    values (${id}, 1, 'a.txt', 'text/plain', 'x')`;

  const [canceled] = await asUser(sql, world.memberId, cancel(id));

  assertEquals(canceled!.status, "canceled");
  assertEquals(await messageOf(sql, id), { status: "canceled", error_code: null });
  assertEquals(await jobOf(sql, id), undefined);
  const files = await sql`select 1 from private.email_attachments where message_id = ${id}`;
  assertEquals(files.length, 0);
  const audit = await sql`
    select actor_id, action from public.audit_log where workspace_id = ${world.workspaceId} and entity_id = ${id}`;
  assertEquals([...audit], [{ actor_id: world.memberId, action: "message.canceled" }]);
});

databaseTest(
  "a queued message is canceled as long as nobody took it, and then no more",
  async (sql) => {
    const [free, taken] = [await createQueued(sql), await createQueued(sql)];
    await sql`delete from private.outbound_jobs where message_id = ${taken.id}`;

    await asUser(sql, free.world.memberId, cancel(free.id));

    assertEquals((await messageOf(sql, free.id)).status, "canceled");
    const handedOver = ["already_handed_over", "message_id"];
    assertEquals(await errorOf(sql, taken.world.memberId, cancel(taken.id)), handedOver);
    assertEquals(
      await errorOf(sql, taken.world.memberId, edit(taken.id, { body: "x" })),
      handedOver,
    );
    assertEquals((await messageOf(sql, taken.id)).status, "queued");
    assertEquals(await errorOf(sql, free.world.memberId, cancel(free.id)), [
      "already_canceled",
      "message_id",
    ]);
  },
);

databaseTest("what is looked up, or on its way, is not ours to change", async (sql) => {
  const [lookedUp, sending] = [await createQueued(sql), await createQueued(sql)];
  await sql`delete from private.outbound_jobs where message_id = ${lookedUp.id}`;
  await sql`
    insert into private.look_ups (message_id, attempt_number, workspace_id)
    values (${lookedUp.id}, 1, ${lookedUp.world.workspaceId})`;
  await sql`
    update public.conversation_messages set status = 'sending' where id = ${sending.id}`;

  for (const { world, id } of [lookedUp, sending]) {
    assertEquals((await errorOf(sql, world.memberId, cancel(id)))[0], "already_handed_over");
    await sql`delete from private.outbound_jobs where message_id = ${id}`;
  }
});

databaseTest("to cancel an occurrence cancels the next one that waits already", async (sql) => {
  const { world, id } = await createWaiting(sql, { recurrence: { every: "day" } });
  const other = await createWaiting(sql, { recurrence: { every: "day" } });
  const [next] = await scheduleNext(sql, id);
  const [othersNext] = await scheduleNext(sql, other.id);

  await asUser(sql, world.memberId, cancel(id));

  assertEquals((await messageOf(sql, next!.next_message_id)).status, "canceled");
  assertEquals(await jobOf(sql, next!.next_message_id), undefined);
  assertEquals((await messageOf(sql, othersNext!.next_message_id)).status, "scheduled");
});

databaseTest(
  "of a claim and a cancel at the same time one wins, whichever came first",
  async (sql) => {
    const [claim, person] = [await sql.reserve(), await sql.reserve()];
    try {
      const personPid = await pidOf(person);
      const first = await createQueued(sql);
      await claim`begin`;
      assertEquals((await take(claim, first.id)).length, 1);
      await signIn(person, first.world.memberId);
      const canceling = cancel(first.id)(person).execute();
      await untilSettledOrBlocked(sql, personPid, canceling);
      await claim`commit`;
      assertEquals(await refusalOf(() => canceling), "PT409");
      await person`rollback`;

      const second = await createQueued(sql);
      await signIn(person, second.world.memberId);
      await cancel(second.id)(person);
      assertEquals((await take(claim, second.id)).length, 0, "what a person holds is skipped");
      await person`commit`;
      assertEquals((await take(claim, second.id)).length, 0);
      assertEquals((await messageOf(sql, second.id)).status, "canceled");
    } finally {
      claim.release();
      person.release();
    }
  },
);
