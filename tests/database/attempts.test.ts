import { databaseTest, pidOf, startAttempts, untilSettledOrBlocked } from "../support/engine.ts";
import { createWorld } from "../support/world.ts";
import { assertEquals, assertRejects } from "@std/assert";
import type postgres from "postgres";

const accept = (sql: postgres.ISql, id: string, number: number) =>
  sql`
    update public.message_attempts set outcome = 'accepted', external_id = 'SM1', finished_at = now()
    where message_id = ${id} and attempt_number = ${number}`;

/** A message with two attempts whose outcomes are open. */
async function attemptTwice(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const { id } = await startAttempts(sql, world);
  await sql`
    insert into public.message_attempts (message_id, attempt_number, workspace_id, conversation_id, connection_id)
    select message_id, 2, workspace_id, conversation_id, connection_id from public.message_attempts
    where message_id = ${id}`;
  return { world, id };
}

databaseTest("at most one attempt of a message is accepted, whichever comes first", async (sql) => {
  for (const [first, second] of [[1, 2], [2, 1]] as const) {
    const { id } = await attemptTwice(sql);

    await accept(sql, id, first);
    await assertRejects(() => accept(sql, id, second), Error, "another one of the message");
  }
});

databaseTest("of two acceptances at once the second one is refused", async (sql) => {
  const { id } = await attemptTwice(sql);
  const [one, other] = [await sql.reserve(), await sql.reserve()];
  const pid = await pidOf(other);

  await one`begin`;
  await accept(one, id, 1);
  const second = accept(other, id, 2).execute();
  const refused = assertRejects(async () => await second, Error, "another one of the message");
  await untilSettledOrBlocked(sql, pid, second);
  await one`commit`;

  await refused;
  one.release();
  other.release();
});

databaseTest("an attempt that is written as accepted is asked, too", async (sql) => {
  const { id } = await attemptTwice(sql);
  await accept(sql, id, 2);

  await assertRejects(
    async () =>
      await sql`
        insert into public.message_attempts
          (message_id, attempt_number, workspace_id, conversation_id, connection_id, outcome, external_id, finished_at)
        select message_id, 3, workspace_id, conversation_id, connection_id, 'accepted', 'SM3', now()
        from public.message_attempts where message_id = ${id} and attempt_number = 1`,
    Error,
    "another one of the message",
  );
});

databaseTest("attempts go with their message, and no others", async (sql) => {
  const { world, id } = await attemptTwice(sql);
  const { id: otherId } = await startAttempts(sql, world);

  await sql`delete from public.conversation_messages where id = ${id}`;

  const left = await sql`
    select message_id from public.message_attempts where message_id in (${id}, ${otherId})`;
  assertEquals(left.map((row) => row.message_id), [otherId]);
});
