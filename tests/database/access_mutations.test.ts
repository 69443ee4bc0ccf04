import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import {
  type FunctionEntry,
  listExposedSchemas,
  listFunctions,
  listRelations,
  type Relation,
} from "../support/access/catalogue.ts";
import { render } from "../support/access/format.ts";
import { describeFunction } from "../support/access/functions.ts";
import { connectProbe, type Database } from "../support/access/probe.ts";
import { createScene, type Scene } from "../support/access/scene.ts";
import { describeRelation } from "../support/access/tables.ts";
import { connectToDatabase } from "../support/stack.ts";

/**
 * Proves the access matrix: every guard is taken away on its own, and its block of the matrix has to
 * change. Without this, a cell that nothing can turn red would look like a promise.
 */

/** What changes nothing that anybody can see, and why. Each has to survive, or it does not belong here. */
const EVERYBODYS =
  "whoever holds a grant on it may read all of it; catalogue.test.ts wants it enabled";
const EQUIVALENT: Record<string, string> = {
  "alter table integration_capabilities disable row level security": EVERYBODYS,
  "alter table plan_limits disable row level security": EVERYBODYS,
  "alter table plans disable row level security": EVERYBODYS,
  "alter table service_providers disable row level security": EVERYBODYS,
  "alter view clicksend_connections set (security_invoker = false)":
    "its rows come through user_oauth_connections, which asks as the caller even then",
};

/** A statement that takes one guard away, and the block of the matrix that has to notice. */
interface Mutation {
  statement: string;
  target: string;
  describe: (sql: Database) => Promise<string>;
}

Deno.test("the access matrix changes when any policy is dropped, or a clause of it says true", async () => {
  await withScene(async (probe, scene) => {
    const relations = new Map((await listRelations(probe)).map((table) => [table.path, table]));
    const policies = await probe`
      select
        quote_ident(p.polname) as name, p.polrelid::regclass::text as path,
        pg_get_expr(p.polqual, p.polrelid) as qual, pg_get_expr(p.polwithcheck, p.polrelid) as "check"
      from pg_policy as p
      join pg_class as c on c.oid = p.polrelid
      join pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = any (${await listExposedSchemas(probe)})
      order by 2, 1`;
    const mutations = policies.flatMap(({ name, path, qual, check }) => {
      const isLoosenable = (clause: string | null) => clause !== null && clause !== "true";
      return [
        `drop policy ${name} on ${path}`,
        ...(isLoosenable(qual) ? [`alter policy ${name} on ${path} using (true)`] : []),
        ...(isLoosenable(check) ? [`alter policy ${name} on ${path} with check (true)`] : []),
      ].map((statement) => ofRelation(statement, relations.get(path)!, scene));
    });
    await expectNoticed(probe, mutations);
  });
});

Deno.test("the access matrix changes when a table loses row level security, or a view its caller's rights", async () => {
  await withScene(async (probe, scene) => {
    const mutations = (await listRelations(probe)).map((relation) =>
      ofRelation(
        relation.kind === "table"
          ? `alter table ${relation.path} disable row level security`
          : `alter view ${relation.path} set (security_invoker = false)`,
        relation,
        scene,
      )
    );
    await expectNoticed(probe, mutations);
  });
});

Deno.test("the access matrix changes when a function is opened to people, or to the world", async () => {
  await withScene(async (probe, scene) => {
    const mutations = (await listFunctions(probe)).flatMap((entry) =>
      (["authenticated", "anon"] as const)
        .filter((role) => !entry.callers.includes(role))
        .map((role) =>
          ofFunction(`grant execute on function ${entry.path} to ${role}`, entry, scene)
        )
    );
    await expectNoticed(probe, mutations);
  });
});

const ofRelation = (statement: string, relation: Relation, scene: Scene): Mutation => ({
  statement,
  target: relation.path,
  describe: async (sql) => render(await describeRelation(sql, relation, scene)),
});

const ofFunction = (statement: string, entry: FunctionEntry, scene: Scene): Mutation => ({
  statement,
  target: entry.path,
  describe: async (sql) => {
    // Read again: who may execute it is what has changed.
    const now = (await listFunctions(sql)).find(({ path }) => path === entry.path)!;
    return render(await describeFunction(sql, now, scene));
  },
});

async function withScene(work: (probe: postgres.Sql, scene: Scene) => Promise<void>) {
  const sql = connectToDatabase();
  const probe = await connectProbe();
  try {
    await work(probe, await createScene(sql));
  } finally {
    await Promise.all([sql.end(), probe.end()]);
  }
}

async function expectNoticed(probe: postgres.Sql, mutations: Mutation[]) {
  const survivors = [];
  const unmutated = new Map<string, string>();
  for (const { statement, target, describe } of mutations) {
    const before = unmutated.get(target) ?? await describe(probe);
    unmutated.set(target, before);
    const after = await undone(probe, async (tx) => {
      await tx.unsafe(statement);
      return await describe(tx);
    });
    if (before === after) survivors.push(statement);
  }
  const expected = mutations.filter(({ statement }) => statement in EQUIVALENT);
  assertEquals(survivors, expected.map(({ statement }) => statement));
}

/** What `work` found, in a transaction of which nothing is kept. */
async function undone<Value>(
  probe: postgres.Sql,
  work: (tx: postgres.TransactionSql) => Promise<Value>,
): Promise<Value> {
  class Undo extends Error {}
  let value: Value;
  await probe.begin(async (tx) => {
    value = await work(tx);
    throw new Undo();
  }).catch((error) => {
    if (!(error instanceof Undo)) throw error;
  });
  return value!;
}
