import type postgres from "postgres";

/** Runs `work` where the statements have been run, and keeps nothing of either. */
export async function inTrial<Value>(
  sql: postgres.Sql,
  statements: string,
  work: (tx: postgres.TransactionSql) => Promise<Value>,
): Promise<Value> {
  class Undo extends Error {}
  let value: Value;
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(statements);
      value = await work(tx);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return value!;
}
