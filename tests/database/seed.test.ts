import { assertEquals } from "@std/assert";
import { anonymousClient } from "../support/people.ts";

Deno.test("the people of the seed sign in with their password and see their workspace", async () => {
  const seen: Record<string, string[]> = {};
  for (const name of ["owner", "admin", "member", "stranger"]) {
    const client = anonymousClient();
    const { error } = await client.auth.signInWithPassword({
      email: `${name}@example.com`,
      password: "switchboard-demo",
    });
    assertEquals(error, null);
    const { data } = await client.from("workspaces").select("name");
    seen[name] = data!.map((workspace) => workspace.name);
  }

  assertEquals(seen, {
    owner: ["Acme Dental"],
    admin: ["Acme Dental"],
    member: ["Acme Dental"],
    stranger: ["Birch Bakery"],
  });
});
