import { assertEquals } from "@std/assert";
import { listExposedSchemas, listFunctions, listRelations } from "../support/access/catalogue.ts";
import { render } from "../support/access/format.ts";
import { describeFunction, isUntried } from "../support/access/functions.ts";
import { connectProbe } from "../support/access/probe.ts";
import { createScene } from "../support/access/scene.ts";
import { describeRelation } from "../support/access/tables.ts";
import { connectToDatabase } from "../support/stack.ts";

/**
 * Who may do what to every table and view, and what comes of every function, tried out on rows that
 * exist. The expectation is a file that people read; UPDATE_ACCESS_MATRIX=1 writes it anew.
 */
const EXPECTATION = new URL("./access_matrix.txt", import.meta.url);

const LEGEND = `\
who | in the own workspace | in another workspace

An assigned-only member belongs to a workspace where members see only what is assigned to them; a
removed member belonged to the own workspace once.

Tables and views: (some) means some of the workspace's rows, and a code what stopped it. An update or
delete without a condition asks no select policy; where it reaches other rows, it is listed as blind.
move means that a grant on the column is all that is missing to give a row to another workspace.

Functions: ok or an answer, an HTTP status, or 42501 where a right is missing. What only the operator's
machinery may execute is called with nulls, by everybody else.
`;

Deno.test("everybody may do with every table, view and function what the access matrix says", async () => {
  const sql = connectToDatabase();
  const probe = await connectProbe();
  try {
    const scene = await createScene(sql);
    const blocks = [];
    for (const relation of await listRelations(probe)) {
      blocks.push(await describeRelation(probe, relation, scene));
    }
    const functions = await listFunctions(probe);
    const untried = functions.filter(isUntried).map(({ signature }) => signature);
    assertEquals(untried, [], "people may execute it: say in calls.ts with what, one name each");
    for (const entry of functions) {
      blocks.push(await describeFunction(probe, entry, scene));
    }
    const schemas = await listExposedSchemas(probe);
    const title = `# What the Data API lets people do: ${schemas.join(", ")}`;
    const actual = [title, "", LEGEND.trimEnd(), ...blocks.map(render), ""].join("\n");
    if (Deno.env.get("UPDATE_ACCESS_MATRIX")) await Deno.writeTextFile(EXPECTATION, actual);
    const expected = await Deno.readTextFile(EXPECTATION);
    assertEquals(actual.split("\n"), expected.split("\n"));
  } finally {
    await Promise.all([sql.end(), probe.end()]);
  }
});
