import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { untilStatus } from "../../support/messages.ts";
import { eventually } from "../../support/poll.ts";
import { asRole, connectToDatabase, readTestStack } from "../../support/stack.ts";
import { freshContact, manage, openInbox, secretsOf, send, setFault, write } from "./desk.ts";

/** Everything that a role may read of the tables and views in public, as text. */
async function readAll(
  sql: postgres.Sql,
  role: "authenticated" | "service_role",
  userId: string | null,
): Promise<Map<string, string>> {
  const columns = await sql`
    select c.relname as relation, array_agg(a.attname::text) as names
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
      and has_column_privilege(${role}, c.oid, a.attnum, 'select')
    group by c.relname`;
  return await asRole(sql, role, userId, async (tx) => {
    const read = new Map<string, string>();
    for (const { relation, names } of columns) {
      const rows = await tx`select ${tx(names)} from public.${tx(relation)}`;
      read.set(relation, JSON.stringify(rows));
    }
    return read;
  });
}

Deno.test("no credential of any provider is in an answer, in a table that can be read, or in a log", async () => {
  const sql = connectToDatabase(1);
  const desks = await Promise.all([...providers.values()].map(openInbox));
  const secrets = await Promise.all(desks.map(async (one) => {
    const kept = await secretsOf(one);
    // What a provider signs with a key pair is verified with a public key.
    const isMade = ["postmark", "bandwidth", "resend"].includes(one.account.provider.id);
    return [...one.account.secrets, kept!.webhook_token, ...isMade ? [kept!.webhook_secret] : []];
  }));
  await Promise.all(desks.map(async (one) => {
    const contact = freshContact(one.account);
    await write(one, contact);
    await write(one, contact, { signature: "forged" });
    await untilStatus(await send(one, contact), "delivered");
    await manage(one, "POST", "/test");
  }));
  const first = desks[0]!;
  await setFault(first, { kind: "server_error", operation: "numbers.list" });
  await manage(first, "DELETE");
  const log = await eventually("the functions to log the fault", async () => {
    const text = await Deno.readTextFile(readTestStack().log_file);
    return text.includes("Cannot clear webhooks") && text;
  });

  const read = [
    await readAll(sql, "authenticated", first.owner.id),
    await readAll(sql, "service_role", null),
  ];
  await sql.end();

  for (const tables of read) {
    const connections = tables.get("connections")!;
    for (const { connectionId } of desks) assert(connections.includes(connectionId));
    for (const [relation, text] of tables) {
      for (const secret of secrets.flat()) {
        assert(!text.includes(secret), `${relation} holds a secret`);
      }
    }
  }
  assertEquals(secrets.flat().filter((secret) => log.includes(secret)), []);
});
