import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { anonymousClient, type Client } from "../support/people.ts";
import { eventually } from "../support/poll.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";

const SEED = new URL("../../supabase/seed.sql", import.meta.url);
const ACME = seedId("11");
const BIRCH = seedId("12");
const AUTH_TOKEN = "d0".repeat(16);

Deno.test("the people of the seed sign in with their password and see their workspace", async () => {
  const seen: Record<string, string[]> = {};
  for (const name of ["owner", "admin", "member", "stranger"]) {
    const { client } = await signIn(name);
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

Deno.test("the member reads conversations of the seed with their contacts and messages", async () => {
  const { client } = await signIn("member");

  const { data: conversations } = await client.from("conversations")
    .select("channel, status, snippet, contacts(display_name), conversation_messages(id)")
    .gte("id", seedId("61")).lte("id", seedId("70")).order("id");

  assertEquals(
    conversations!.map(({ channel, status, snippet, contacts, conversation_messages }) => [
      `${channel} with ${contacts.display_name}, ${status}`,
      snippet,
      conversation_messages.length,
    ]),
    [
      ["sms with Maria Lopez, active", "Thank you, we have put it into your file.", 6],
      ["sms with Tom Becker, active", "Great! Could I come this Saturday at 10?", 2],
      ["sms with Sam Okafor, closed", "STOP", 2],
      ["sms with Priya Shah, active", "Mornings, please.", 3],
      ["sms with null, active", "You left your umbrella at our desk.", 1],
      ["whatsapp with Priya Shah, archived", "Yes, behind the building.", 2],
      ["email with Maria Lopez, active", "Thank you, I agree to all of it.", 2],
      ["call with Tom Becker, closed", "", 0],
      ["live_chat with Lena Hoff, active", "Do you take my insurance?", 1],
    ],
  );
});

Deno.test("what came of each message of the seed is told by its status, and its failure by a reason", async () => {
  const { client } = await signIn("member");

  const { data: messages } = await client.from("conversation_messages")
    .select(
      "direction, status, error_code, message_attempts(outcome, error_code), message_media(position)",
    )
    .gte("id", seedId("101")).lte("id", seedId("121"));

  const told = new Map<string, number>();
  for (const { direction, status, error_code, message_attempts, message_media } of messages!) {
    const [attempt] = message_attempts;
    const media = message_media.length > 0 ? "with media" : "";
    const words = [direction, status, error_code, attempt?.outcome, attempt?.error_code, media];
    const story = words.filter((word) => word).join(" ");
    told.set(story, (told.get(story) ?? 0) + 1);
  }
  assertEquals(Object.fromEntries(told), {
    "inbound received": 8,
    "inbound received with media": 1,
    "outbound delivered accepted": 8,
    "outbound failed invalid_recipient rejected invalid_recipient": 1,
    "outbound read accepted": 1,
  });
});

Deno.test("a conversation of the seed is kept by a person, a team channel, the agent or nobody", async () => {
  const { client } = await signIn("member");

  const { data: conversations } = await client.from("conversations")
    .select("is_unread, is_starred, assigned_to, agent_id, team_channels(name, team_messages(id))")
    .gte("id", seedId("61")).lte("id", seedId("64")).order("id");
  const { data: permissions } = await client.from("agent_integration_permissions")
    .select("allowed_scopes, is_active, agents(name), connections(display_name)")
    .eq("agent_id", seedId("31"));

  const desk = { name: "front-desk", messages: 3 };
  assertEquals(
    conversations!.map(({ team_channels: channel, ...row }) => ({
      ...row,
      channel: channel && { name: channel.name, messages: channel.team_messages.length },
    })),
    [
      kept({ is_starred: true, assigned_to: seedId("3") }),
      kept({ is_unread: true, channel: desk }),
      kept({}),
      kept({ agent_id: seedId("31") }),
    ],
  );
  assertEquals(permissions, [{
    allowed_scopes: ["sms"],
    is_active: true,
    agents: { name: "Receptionist" },
    connections: { display_name: "Acme Twilio" },
  }]);
});

Deno.test("who opted out is there with the text that said so, and the campaign left them out", async () => {
  const { client } = await signIn("member");

  const { data: optOut } = await client.from("opt_outs")
    .select("address, source, wording, message_id, ended_at").eq("id", seedId("75")).single();
  const { data: proof } = await client.from("conversation_messages")
    .select("direction, body, from_address").eq("id", optOut!.message_id!).single();
  const { data: campaign } = await client.from("campaign_progress")
    .select("status, total_count, delivered_count, skipped").eq("campaign_id", seedId("92"))
    .single();
  const { data: embedded } = await client.from("campaigns")
    .select("campaign_recipients(address)").eq("id", seedId("92")).single();
  const { data: results } = await client.from("campaign_results")
    .select("address, status, skip_reason").eq("campaign_id", seedId("92"));

  const { message_id: _, ...words } = optOut!;
  const address = "+13125550113";
  assertEquals(words, { address, source: "keyword", wording: "STOP", ended_at: null });
  assertEquals(proof, { direction: "inbound", body: "STOP", from_address: address });
  assertEquals(campaign, {
    status: "completed",
    total_count: 3,
    delivered_count: 2,
    skipped: { recipient_opted_out: 1 },
  });
  assertEquals(embedded!.campaign_recipients.length, 3);
  assertEquals(
    results!.map((recipient) => Object.values(recipient).join(" ")).sort(),
    [
      "+13125550111 delivered ",
      "+13125550112 delivered ",
      "+13125550113 skipped recipient_opted_out",
    ],
  );
});

Deno.test("the stranger of the seed reads Birch Bakery's alone, though both know the same person", async () => {
  const { client } = await signIn("stranger");

  const { data: conversations } = await client.from("conversations")
    .select("workspace_id, contacts(display_name), conversation_messages(body)");
  const { data: contacts } = await client.from("contacts").select("workspace_id, display_name");

  assertEquals(contacts, [{ workspace_id: BIRCH, display_name: "Maria Lopez" }]);
  assertEquals(
    conversations!.map(({ workspace_id, contacts, conversation_messages }) => [
      workspace_id,
      contacts.display_name,
      conversation_messages.length,
    ]),
    [[BIRCH, "Maria Lopez", 2]],
  );
  for (
    const table of ["connections", "phone_numbers", "opt_outs", "campaigns", "agents"] as const
  ) {
    const { data } = await client.from(table).select("id");
    assertEquals(data, [], table);
  }
});

Deno.test("the seed's secrets are in Vault alone, encrypted", async () => {
  const sql = connectToDatabase();
  try {
    const [stored] = await sql`
      select
        count(*) filter (where position(${AUTH_TOKEN} in s.decrypted_secret) > 0)::int as holding,
        count(*) filter (where position(${AUTH_TOKEN} in s.secret) > 0)::int as in_the_clear
      from vault.decrypted_secrets as s`;
    assert(stored!.holding > 0);
    assertEquals(stored!.in_the_clear, 0);
    for (const table of await listTables(sql)) {
      const [row] = await sql`
        select count(*)::int from ${sql(table)} as t where position(${AUTH_TOKEN} in t::text) > 0`;
      assertEquals([table, row!.count], [table, 0]);
    }
  } finally {
    await sql.end();
  }
});

Deno.test("the seed queues nothing, and a second run of it changes nothing", async () => {
  const sql = connectToDatabase();
  try {
    const seed = await Deno.readTextFile(SEED);
    const tables = [...await listTables(sql), "vault.secrets", "auth.users", "auth.identities"];
    // One snapshot, so that nothing else which goes on in the database is taken for the seed's doing.
    await sql.begin("isolation level repeatable read", async (tx) => {
      const before = await fingerprint(tx, tables);
      await tx.unsafe(seed);
      assertEquals(await fingerprint(tx, tables), before);
      const jobs = await tx`
        select from private.outbound_jobs as j
        where j.message_id between ${seedId("101")} and ${seedId("121")}`;
      assertEquals(jobs.length, 0);
    });
  } finally {
    await sql.end();
  }
});

Deno.test("after the seed a text can be sent at once, through the account it connected", async () => {
  const { client, token } = await signIn("member");
  const { url, publishable_key } = readTestStack();

  const response = await fetch(`${url}/functions/v1/messages`, {
    method: "POST",
    headers: {
      apikey: publishable_key,
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ workspace_id: ACME, to: "+14155550123", body: "Hello" }),
  });
  const { message } = await response.json();

  assertEquals(response.status, 202);
  await eventually("the text to be delivered", async () => {
    const { data } = await client.from("conversation_messages").select("status")
      .eq("id", message.id).single();
    return data?.status === "delivered";
  });
});

/** The ids of the seed are readable. */
function seedId(digits: string): string {
  return `5eed0000-0000-4000-8000-${digits.padStart(12, "0")}`;
}

/** A conversation that nobody keeps, but for what is said otherwise. */
function kept(otherwise: Record<string, unknown>) {
  const nobody = { assigned_to: null, channel: null, agent_id: null };
  return { is_unread: false, is_starred: false, ...nobody, ...otherwise };
}

async function signIn(name: string): Promise<{ client: Client; token: string }> {
  const client = anonymousClient();
  const { data, error } = await client.auth.signInWithPassword({
    email: `${name}@example.com`,
    password: "switchboard-demo",
  });
  assertEquals(error, null);
  return { client, token: data.session!.access_token };
}

async function listTables(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%I.%I', t.schemaname, t.tablename) as name from pg_tables as t
    where t.schemaname in ('public', 'private') order by 1`;
  return rows.map(({ name }) => name);
}

/** How many rows each table has, and a hash of all they hold. */
async function fingerprint(sql: postgres.TransactionSql, tables: string[]) {
  const found: Record<string, unknown> = {};
  for (const table of tables) {
    const [row] = await sql`
      select count(*)::int, md5(string_agg(t::text, '' order by t::text)) from ${sql(table)} as t`;
    found[table] = { ...row };
  }
  return found;
}
