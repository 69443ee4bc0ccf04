/** Everything that the database holds of a workspace, for tests of what must change nothing. */
import type postgres from "postgres";

/**
 * A line per row of every table: those of the workspace where a table says whose they are, else all of
 * them. With the transaction that wrote it, so that the same values written again are a change, too.
 */
export async function readWholeRows(sql: postgres.Sql, workspaceId: string): Promise<string[]> {
  const tables = await sql`
    select c.oid::regclass::text as name, exists (
      select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
    ) as is_of_workspace
    from pg_class as c
    where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    order by 1`;
  const selects = tables.map(({ name, is_of_workspace }) =>
    `select '${name} ' || t.xmin || ' ' || t::text as line from ${name} as t` +
    (is_of_workspace ? ` where t.workspace_id = '${workspaceId}'` : "")
  );
  const rows = await sql.unsafe(`${selects.join(" union all ")} order by line`);
  return rows.map((row) => row.line);
}
