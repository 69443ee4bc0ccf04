import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest } from "../support/engine.ts";
import { inTrial } from "./impossible_rows/trial.ts";

/** What holds a workspace's rows together, read from the catalogue, so that a new table keeps it too. */

/** Rows of these may belong to the operator alone. */
const WITHOUT_WORKSPACE = [
  "connection_health", // Of the operator's connections.
  "connection_rates", // Of the operator's connections.
  "connections", // The operator's own.
  "email_senders", // Of the operator's connections.
  "phone_numbers", // Of the operator's connections.
  "webhook_events", // Told to the operator's connections.
];

/** Rows of these are added and removed, never changed. */
const NEVER_MOVED = [
  "private.look_ups",
  "private.outbound_jobs",
  "private.platform_threads",
  "private.workspace_deletions",
  "private.workspace_turns",
];

/** References that name no workspace, although both tables have one. */
const WITHOUT_WORKSPACE_OF_ITS_OWN: Record<string, string> = {
  agent_offers_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  calls_connection_id_fkey: "the connection may be the operator's",
  calls_phone_number_id_fkey: "the number may be the operator's",
  connection_health_connection_id_fkey: "follow_connection_workspace takes it from the connection",
  connection_rates_connection_id_fkey: "follow_connection_workspace takes it from the connection",
  conversation_flags_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  conversations_email_sender_id_fkey: "the sender may be the operator's",
  conversations_phone_number_id_fkey: "the number may be the operator's",
  dead_letters_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  email_details_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  email_senders_connection_id_fkey: "follow_connection takes the workspace from the connection",
  look_ups_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  message_media_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  message_schedules_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  outbound_jobs_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  phone_numbers_connection_id_fkey: "follow_connection takes the workspace from the connection",
  platform_threads_phone_number_id_fkey: "the number is the operator's",
  template_details_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
  webhook_events_connection_id_fkey: "the connection may be the operator's",
  webhook_events_message_id_fkey:
    "functions copy it from the message; an index to refer to would cost every message",
};

const TRIAL_TABLE = `
  create table public.trials (
    id bigint primary key,
    workspace_id uuid references public.workspaces (id),
    agent_id uuid references public.agents (id),
    status text
  );
  create index trials_status_idx on public.trials (status);
  create index trials_status_and_id_idx on public.trials (status, id);`;

databaseTest("no row of a table can be moved to another workspace", async (sql) => {
  const movable = (tx: postgres.ISql) =>
    tx`
      select c.oid::regclass::text as name from pg_attribute as a
      join pg_class as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and a.attname = 'workspace_id'
        and not exists (
          select from pg_trigger as t
          where t.tgrelid = c.oid and t.tgenabled in ('O', 'A') and t.tgqual is null
            and t.tgtype & 1 = 1 and t.tgtype & 16 = 16
            and (cardinality(t.tgattr::int2[]) = 0 or a.attnum = any (t.tgattr::int2[]))
            and (
              t.tgfoid = 'private.refuse_workspace_change'::regproc
              or (t.tgfoid = 'private.keep_connection_identity'::regproc and c.relname = 'connections')
            )
        )
      order by 1`;

  assertEquals(await namesOf(movable(sql)), NEVER_MOVED);
  assertEquals(await inTrial(sql, TRIAL_TABLE, async (tx) => await namesOf(movable(tx))), [
    ...NEVER_MOVED,
    "trials",
  ]);
});

databaseTest("every row of a tenant's table belongs to a workspace", async (sql) => {
  const rows = await namesOf(sql`
    select c.relname as name from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and a.attname = 'workspace_id' and not a.attnotnull
    order by 1`);

  assertEquals(rows, WITHOUT_WORKSPACE);
});

databaseTest("a reference from one tenant's table to another names the workspace", async (sql) => {
  const loose = (tx: postgres.ISql) =>
    tx`
      select f.conname as name from pg_constraint as f
      join pg_attribute as a on a.attrelid = f.conrelid and a.attname = 'workspace_id'
      join pg_attribute as b on b.attrelid = f.confrelid and b.attname = 'workspace_id'
      where f.contype = 'f' and f.connamespace in ('public'::regnamespace, 'private'::regnamespace)
        and not a.attnum = any (f.conkey)
        -- The connection stands for its workspace, which another reference of the table names.
        and not exists (
          select from pg_attribute as c
          where c.attrelid = f.conrelid and c.attname = 'connection_id'
            and c.attnum = any (f.conkey) and cardinality(f.conkey) > 1
        )
      order by 1`;

  assertEquals(await namesOf(loose(sql)), Object.keys(WITHOUT_WORKSPACE_OF_ITS_OWN));
  assertEquals(
    (await inTrial(sql, TRIAL_TABLE, async (tx) => await namesOf(loose(tx))))
      .includes("trials_agent_id_fkey"),
    true,
  );
});

databaseTest(
  "every foreign key is covered by an index that begins with its columns",
  async (sql) => {
    const uncovered = (tx: postgres.ISql) =>
      tx`
      select f.conname as name from pg_constraint as f
      where f.contype = 'f' and f.connamespace in ('public'::regnamespace, 'private'::regnamespace)
        and not exists (
          select from pg_index as i
          where i.indrelid = f.conrelid and i.indisvalid
            and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey
            and (
              i.indpred is null
              or exists (
                select from pg_attribute as a
                where a.attrelid = f.conrelid and a.attnum = any (f.conkey)
                  and pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)
              )
            )
        )
      order by 1`;

    assertEquals(await namesOf(uncovered(sql)), []);
    assertEquals(await inTrial(sql, TRIAL_TABLE, async (tx) => await namesOf(uncovered(tx))), [
      "trials_agent_id_fkey",
      "trials_workspace_id_fkey",
    ]);
  },
);

databaseTest("no index begins another one", async (sql) => {
  const needless = (tx: postgres.ISql) =>
    tx`
      with indexes as (
        select i.*, pg_get_expr(i.indpred, i.indrelid) as predicate, (
          select array_agg(pg_get_indexdef(i.indexrelid, n, true) order by n)
          from generate_series(1, i.indnkeyatts) as n
        ) as keys
        from pg_index as i join pg_class as c on c.oid = i.indrelid
        where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      )
      select short.indexrelid::regclass::text as name from indexes as short
      join indexes as long on long.indrelid = short.indrelid and long.indexrelid <> short.indexrelid
      where long.keys[1:cardinality(short.keys)] = short.keys
        and long.predicate is not distinct from short.predicate
        and (not short.indisunique or (long.keys = short.keys and long.indexrelid < short.indexrelid))
      order by 1`;

  assertEquals(await namesOf(needless(sql)), []);
  assertEquals(await inTrial(sql, TRIAL_TABLE, async (tx) => await namesOf(needless(tx))), [
    "trials_status_idx",
  ]);
});

databaseTest(
  "every column that takes one of a few words has a check that lists them",
  async (sql) => {
    const free = (tx: postgres.ISql) =>
      tx`
      select c.relname || '.' || a.attname as name from pg_attribute as a
      join pg_class as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
      where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and a.atttypid = 'text'::regtype
        and a.attname ~ '(^|_)(status|state|kind|channel|direction|role|outcome|source|strategy|step|mode|access)$'
        and not exists (
          select from pg_constraint as k
          where k.conrelid = c.oid and k.contype = 'c'
            and k.conname = c.relname || '_' || a.attname || '_is_known'
        )
      order by 1`;

    // The status of a receipt is the provider's word; empty for what is not a receipt.
    assertEquals(await namesOf(free(sql)), ["webhook_events.status"]);
    assertEquals(await inTrial(sql, TRIAL_TABLE, async (tx) => await namesOf(free(tx))), [
      "trials.status",
      "webhook_events.status",
    ]);
  },
);

const namesOf = async (rows: PromiseLike<postgres.Row[]>): Promise<string[]> =>
  (await rows).map((row) => row.name);
