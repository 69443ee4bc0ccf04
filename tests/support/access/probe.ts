import postgres from "postgres";
import { readTestStack } from "../stack.ts";

/** One statement that somebody tries. Nothing of it is kept. */
export interface Try {
  role: Role;
  userId: string | null;
  statement: string;
  /** Run before it, with every right. */
  prepare?: string;
  /** Run after it, with every right; its value is the outcome. */
  observe?: string;
  /** Only rights and policies speak, no trigger and no foreign key. */
  isWithoutTriggers?: boolean;
  /** The outcome is the first value that the statement returns. */
  isAsked?: boolean;
}

export type Role = "anon" | "authenticated" | "service_role";

/** What came of it: a value (the number of rows, unless something else was asked for), or an SQLSTATE. */
export type Outcome = { value: string } | { code: string };

export type Database = postgres.Sql | postgres.TransactionSql;

/** A superuser's only connection, which can take any role and set triggers aside. */
export async function connectProbe(): Promise<postgres.Sql> {
  const sql = postgres(readTestStack().admin_database_url, { max: 1, onnotice: () => {} });
  await sql.unsafe(TRY_OUT);
  return sql;
}

export async function tryOut(sql: Database, tries: Try[]): Promise<Outcome[]> {
  const rows = await sql`
    select o.value, o.code from pg_temp.try_out(${sql.json(tries as never)}) as o`;
  return rows.map((row) => row.code === null ? { value: row.value } : { code: row.code });
}

/** In the database, since thousands of statements with a savepoint each would be as many round trips. */
const TRY_OUT = `
  create function pg_temp.try_out(tries jsonb)
  returns table (value text, code text) language plpgsql
  as $$
  declare
    v_try jsonb;
    v_claims jsonb;
    v_value text;
  begin
    for v_try in select t.value from jsonb_array_elements(tries) with ordinality as t (value, position) order by t.position
    loop
      begin
        if v_try ? 'prepare' then
          execute v_try ->> 'prepare';
        end if;
        if (v_try ->> 'isWithoutTriggers')::boolean then
          perform set_config('session_replication_role', 'replica', true);
        end if;
        v_claims := jsonb_strip_nulls(jsonb_build_object('role', v_try -> 'role', 'sub', v_try -> 'userId'));
        perform set_config('request.jwt.claims', v_claims::text, true);
        perform set_config('role', v_try ->> 'role', true);
        if (v_try ->> 'isAsked')::boolean then
          execute v_try ->> 'statement' into v_value;
        else
          execute v_try ->> 'statement';
          get diagnostics v_value = row_count;
        end if;
        -- What a constraint says only at the end of the transaction, it says now.
        set constraints all immediate;
        if v_try ? 'observe' then
          perform set_config('role', 'none', true);
          execute v_try ->> 'observe' into v_value;
        end if;
        raise exception using errcode = 'UNDO0';
      exception when others then
        value := case when sqlstate = 'UNDO0' then v_value end;
        code := case when sqlstate <> 'UNDO0' then sqlstate end;
      end;
      return next;
    end loop;
  end;
  $$`;
