import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { type Comparison, rateOf } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const RECIPIENTS = 200_000;
const ROWS_PER_CALL = 10_000;
const COPY = "public.bench_recipient_copies";

interface Chunk {
  firstRow: number;
  addresses: string;
  variables: string;
}

/**
 * A list that a campaign takes, in calls as its upload makes them, with every check: form, variables,
 * duplicates, opt-outs, the campaign's limit and the caller's right. Against COPY of the same rows into a
 * copy of the table that has its indexes and constraints, but neither triggers nor anybody who asks.
 */
export async function compareCampaigns(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
): Promise<Comparison> {
  const [owner] = await sql`
    select user_id from public.workspace_members where workspace_id = ${workspace.id}`;
  await sql.unsafe(`create table ${COPY} (like public.campaign_recipients including all)`);
  const rows = Array.from({ length: RECIPIENTS }, (_, index) => ({
    // Spread over the index, as a list is that nobody sorted.
    address: `+1415${2_000_000 + (index * 48_271) % 7_999_993}`,
    variables: JSON.stringify({ first_name: `Ada ${index}` }),
  }));
  await sql`
    insert into public.opt_outs (workspace_id, kind, address, source)
    select ${workspace.id}, 'phone', u.address, 'import'
    from unnest(${rows.filter((_, index) => index % 100 === 0).map((row) => row.address)}::text[])
      as u (address)`;
  const chunks: Chunk[] = [];
  for (let start = 0; start < RECIPIENTS; start += ROWS_PER_CALL) {
    const part = rows.slice(start, start + ROWS_PER_CALL);
    chunks.push({
      firstRow: start + 1,
      addresses: `{${part.map((row) => row.address).join(",")}}`,
      variables: `[${part.map((row) => row.variables).join(",")}]`,
    });
  }
  const campaignId = crypto.randomUUID();
  const lines = chunks.map((_, index) =>
    rows.slice(index * ROWS_PER_CALL, (index + 1) * ROWS_PER_CALL)
      .map((row) => `${campaignId}\t${row.address}\t${workspace.id}\t${row.variables}\n`).join("")
  );
  return {
    name: `Campaign: ${RECIPIENTS.toLocaleString("en")} recipients with all checks`,
    unit: "recipients",
    floor: 0.4,
    subject: { name: "accepted", run: () => accept(sql, workspace, owner!.user_id, chunks) },
    reference: { name: "COPY", run: () => copy(sql, lines) },
  };
}

async function accept(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
  userId: string,
  chunks: Chunk[],
): Promise<number> {
  const session = await sql.reserve();
  try {
    const claims = JSON.stringify({ role: "authenticated", sub: userId });
    await session`select set_config('request.jwt.claims', ${claims}, false)`;
    await session`set role authenticated`;
    const draft = { name: "Bench", body: "Hi {{first_name}}" };
    const [campaign] = await session`
      select id from public.create_campaign(${workspace.id}, ${session.json(draft)})`;
    const id: string = campaign!.id;
    let added = 0;
    const rate = await rateOf(RECIPIENTS, async () => {
      for (const { addresses, variables, firstRow } of chunks) {
        const [row] = await session`
          select added_count, opted_out_count from public.add_campaign_recipients(
            ${id}, (${addresses}::text)::text[], (${variables}::text)::jsonb, ${firstRow}
          )`;
        added += row!.added_count;
      }
    });
    if (added !== RECIPIENTS) throw new Error(`Accepted ${added} of ${RECIPIENTS} recipients`);
    await session`reset role`;
    await session`delete from public.campaigns where id = ${id}`;
    await session`vacuum analyze public.campaign_recipients`;
    return rate;
  } finally {
    await session`reset role`;
    session.release();
  }
}

async function copy(sql: postgres.Sql, lines: string[]): Promise<number> {
  const session = await sql.reserve();
  try {
    const rate = await rateOf(RECIPIENTS, async () => {
      const target = await session
        .unsafe(`copy ${COPY} (campaign_id, address, workspace_id, variables) from stdin`)
        .writable();
      await pipeline(Readable.from(lines), target);
    });
    await session.unsafe(`truncate ${COPY}`);
    return rate;
  } finally {
    session.release();
  }
}
