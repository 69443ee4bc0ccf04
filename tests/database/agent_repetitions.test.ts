import { addContact, createAgentWorld, execute, sentBy, text } from "../support/agent_calls.ts";
import { addColleague } from "../support/agent_work.ts";
import { databaseTest } from "../support/engine.ts";
import { freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const statesOf = (answers: { state: string }[]) => answers.map(({ state }) => state).sort();

/** A connection of its own for each call, so that they are under way together. */
async function atOnce<Value>(sql: postgres.Sql, calls: (() => Promise<Value>)[]) {
  await Promise.all(calls.map(() => sql`select 1`));
  return await Promise.all(calls.map((call) => call()));
}

databaseTest("whoever nobody knew yet is told a thing once, by many calls at once", async (sql) => {
  const world = await createAgentWorld(sql, { may_reach_new_contacts: true });
  for (let round = 0; round < 3; round++) {
    const to = { to: freshNumber() };
    const answers = await atOnce(
      sql,
      Array.from({ length: 4 }, () => () => text(sql, world, "See you at nine", { to })),
    );
    assertEquals(statesOf(answers), [...Array(3).fill("awaiting_approval"), "succeeded"]);
  }
  assertEquals((await sentBy(sql, world)).length, 3);
});

databaseTest("two agents do not say the same at once", async (sql) => {
  const world = await createAgentWorld(sql, { may_reach_new_contacts: true });
  const colleague = await addColleague(sql, world, { may_reach_new_contacts: true });
  for (let round = 0; round < 5; round++) {
    const to = { to: freshNumber() };
    const answers = await atOnce(
      sql,
      [world, colleague, world, colleague].map((agent) => () =>
        text(sql, agent, "See you at nine", { to })
      ),
    );
    assertEquals(statesOf(answers), [...Array(3).fill("awaiting_approval"), "succeeded"]);
  }
});

databaseTest("what arrives together is a repetition, whenever it was scheduled", async (sql) => {
  const world = await createAgentWorld(sql);
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const schedule = async (
    minutes: number,
    body = "Your table is ready",
    contactId = world.contactId,
  ) => {
    const answer = await execute(sql, world, {
      tool: "schedule_message",
      arguments: { contact_id: contactId, body, scheduled_at: at(minutes) },
    });
    // A while ago, so that only the times of arrival count.
    await sql`
      update public.conversation_messages set created_at = now() - interval '11 minutes'
      where agent_id = ${world.agentId}`;
    return answer.result.reason ?? answer.state;
  };

  assertEquals(await schedule(600), "succeeded");
  assertEquals(await schedule(600), "near_duplicate");
  assertEquals([await schedule(595), await schedule(605)], ["near_duplicate", "near_duplicate"]);
  assertEquals([await schedule(589), await schedule(611)], ["succeeded", "succeeded"]);
  assertEquals(await schedule(600, "Your table is gone"), "succeeded");
  const other = await addContact(sql, world);
  assertEquals(await schedule(600, "Your table is ready", other.id), "succeeded", "somebody else");
  // What is said now meets what was scheduled for now.
  assertEquals(await schedule(5, "We open at nine"), "succeeded");
  assertEquals((await text(sql, world, "We open at nine")).result.reason, "near_duplicate");
});

databaseTest("the same is the same, however it is dressed up", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 100 });
  assertEquals((await text(sql, world, "Your table is ready")).state, "succeeded");
  const disguises = [
    "YOUR TABLE IS READY!!",
    "Your table\u00a0is\u2003ready\u2026",
    "Your table\u200b is ready",
    "Your t\u00adable is re\u2060ady\ufeff",
    "\uff39our table is ready",
    "Your table is ready \u{1F389}\ufe0f \u2705",
  ];
  for (const disguise of disguises) {
    assertEquals((await text(sql, world, disguise)).result.reason, "near_duplicate", disguise);
  }
  // Pictures alone say what they are.
  assertEquals((await text(sql, world, "\u{1F44D}")).state, "succeeded");
  assertEquals((await text(sql, world, "\u{1F389}")).state, "succeeded");
  assertEquals((await text(sql, world, "\u{1F44D}\ufe0f")).result.reason, "near_duplicate");
  assertEquals((await text(sql, world, "\u0414\u0430")).state, "succeeded");
  assertEquals((await text(sql, world, "\u041d\u0435\u0442")).state, "succeeded");
});

databaseTest("what did not arrive was not said, and pictures say what they show", async (sql) => {
  const world = await createAgentWorld(sql);
  const say = async (body: string | undefined, media_urls?: string[]) => {
    const { state, result } = await execute(sql, world, {
      tool: "send_message",
      arguments: {
        contact_id: world.contactId,
        body: body ?? null,
        media_urls: media_urls ?? null,
      },
    });
    return result.reason ?? state;
  };
  assertEquals(await say("Your table is ready"), "succeeded");
  for (const status of ["failed", "undelivered", "canceled"]) {
    await sql`
      update public.conversation_messages set status = ${status}, error_code = 'refused'
      where agent_id = ${world.agentId}`;
    assertEquals(await say("Your table is ready"), "succeeded", status);
    assertEquals(await say("Your table is ready"), "near_duplicate");
  }

  const [front, back] = ["https://media.example.com/1.png", "https://media.example.com/2.png"];
  assertEquals(await say(undefined, [front]), "succeeded");
  assertEquals(await say(undefined, [back]), "succeeded");
  assertEquals(await say(undefined, [front]), "near_duplicate");
  // What the contact wrote may be answered in the same words.
  assertEquals(await say("Hello"), "succeeded");
});
