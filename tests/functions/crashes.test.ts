/** Workers are killed wherever they are: no message is lost, stuck, or sent twice for it. */
import { readEvidence } from "../support/crashes/evidence.ts";
import { findViolations } from "../support/crashes/find_violations.ts";
import { POINTS } from "../support/crashes/points.ts";
import { drain, type Kill, playRound, type Settled } from "../support/crashes/rounds.ts";
import { type CrashWorld, createCrashWorld } from "../support/crashes/world.ts";
import { connectToDatabase } from "../support/stack.ts";
import { assert, assertEquals } from "@std/assert";

/** Another one kills elsewhere, and queues other messages. */
const SEED = Number(Deno.env.get("CRASH_SEED") ?? 1);
/** Of each kind: at points, and anywhere. */
const ROUNDS = 15;

/** What is in doubt after all is settled by each of its ways, or the run has shown nothing. */
async function assertVaried(world: CrashWorld, kills: Kill[], settled: Settled): Promise<void> {
  const dispatchers = kills.filter(({ worker }) => worker === "dispatch");
  for (const point of POINTS) {
    assertEquals(dispatchers.filter((kill) => kill.point === point).length, ROUNDS, point);
  }
  assertEquals(dispatchers.length, 2 * ROUNDS * POINTS.length);
  assertEquals(kills.length - dispatchers.length, ROUNDS + 1);
  const [counts] = await world.sql`
    select
      count(*) filter (where m.error_code = 'outcome_unknown')::int as held,
      count(*) filter (where m.message_class = 'one_time_code' and a.attempt_count > 1)::int as resent,
      count(*) filter (where m.error_code = 'recipient_opted_out')::int as opted_out,
      count(*) filter (where m.error_code = 'invalid_recipient')::int as refused,
      count(*) filter (where m.scheduled_at is not null and a.attempt_count > 0)::int as scheduled
    from public.conversation_messages as m
    cross join lateral (
      select count(*) as attempt_count from public.message_attempts as k where k.message_id = m.id
    ) as a
    where m.workspace_id = any (${world.workspaceIds})`;
  for (const [way, count] of Object.entries({ ...counts, ...settled })) {
    assert(count > 0, `None of the messages shows: ${way}`);
  }
}

Deno.test("no kill of a worker loses a message, leaves it stuck, or has it sent twice under hold", async () => {
  const sql = connectToDatabase(4);
  const kills: Kill[] = [];
  try {
    const world = await createCrashWorld(sql, SEED);
    const settled: Settled = { byReceipt: 0, byLateReceipt: 0, byLookUp: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      kills.push(...await playRound(world, { round, isAtPoints: true }, settled));
      kills.push(...await playRound(world, { round, isAtPoints: false }, settled));
    }
    await drain(world);

    const flaws = [];
    for (const site of [world.told, world.untold]) {
      flaws.push(...findViolations(await readEvidence(sql, site.workspace)));
    }
    assertEquals(flaws, []);
    await assertVaried(world, kills, settled);
  } catch (error) {
    const failures = kills.flatMap((kill) => kill.failures).join("\n");
    throw new Error(`With CRASH_SEED=${SEED}, after ${kills.length} kills\n${failures}`, {
      cause: error,
    });
  } finally {
    await sql.end();
  }
});
