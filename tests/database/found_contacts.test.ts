import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest } from "../support/engine.ts";
import { inTrial } from "./impossible_rows/trial.ts";

const FIND = "private.find_or_create_contacts";
const COPY = "pg_temp.contact_addresses";

/** Of the table and of the function, since the table itself is never almost empty here. */
const COPIES = `
  create temporary table contact_addresses (like public.contact_addresses including all);
  alter table ${COPY}
    rename constraint contact_addresses_workspace_id_kind_address_key to contact_addresses_belong_to_one_contact;
  do $do$
  declare
    v_index record;
  begin
    -- Of two indexes that look as good the planner takes the younger one: here as there.
    for v_index in
      select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition from pg_index as i
      where i.indrelid = '${COPY}'::regclass
        and not exists (select from pg_constraint as c where c.conindid = i.indexrelid)
    loop
      execute format('drop index %s', v_index.name);
      execute v_index.definition;
    end loop;
    execute replace(replace(
      pg_get_functiondef('${FIND}'::regproc), '${FIND}', 'pg_temp.find_or_create_contacts'
    ), 'public.contact_addresses', '${COPY}');
  end;
  $do$`;

/** Rows of the copy that the session has read so far, in whatever way. */
async function rowsRead(tx: postgres.ISql): Promise<number> {
  const [row] = await tx`
    select seq_tup_read + idx_tup_fetch as count from pg_stat_xact_user_tables
    where relid = ${COPY}::regclass`;
  return Number(row!.count);
}

databaseTest(
  "contacts are found by their addresses alone, also by a plan made while there were hardly any",
  async (sql) => {
    const workspaceId = crypto.randomUUID();
    const addressesFrom = (first: number, count: number) =>
      Array.from({ length: count }, (_, index) => `+1212555${first + index}`);

    const read = await inTrial(sql, COPIES, async (tx) => {
      const find = (addresses: string[]) =>
        tx`
          select count(*) from pg_temp.find_or_create_contacts(${workspaceId}, 'phone', ${addresses})`;
      await tx`
        insert into public.workspaces (id, name, slug) values (${workspaceId}, 'Trial', ${workspaceId})`;
      // Each of another workspace, so that a workspace is taken to have one.
      await tx.unsafe(`
        insert into ${COPY} (workspace_id, contact_id, kind, address)
        select gen_random_uuid(), gen_random_uuid(), 'phone', '+1213555' || (1000 + g)
        from generate_series(1, 20) as g`);
      await tx.unsafe(`analyze ${COPY}`);
      // By now every statement of it has a plan that is kept.
      for (let time = 0; time < 8; time++) await find(addressesFrom(1000, 1));
      const before = await rowsRead(tx);
      await find(addressesFrom(2000, 500));
      await find(addressesFrom(2000, 500));
      return await rowsRead(tx) - before;
    });

    // Each of the 500 once when it was created, and twice when it was found again.
    assertEquals(read, 1500);
  },
);
