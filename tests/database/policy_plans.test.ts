import { assertEquals } from "@std/assert";
import { findWorkPerRowOfPolicies } from "../../scripts/bench/plans.ts";
import { connectToDatabase } from "../support/stack.ts";

Deno.test("no policy of any table calls a function or runs a sub-plan for each row", async () => {
  const sql = connectToDatabase(1);
  const findings = await sql.begin((tx) => findWorkPerRowOfPolicies(tx, crypto.randomUUID()));
  await sql.end();
  assertEquals(findings.length > 0, true);
  assertEquals(findings.filter(({ work }) => work.length > 0), []);
});

Deno.test("a policy that calls a function for each row would be found", async () => {
  const sql = connectToDatabase(1);
  class Undo extends Error {}
  let tables: string[] = [];
  await sql.begin(async (tx) => {
    await tx`
      alter policy contacts_select_member on public.contacts
        using (workspace_id in (select private.my_workspace_ids()))`;
    await tx`
      alter policy calls_select_member on public.calls
        using (private.is_address('phone', from_address))`;
    const findings = await findWorkPerRowOfPolicies(tx, crypto.randomUUID());
    tables = findings.filter(({ work }) => work.length > 0).map(({ query }) => query);
    throw new Undo();
  }).catch((error) => {
    if (!(error instanceof Undo)) throw error;
  });
  await sql.end();
  assertEquals(
    tables.filter((query) => query.startsWith("select")).map((query) => query.split(" ")[3]),
    [
      "public.calls",
      "public.calls",
      "public.contacts",
      "public.contacts",
    ],
  );
});
