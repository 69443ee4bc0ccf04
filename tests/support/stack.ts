import postgres from "postgres";

/** What `task test` tells the tests about the stack it started for them. */
export interface TestStack {
  url: string;
  publishable_key: string;
  secret_key: string;
  database_url: string;
  admin_database_url: string;
  simulator_url: string;
  /** What the functions and the rest of the stack print. */
  log_file: string;
}

/** The stack under test; there is none outside of `task test`. */
export function readTestStack(): TestStack {
  const path = Deno.env.get("TEST_STACK_FILE");
  if (!path) {
    throw new Error("Cannot test: no stack; run npx -y deno@2.9.6 task test [file]");
  }
  return JSON.parse(Deno.readTextFileSync(path));
}

/** A connection as `postgres`, the owner of the schema. Close it with `end()`. */
export function connectToDatabase(max = 2): postgres.Sql {
  return postgres(readTestStack().database_url, { max, onnotice: () => {} });
}

/** Runs `work` as a role with claims, as the Data API does, and keeps nothing of it. */
export async function asRole<Value>(
  sql: postgres.Sql,
  role: "anon" | "authenticated" | "service_role",
  userId: string | null,
  work: (tx: postgres.TransactionSql) => Promise<Value>,
): Promise<Value> {
  const claims = JSON.stringify({ role, ...(userId === null ? {} : { sub: userId }) });
  class Undo extends Error {}
  let value: Value;
  try {
    await sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', ${claims}, true)`;
      await tx.unsafe(`set local role ${role}`);
      value = await work(tx);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return value!;
}

/** The SQLSTATE that `work` is refused with; throws when it succeeds. */
export async function refusalOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof postgres.PostgresError) return error.code;
    throw error;
  }
  throw new Error("Expected a refusal, and it succeeded");
}
