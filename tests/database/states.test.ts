import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest } from "../support/engine.ts";
import { createFullWorld } from "../support/full_world.ts";
import { connectToDatabase } from "../support/stack.ts";
import { AGENTS } from "./impossible_rows/agents.ts";
import { CALLING_REGIONS } from "./impossible_rows/calling_regions.ts";
import { CONNECTIONS } from "./impossible_rows/connections.ts";
import { CONTACTS } from "./impossible_rows/contacts.ts";
import { CONVERSATIONS } from "./impossible_rows/conversations.ts";
import { DUPLICATES } from "./impossible_rows/duplicates.ts";
import { KEPT_BY_TRIGGER, PROVIDERS } from "./impossible_rows/providers.ts";
import { type Impossible, otherRefuserOf, refuserOf } from "./impossible_rows/statements.ts";
import { STRANGERS } from "./impossible_rows/strangers.ts";
import { VOLUME } from "./impossible_rows/volume.ts";
import { WORKSPACES } from "./impossible_rows/workspaces.ts";

/** Every check constraint, and rows that it refuses. A constraint without one here fails. */
const IMPOSSIBLE: Impossible = {
  ...AGENTS,
  ...CALLING_REGIONS,
  ...CONNECTIONS,
  ...CONTACTS,
  ...CONVERSATIONS,
  ...PROVIDERS,
  ...VOLUME,
  ...WORKSPACES,
};

/** What another constraint would refuse as well: there for the words of the error. */
const IMPLIED: Record<string, string> = {
  integration_capabilities_key_once_per_provider: "integration_capabilities_key_names_one_tool",
  service_providers_metadata_is_an_object: "service_providers_metadata_is_complete",
};

databaseTest(
  "every impossible state is refused by the constraint named for it alone",
  async (sql) => {
    const rows = await sql`
    select conname as name from pg_constraint
    where connamespace in ('public'::regnamespace, 'private'::regnamespace) and contype = 'c'`;
    assertEquals(Object.keys(IMPOSSIBLE).sort(), namesOf(rows));
    assertEquals(await wronglyAnswered(sql, IMPOSSIBLE), []);
  },
);

databaseTest(
  "what a constraint cannot say is refused by a trigger in a constraint's name",
  async (sql) => {
    const [world, other] = [await createFullWorld(sql), await createFullWorld(sql)];
    for (const [name, statement] of Object.entries(KEPT_BY_TRIGGER)) {
      assertEquals(await refuserOf(sql, String(statement(world, other))), name);
    }
  },
);

databaseTest("every duplicate is refused by the unique index named for it alone", async (sql) => {
  // With the primary key in them, the others are unique anyhow: they are what references point at.
  const rows = await sql`
    select c.relname as name from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    left join pg_index as p on p.indrelid = i.indrelid and p.indisprimary
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and i.indisunique and not i.indisprimary
      and not (
        p.indkey::int2[] <@ i.indkey::int2[]
        and exists (select from pg_constraint as f where f.contype = 'f' and f.conindid = i.indexrelid)
      )`;
  assertEquals(Object.keys(DUPLICATES).sort(), namesOf(rows));
  assertEquals(await wronglyAnswered(sql, DUPLICATES), []);
});

databaseTest("no row refers to another workspace's, or to another connection's", async (sql) => {
  const rows = await sql`
    select conname as name from pg_constraint
    where connamespace in ('public'::regnamespace, 'private'::regnamespace)
      and contype = 'f' and cardinality(conkey) > 1`;
  assertEquals(Object.keys(STRANGERS).sort(), namesOf(rows));
  assertEquals(await wronglyAnswered(sql, STRANGERS), []);
});

const namesOf = (rows: postgres.RowList<postgres.Row[]>): string[] =>
  rows.map((row) => row.name).sort();

/** Statements that something else than the constraint refuses, or that are refused without it too. */
async function wronglyAnswered(sql: postgres.Sql, impossible: Impossible) {
  const [world, other] = [await createFullWorld(sql), await createFullWorld(sql)];
  const wrong: unknown[] = [];
  for (const [name, statements] of Object.entries(impossible)) {
    for (const statement of [statements(world, other)].flat()) {
      const refuser = await refuserOf(sql, statement);
      const otherRefuser = await otherRefuserOf(sql, name, statement);
      if (refuser !== name || otherRefuser !== (IMPLIED[name] ?? "nothing")) {
        wrong.push({ name, statement, refuser, otherRefuser });
      }
    }
  }
  return wrong;
}

Deno.test("a status only moves forward, and only a failure that was not knowing can be mended", async () => {
  const sql = connectToDatabase();
  const statuses = [
    "scheduled",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "undelivered",
    "canceled",
  ];
  const rows = await sql`
    select f.status as from_status, array_agg(t.status order by t.position) as to_statuses
    from unnest(${statuses}::text[]) with ordinality as f (status, position)
    cross join unnest(${[...statuses, "unknown"]}::text[]) with ordinality as t (status, position)
    where private.is_status_ahead(f.status, 'rejected', t.status)
    group by f.status, f.position order by f.position`;
  const [mended] = await sql`
    select private.is_status_ahead('failed', 'outcome_unknown', 'delivered') as to_delivered,
      private.is_status_ahead('failed', 'outcome_unknown', 'queued') as to_queued`;
  await sql.end();
  const ends = ["delivered", "read", "failed", "undelivered", "canceled"];

  assertEquals(rows.map((row) => [row.from_status, row.to_statuses]), [
    ["scheduled", ["queued", "sending", "sent", ...ends]],
    ["queued", ["sending", "sent", ...ends]],
    ["sending", ["sent", ...ends]],
    ["sent", ends],
    ["delivered", ["read"]],
  ]);
  assertEquals({ ...mended }, { to_delivered: true, to_queued: false });
});
