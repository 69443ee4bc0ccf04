import { assertEquals } from "@std/assert";
import { findToolDrift, readToolRows } from "../../scripts/generate/tool_rows.ts";
import { databaseTest } from "../support/engine.ts";
import { asRole, readTestStack, refusalOf } from "../support/stack.ts";

Deno.test("the catalogue's tools are those of the definitions; if not, run task generate", async () => {
  const { changed, surplus } = findToolDrift(await readToolRows(readTestStack().database_url));

  assertEquals({ changed: changed.map((row) => row.capability_key), surplus }, {
    changed: [],
    surplus: [],
  });
});

databaseTest(
  "a tool without provider is opened only by scopes that some provider has",
  async (sql) => {
    const setScopes = (scopes: string[]) =>
      asRole(sql, "service_role", null, async (tx) => {
        await tx`reset role`;
        await tx`
        update public.integration_capabilities set sufficient_scopes = ${scopes}
        where capability_key = 'find_contact'`;
      });

    await setScopes(["email", "voice"]);
    assertEquals(await refusalOf(() => setScopes(["email", "telepathy"])), "23514");
  },
);
