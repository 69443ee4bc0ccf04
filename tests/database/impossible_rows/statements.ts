/** How impossible rows are tried: statements by the name of what refuses each of them. */
import postgres from "postgres";
import type { FullWorld } from "../../support/full_world.ts";
import { inTrial } from "./trial.ts";

/** By constraint: what it alone refuses, a statement for each of its parts. */
export type Impossible = Record<string, (world: FullWorld, other: FullWorld) => string | string[]>;

export const update = (table: string, change: string, where: string) =>
  `update ${table} set ${change} where ${where}`;

/** A row like one that is there, but for its id and what has a default. */
export const copy = (table: string, columns: string, where: string) =>
  `insert into ${table} (${columns}) select ${columns} from ${table} where ${where} limit 1`;

/** A text that is empty, and one that is a character too long. */
export const badLengths = (change: (change: string) => string, column: string, longest: number) => [
  change(`${column} = ''`),
  change(`${column} = repeat('x', ${longest + 1})`),
];

/** A connection of the operator's own, for statements that need one. */
export const OPERATOR_CONNECTION_ID = crypto.randomUUID();
export const addOperatorConnection = `
  insert into public.connections (id, provider, external_account_id, display_name)
  values ('${OPERATOR_CONNECTION_ID}', 'twilio', '${OPERATOR_CONNECTION_ID}', 'Operator')`;

/** The constraint that refuses a statement, now or at commit; the statement is never kept. */
export async function refuserOf(sql: postgres.Sql, statement: string): Promise<string | undefined> {
  return await outcomeOf(sql, `${statement}; set constraints all immediate`);
}

/** What else refuses a statement once a constraint or unique index is gone; "nothing" is as it should be. */
export async function otherRefuserOf(
  sql: postgres.Sql,
  name: string,
  statement: string,
): Promise<string | undefined> {
  const [found] = await sql`
    select format('alter table %s drop constraint %I cascade', conrelid::regclass, conname) as removal
    from pg_constraint
    where conname = ${name} and connamespace in ('public'::regnamespace, 'private'::regnamespace)
    union all
    select format('drop index %s', oid::regclass) from pg_class
    where relname = ${name} and relkind = 'i' and relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    limit 1`;
  return await outcomeOf(sql, `${found!.removal}; ${statement}; set constraints all immediate`);
}

async function outcomeOf(sql: postgres.Sql, statements: string): Promise<string | undefined> {
  try {
    return await inTrial(sql, statements, () => Promise.resolve("nothing"));
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error.constraint_name ?? error.message;
    throw error;
  }
}
