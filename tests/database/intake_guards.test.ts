import { databaseTest, ingest, textFrom } from "../support/engine.ts";
import { createWorld, freshNumber } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";

databaseTest("a webhook of a connection that is inactive is stored nowhere", async (sql) => {
  const world = await createWorld(sql);
  await sql`update public.connections set status = 'inactive' where id = ${world.connectionId}`;
  const event = textFrom(world, freshNumber());

  const [row] = await ingest(sql, world.connectionId, [event]);

  assertEquals({ ...row }, { event_id: null, state: "disconnected" });
  const stored = await sql`
    select from public.webhook_events where external_id = ${event.externalId as string}`;
  assertEquals(stored.length, 0);
});

databaseTest("an event told twice is acted on once", async (sql) => {
  const world = await createWorld(sql);
  const event = textFrom(world, freshNumber());

  const [first] = await ingest(sql, world.connectionId, [event]);
  const [second] = await ingest(sql, world.connectionId, [event]);

  assertEquals([first!.state, second!.state], ["processed", "duplicate"]);
  const [stored] = await sql`select state from public.webhook_events where id = ${first!.event_id}`;
  assertEquals(stored!.state, "processed");
});

databaseTest("a message to another workspace's number stays with neither", async (sql) => {
  const [own, other] = [await createWorld(sql), await createWorld(sql)];
  const count = async () =>
    (await sql`
      select from public.conversation_messages
      where workspace_id = any (${[own.workspaceId, other.workspaceId]})`).length;
  const before = await count();

  const [row] = await ingest(sql, own.connectionId, [textFrom(other, freshNumber())]);

  assertEquals([row!.state, await count()], ["quarantined", before]);
});

databaseTest(
  "an event that cannot be applied is kept with its reason, and stops no other",
  async (sql) => {
    const world = await createWorld(sql);
    const url = `https://media.example.com/${"x".repeat(2_048)}`;
    const good = textFrom(world, freshNumber());
    const bad = textFrom(world, freshNumber(), { media: [{ url, contentType: "image/png" }] });

    const rows = await ingest(sql, world.connectionId, [bad, good]);

    assertEquals(rows.map((row) => row.state), ["failed", "processed"]);
    const [stored] = await sql`
    select reason from public.webhook_events where id = ${rows[0]!.event_id}`;
    assert(stored!.reason.startsWith("23514"), stored!.reason);
  },
);

databaseTest(
  "what front ends follow is published live, and nothing else is",
  async (sql) => {
    const rows = await sql`
    select tablename from pg_publication_tables where pubname = 'supabase_realtime' order by tablename`;
    assertEquals(rows.map((row) => row.tablename), [
      "agent_approvals",
      "agent_offers",
      "conversation_flags",
      "conversation_messages",
      "conversations",
      "team_messages",
    ]);
  },
);

databaseTest("what a later migration adds is granted to nobody by default", async (sql) => {
  const rows = await sql`
    select d.defaclobjtype, a.grantee::regrole::text as role
    from pg_default_acl as d
    cross join lateral aclexplode(d.defaclacl) as a
    where d.defaclrole = 'postgres'::regrole and d.defaclnamespace = 'public'::regnamespace
      and a.grantee::regrole::text in ('anon', 'authenticated', 'service_role')`;
  assertEquals([...rows], []);
});

databaseTest(
  "a definer function in private that a person may call serves policies, or checks the caller behind its namesake",
  async (sql) => {
    const rows = await sql`
    select p.proname as name, n.oid is not null as has_namesake from pg_proc as p
    left join pg_proc as n
      on n.pronamespace = 'public'::regnamespace and n.proname = p.proname and not n.prosecdef
      and has_function_privilege('authenticated', n.oid, 'execute')
    where p.pronamespace = 'private'::regnamespace and p.prosecdef
      and has_function_privilege('authenticated', p.oid, 'execute')
    order by p.proname`;
    assertEquals(rows.filter((row) => !row.has_namesake).map((row) => row.name), [
      "my_admin_workspace_ids",
      "my_assigned_conversation_ids",
      "my_colleague_ids",
      "my_connection_ids",
      "my_open_workspace_ids",
      "my_phone_number_ids",
      "my_restricted_workspace_ids",
      "my_shared_connection_ids",
      "my_shared_phone_number_ids",
      "my_team_channel_ids",
      "my_visible_team_channel_ids",
      "my_workspace_ids",
    ]);
  },
);
