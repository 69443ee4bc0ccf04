import type postgres from "postgres";
import { StackError } from "../stack/errors.ts";
import { type Caller, compareLatency } from "./measure.ts";
import { findWorkPerRowOfPolicies } from "./plans.ts";

/**
 * What the rows of a table are listed by: the first of these that it has. A table without one, such
 * as the media of messages, is read through what its rows belong to.
 */
const TIME_COLUMNS = [
  "last_message_at",
  "created_at",
  "opted_out_at",
  "received_at",
  "started_at",
  "day",
  "month",
];

/** In a shorter table the owner's list takes no longer than asking who the member is: below 0.1 ms. */
const MANY_ROWS = 2_000;

interface Reader {
  user_id: string;
  workspace_id: string;
  conversation_id: string;
}

interface Query {
  text: string;
  values(reader: Reader): string[];
}

const LIST: Query = {
  text: `select * from public.conversations
    where workspace_id = $1 order by last_message_at desc limit 50`,
  values: (reader) => [reader.workspace_id],
};
const THREAD: Query = {
  text: `select * from public.conversation_messages
    where workspace_id = $1 and conversation_id = $2 order by created_at desc limit 50`,
  values: (reader) => [reader.workspace_id, reader.conversation_id],
};
const THREAD_ALONE: Query = {
  text: `select * from public.conversation_messages
    where conversation_id = $1 order by created_at desc limit 50`,
  values: (reader) => [reader.conversation_id],
};

/**
 * What row level security costs a reader: each query as the Data API runs it for a member, against
 * the same query as the owner of the table, for whom no policy holds.
 */
export async function compareReading(sql: postgres.Sql): Promise<boolean> {
  const open = await findReaders(sql, "w.conversation_access = 'all'");
  const restricted = await findReaders(
    sql,
    "w.conversation_access = 'assigned' and t.assigned_to = m.user_id",
  );
  const results = [
    await compareQuery(sql, "Conversation list of a workspace", 1.5, LIST, open),
    await compareQuery(sql, "Thread", 1.5, THREAD, open),
    await compareQuery(sql, "Thread by conversation alone", 1.5, THREAD_ALONE, open),
    await compareQuery(sql, "Conversation list, assigned only", 2, LIST, restricted),
    await compareQuery(sql, "Thread, assigned only", 2, THREAD, restricted),
  ];
  for (const { table, column } of await findLongTables(sql)) {
    const text = `select * from public.${table} order by ${column} desc limit 50`;
    const query = { text, values: () => [] };
    results.push(await compareQuery(sql, `All ${table} by ${column}`, 1, query, open));
  }
  results.push(await comparePlans(sql, open[0]!.user_id));
  return results.every((isFastEnough) => isFastEnough);
}

async function compareQuery(
  sql: postgres.Sql,
  name: string,
  ceiling: number,
  query: Query,
  readers: Reader[],
): Promise<boolean> {
  // A session each, as a pool has them: a plan made for one role would not do for the other.
  const [first, second] = [await sql.reserve(), await sql.reserve()];
  try {
    return await compareLatency({
      name,
      ceiling,
      subject: caller("member", first, "authenticated", query, readers),
      reference: caller("owner", second, "postgres", query, readers),
    });
  } finally {
    first.release();
    second.release();
  }
}

function caller(
  name: string,
  session: postgres.ReservedSql,
  role: string,
  query: Query,
  readers: Reader[],
): Caller {
  return {
    name,
    call(index) {
      const reader = readers[index % readers.length]!;
      return inRole(session, role, reader, async () => {
        const startedAt = performance.now();
        await session.unsafe(query.text, query.values(reader), { prepare: true });
        return performance.now() - startedAt;
      });
    },
  };
}

/** Every table that a member can read, with its filter and without: no policy works row by row. */
async function comparePlans(sql: postgres.Sql, userId: string): Promise<boolean> {
  const findings = await sql.begin((tx) => findWorkPerRowOfPolicies(tx, userId));
  console.log(`\nPlans of ${findings.length} queries as a member, over every table with policies`);
  const slow = findings.filter(({ work }) => work.length > 0);
  for (const { query, work } of slow) console.log(`  ${query}\n    ${work.join("\n    ")}`);
  console.log(slow.length === 0 ? "  no sub-plan, no function per row: ok" : "  WORK PER ROW");
  return slow.length === 0;
}

async function inRole<Value>(
  session: postgres.ReservedSql,
  role: string,
  reader: Reader,
  work: () => Promise<Value>,
): Promise<Value> {
  const claims = JSON.stringify({ role: "authenticated", sub: reader.user_id });
  await session`begin`;
  try {
    await session`
      select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`;
    return await work();
  } finally {
    await session`rollback`;
  }
}

/** Members who are neither owner nor admin, each with a conversation that they may see. */
async function findReaders(sql: postgres.Sql, condition: string): Promise<Reader[]> {
  const readers = await sql.unsafe<Reader[]>(`
    select m.user_id, m.workspace_id, t.id as conversation_id
    from public.workspace_members as m
    join public.workspaces as w on w.id = m.workspace_id
    join public.conversations as t on t.workspace_id = m.workspace_id
    where m.role = 'member' and ${condition}
    order by md5(m.user_id::text || t.id)
    limit 200`);
  if (readers.length === 0) throw new StackError("Cannot measure reading: there are no readers");
  return [...readers];
}

async function findLongTables(sql: postgres.Sql) {
  return await sql<{ table: string; column: string }[]>`
    select c.relname as table, (array_agg(a.attname order by t.position))[1] as column
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid
    join unnest(${TIME_COLUMNS}::text[]) with ordinality as t (name, position) on t.name = a.attname
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.reltuples >= ${MANY_ROWS}
      and has_table_privilege('authenticated', c.oid, 'select')
    group by c.oid
    order by c.reltuples desc`;
}
