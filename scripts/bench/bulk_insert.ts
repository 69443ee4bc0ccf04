import type postgres from "postgres";
import { type Comparison, type Contestant, rateOf } from "./measure.ts";

const MESSAGES = 200_000;
const COPY = "public.bench_message_copies";

/**
 * One statement that writes many messages, as the owner whose functions write them, into the table
 * with its foreign keys, triggers and policies, against a copy that has its rows, indexes and checks
 * but none of these. Every round is undone, and vacuumed away.
 */
export async function compareBulkInsert(sql: postgres.Sql): Promise<Comparison> {
  await sql.unsafe(`
    create table ${COPY} (like public.conversation_messages including all);
    alter table ${COPY} enable row level security;
    insert into ${COPY} select * from public.conversation_messages`);
  await sql.unsafe(`vacuum analyze ${COPY}`);
  return {
    name: `Bulk insert: ${MESSAGES.toLocaleString("en")} messages in one statement`,
    unit: "messages",
    floor: 0.6,
    subject: writer(sql, "messages", "public.conversation_messages"),
    reference: writer(sql, "bare copy", COPY),
  };
}

function writer(sql: postgres.Sql, name: string, table: string): Contestant {
  return {
    name,
    async run() {
      const session = await sql.reserve();
      try {
        const rate = await rateOf(MESSAGES, async () => {
          await session`begin`;
          await session.unsafe(`
            insert into ${table}
              (workspace_id, conversation_id, direction, status, body, from_address, to_address, phone_number_id)
            select t.workspace_id, t.id, 'outbound', 'queued',
              'Your appointment with Dr. Ames is tomorrow at 3 pm. Reply C to confirm, number ' || n,
              '+14155550100', t.contact_address, t.phone_number_id
            from generate_series(1, ${MESSAGES}) as n, public.conversations as t
            limit ${MESSAGES}`);
          // Deferred foreign keys are part of what the statement costs.
          await session`set constraints all immediate`;
        });
        await session`rollback`;
        await session.unsafe(`vacuum ${table}`);
        return rate;
      } finally {
        session.release();
      }
    },
  };
}
