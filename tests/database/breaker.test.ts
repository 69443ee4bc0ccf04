import { databaseTest, jobOf, record, type Row } from "../support/engine.ts";
import {
  DOWN,
  handOver,
  healthOf,
  letProbe,
  LIMITED,
  open,
  REFUSED,
  setBreaker,
  stateOf,
  TAKEN,
  times,
} from "../support/breakers.ts";
import {
  addRoute,
  claim,
  firstRoute,
  putFirst,
  queueOne,
  setPolicy,
  standingOf,
} from "../support/routing.ts";
import { connectToDatabase } from "../support/stack.ts";
import { asService, createWorld } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const BATCHES = [
  { failures: 4, successes: 0, state: "closed" },
  { failures: 5, successes: 0, state: "open" },
  { failures: 5, successes: 5, state: "open" },
  { failures: 5, successes: 6, state: "closed" },
  { failures: 20, successes: 21, state: "closed" },
];
for (const { failures, successes, state } of BATCHES) {
  databaseTest(`${failures} failures beside ${successes} successes: ${state}`, async (sql) => {
    const [together, apart] = [await createWorld(sql), await createWorld(sql)];
    const results = [...times(successes, TAKEN), ...times(failures, DOWN)];

    await handOver(sql, together, results);
    for (const result of results) await handOver(sql, apart, [result]);

    assertEquals([await stateOf(sql, together), await stateOf(sql, apart)], [state, state]);
  });
}

databaseTest("an open breaker says since when, why, and when it is probed", async (sql) => {
  const world = await createWorld(sql);

  await handOver(sql, world, times(5, REFUSED));

  const { state, opened_at, probe_in_seconds, last_error_code, failure_count } = (await healthOf(
    sql,
    world.connectionId,
  ))!;
  assertEquals([state, last_error_code, failure_count], ["open", "insufficient_funds", 5]);
  assert(Date.now() - opened_at.getTime() < 10_000, String(opened_at));
  assert(probe_in_seconds > 20 && probe_in_seconds <= 30, `in ${probe_in_seconds} s`);
});

databaseTest("what is older than a minute no longer counts", async (sql) => {
  const world = await createWorld(sql);
  const after = async (seconds: number, results: Row[]) => {
    await sql`
      update public.connection_health
      set window_started_at = window_started_at - make_interval(secs => ${seconds})
      where connection_id = ${world.connectionId}`;
    await handOver(sql, world, results);
    return await stateOf(sql, world);
  };
  const states = [await after(0, times(4, DOWN)), await after(61, times(4, DOWN))];

  // Successes of long ago are no comfort either.
  states.push(await after(61, times(20, TAKEN)), await after(61, times(4, DOWN)));
  states.push(await after(50, times(1, DOWN)));

  assertEquals(states, ["closed", "closed", "closed", "closed", "open"]);
});

const NO_FAULTS: Row[] = [
  { outcome: "rejected", error_code: "unreachable_recipient", owner: "recipient" },
  { outcome: "rejected", error_code: "recipient_opted_out", owner: "recipient" },
  { outcome: "rejected", error_code: "content_refused", owner: "caller" },
  { outcome: "rejected", error_code: "internal", is_retryable: true },
  { outcome: "unknown", error_code: "internal" },
  LIMITED,
];
for (const result of NO_FAULTS) {
  databaseTest(
    `${result.outcome}, ${result.error_code}: no fault of the connection`,
    async (sql) => {
      const world = await createWorld(sql);

      await handOver(sql, world, times(8, result));

      const health = await healthOf(sql, world.connectionId);
      assertEquals([health!.state, health!.failure_count], ["closed", 0]);
    },
  );
}

databaseTest("while it is open, messages go another way where there is one", async (sql) => {
  const world = await createWorld(sql);
  const second = await addRoute(sql, world);
  await setPolicy(sql, world, [firstRoute(world), second]);
  const id = await queueOne(sql, world);
  await setBreaker(sql, world.connectionId, "open");

  const passed = await claim(sql, [id]);
  const [job] = await claim(sql, [id]);

  assertEquals([...passed], []);
  assertEquals([job!.connection_id, job!.attempt_number], [second.connectionId, 1]);
});

databaseTest("without another way, they wait for the probe and use up no try", async (sql) => {
  const world = await createWorld(sql);
  const id = await queueOne(sql, world);
  await setBreaker(sql, world.connectionId, "open");

  assertEquals([...await claim(sql, [id])], []);

  const { probe_in_seconds } = (await healthOf(sql, world.connectionId))!;
  const { wait_seconds } = (await jobOf(sql, id))!;
  assert(Math.abs(wait_seconds - probe_in_seconds) < 1, `${wait_seconds}, ${probe_in_seconds}`);
  const [job] = await sql`
    select attempt_count, failure_count from private.outbound_jobs where message_id = ${id}`;
  assertEquals({ ...job }, { attempt_count: 0, failure_count: 0 });
  assertEquals((await standingOf(sql, id)).status, "queued");
});

Deno.test("of eight claims at once one alone takes the probe", async () => {
  const sql = connectToDatabase(8);
  try {
    const world = await createWorld(sql);
    const ids = await Promise.all(Array.from({ length: 8 }, () => queueOne(sql, world)));
    for (let round = 0; round < 5; round++) {
      await sql`delete from public.connection_health where connection_id = ${world.connectionId}`;
      await setBreaker(sql, world.connectionId, "open");
      await letProbe(sql, world);
      await sql`
        update private.outbound_jobs set due_at = now() where workspace_id = ${world.workspaceId}`;
      await putFirst(sql, ids);

      const claims = await Promise.all(
        ids.map(() => asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(1)`)),
      );

      const probes = claims.flat().filter((row) => ids.includes(row.message_id));
      assertEquals(probes.length, 1, `round ${round}`);
      assertEquals(await stateOf(sql, world), "half_open");
      ids.splice(ids.indexOf(probes[0]!.message_id), 1);
    }
  } finally {
    await sql.end();
  }
});

/** The connection is open, and a message is under way to see whether it works again. */
async function probe(sql: postgres.Sql) {
  const world = await createWorld(sql);
  await open(sql, world);
  const ids = [await queueOne(sql, world), await queueOne(sql, world)];
  await letProbe(sql, world);
  const claimed = await claim(sql, ids);
  assertEquals(claimed.length, 1);
  const id: string = claimed[0]!.message_id;
  return {
    world,
    waiting: ids.find((other) => other !== id)!,
    end: (result: Row) =>
      record(sql, claimed[0]!.lease_token, [{ message_id: id, external_id: `SM${id}`, ...result }]),
  };
}

databaseTest("a probe that comes through closes it, and the count begins anew", async (sql) => {
  const { world, waiting, end } = await probe(sql);

  await end(TAKEN);

  const { state, failure_count, success_count, opened_at, probe_at } = (await healthOf(
    sql,
    world.connectionId,
  ))!;
  assertEquals([state, failure_count, success_count, opened_at, probe_at], [
    "closed",
    0,
    0,
    null,
    null,
  ]);
  await sql`update private.outbound_jobs set due_at = now() where message_id = ${waiting}`;
  assertEquals((await claim(sql, [waiting])).length, 1);
  await handOver(sql, world, times(4, DOWN));
  assertEquals(await stateOf(sql, world), "closed");
});

databaseTest("a refusal that blames the recipient shows that it works again", async (sql) => {
  const { world, end } = await probe(sql);

  await end({ outcome: "rejected", error_code: "unreachable_recipient", owner: "recipient" });

  assertEquals(await stateOf(sql, world), "closed");
});

for (const result of [DOWN, REFUSED]) {
  databaseTest(`a probe that ends as ${result.error_code} opens it again`, async (sql) => {
    const { world, end } = await probe(sql);
    const { opened_at } = (await healthOf(sql, world.connectionId))!;

    await end(result);

    const health = (await healthOf(sql, world.connectionId))!;
    assertEquals([health.state, health.opened_at], ["open", opened_at]);
    assert(health.probe_in_seconds > 20 && health.probe_in_seconds <= 30);
  });
}

databaseTest("a probe whose dispatcher died is made again", async (sql) => {
  const { world, waiting } = await probe(sql);
  const again = async () => {
    await sql`update private.outbound_jobs set due_at = now() where message_id = ${waiting}`;
    return (await claim(sql, [waiting])).length;
  };

  const early = await again();
  const { probe_in_seconds } = (await healthOf(sql, world.connectionId))!;
  await letProbe(sql, world);

  assertEquals([early, await again()], [0, 1]);
  // Its lease of 60 s is over by then.
  assert(probe_in_seconds > 60 && probe_in_seconds <= 90, `in ${probe_in_seconds} s`);
});
