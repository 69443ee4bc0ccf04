import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { connectToDatabase } from "../support/stack.ts";
import { createWorld, type World } from "../support/world.ts";

/** Every check constraint, and a row that it refuses. A constraint without a row here fails. */
const IMPOSSIBLE: Record<string, (world: World) => string> = {
  audit_log_action_is_named: (w) =>
    `insert into public.audit_log (workspace_id, action, entity_type, entity_id) values ('${w.workspaceId}', 'Did Something', 'x', 'x')`,
  connection_credentials_rotation_is_whole: (w) =>
    `update private.connection_credentials set next_secret_id = gen_random_uuid() where connection_id = '${w.connectionId}'`,
  connection_credentials_token_hash_is_sha256: (w) =>
    `update private.connection_credentials set webhook_token_hash = 'x' where connection_id = '${w.connectionId}'`,
  connections_display_name_has_length: (w) => connection(w, "display_name = ''"),
  connections_error_says_why: (w) => connection(w, "status = 'error', last_error = null"),
  connections_status_is_known: (w) => connection(w, "status = 'broken'"),
  connections_user_owned_has_workspace: (w) =>
    `insert into public.connections (owner_user_id, provider, external_account_id, display_name) values ('${w.ownerId}', 'twilio', 'x', 'x')`,
  connections_weight_is_positive: (w) => connection(w, "weight = 0"),
  contact_addresses_address_fits_kind: (w) =>
    `insert into public.contact_addresses (workspace_id, contact_id, kind, address) values ('${w.workspaceId}', '${w.contactId}', 'email', 'Not@Lower.example')`,
  contact_addresses_kind_is_known: (w) =>
    `insert into public.contact_addresses (workspace_id, contact_id, kind, address) values ('${w.workspaceId}', '${w.contactId}', 'fax', 'a@b')`,
  contacts_display_name_has_length: (w) =>
    `update public.contacts set display_name = '' where id = '${w.contactId}'`,
  conversation_messages_direction_is_known: (w) =>
    message(
      w,
      "direction = 'sideways', status = 'queued', external_id = null",
    ),
  conversation_messages_failure_says_why: (w) =>
    outbound(w, "status = 'failed', error_code = null"),
  conversation_messages_inbound_names_its_source: (w) => message(w, "external_id = null"),
  conversation_messages_key_has_fingerprint: (w) => outbound(w, "idempotency_key = 'x'"),
  conversation_messages_key_is_of_outbound: (w) =>
    message(w, "idempotency_key = 'x', idempotency_fingerprint = 'x'"),
  conversation_messages_received_when_inbound: (w) => message(w, "status = 'delivered'"),
  conversation_messages_status_is_known: (w) => outbound(w, "status = 'lost'"),
  conversations_channel_is_known: (w) => conversation(w, "channel = 'pigeon'"),
  conversations_status_is_known: (w) => conversation(w, "status = 'lost'"),
  conversations_subject_has_length: (w) => conversation(w, "subject = ''"),
  message_attempts_accepted_has_external_id: (w) =>
    attempt(w, "outcome = 'accepted', finished_at = now()"),
  message_attempts_finished_with_outcome: (w) => attempt(w, "finished_at = now()"),
  message_attempts_number_is_positive: (w) => attempt(w, "attempt_number = 0"),
  message_attempts_outcome_is_known: (w) => attempt(w, "outcome = 'maybe', finished_at = now()"),
  message_attempts_price_has_currency: (w) => attempt(w, "price = 1"),
  message_attempts_price_is_an_amount: (w) => attempt(w, "price = 'NaN', price_currency = 'USD'"),
  message_attempts_rejected_says_why: (w) =>
    attempt(w, "outcome = 'rejected', finished_at = now()"),
  message_attempts_segment_count_is_positive: (w) => attempt(w, "segment_count = 0"),
  message_media_position_is_positive: (w) =>
    `update public.message_media set position = 0 where message_id = '${w.messageId}'`,
  message_media_url_is_https: (w) =>
    `update public.message_media set url = 'http://x' where message_id = '${w.messageId}'`,
  outbound_jobs_look_up_has_attempt: (w) =>
    `insert into private.outbound_jobs (message_id, workspace_id, step) values ('${w.messageId}', '${w.workspaceId}', 'look_up')`,
  outbound_jobs_step_is_known: (w) =>
    `insert into private.outbound_jobs (message_id, workspace_id, step, attempt_count) values ('${w.messageId}', '${w.workspaceId}', 'dance', 1)`,
  outbound_leases_hold_something: () =>
    `insert into private.outbound_leases (token, ends_at, message_ids, attempt_numbers) values (gen_random_uuid(), now(), '{}', '{}')`,
  outbound_leases_number_each_attempt: (w) =>
    `insert into private.outbound_leases (token, ends_at, message_ids, attempt_numbers) values (gen_random_uuid(), now(), '{${w.messageId}}', '{1,2}')`,
  phone_numbers_active_is_verified: (w) => number(w, "last_verified_at = null"),
  phone_numbers_capabilities_are_an_object: (w) => number(w, "capabilities = '[]'"),
  phone_numbers_default_is_active: (w) => number(w, "status = 'inactive', is_default = true"),
  phone_numbers_friendly_name_has_length: (w) => number(w, "friendly_name = ''"),
  phone_numbers_pace_is_positive: (w) => number(w, "messages_per_second = 0"),
  phone_numbers_phone_number_is_e164: (w) => number(w, "phone_number = '0800'"),
  phone_numbers_status_is_known: (w) => number(w, "is_default = false, status = 'lost'"),
  phone_numbers_webhook_has_url: (w) => number(w, "webhook_configured = true, webhook_url = null"),
  profiles_display_name_has_length: (w) =>
    `update public.profiles set display_name = '' where id = '${w.ownerId}'`,
  service_providers_metadata_is_an_object: () => provider("configuration_metadata = '[]'"),
  service_providers_name_is_plain: () =>
    `insert into public.service_providers (name, display_name, scopes_supported, configuration_metadata) values ('No Name', 'x', '[]', '{}')`,
  service_providers_scopes_are_a_list: () => provider("scopes_supported = '{}'"),
  webhook_events_kind_is_known: (w) => event(w, "kind = 'rumour'"),
  webhook_events_processed_has_time: (w) => event(w, "processed_at = null"),
  webhook_events_state_is_known: (w) => event(w, "processed_at = null, state = 'lost'"),
  webhook_events_trouble_says_why: (w) =>
    event(w, "processed_at = null, state = 'failed', reason = null"),
  webhook_refusals_reason_is_known: () =>
    `insert into private.webhook_refusals (provider, reason, hour, refusal_count) values ('twilio', 'mood', now(), 1)`,
  workspace_members_role_is_known: (w) =>
    `update public.workspace_members set role = 'king' where user_id = '${w.memberId}'`,
  workspaces_communication_mode_is_known: (w) => workspace(w, "communication_mode = 'smoke'"),
  workspaces_name_has_length: (w) => workspace(w, "name = ''"),
  workspaces_slug_is_url_safe: (w) => workspace(w, "slug = 'No Slug'"),
  workspaces_timezone_is_known: (w) => workspace(w, "timezone = 'Mars/Olympus'"),
};

const update = (table: string, change: string, where: string) =>
  `update public.${table} set ${change} where ${where}`;
const workspace = (w: World, change: string) =>
  update("workspaces", change, `id = '${w.workspaceId}'`);
const connection = (w: World, change: string) =>
  update("connections", change, `id = '${w.connectionId}'`);
const number = (w: World, change: string) =>
  update("phone_numbers", change, `id = '${w.phoneNumberId}'`);
const conversation = (w: World, change: string) =>
  update("conversations", change, `id = '${w.conversationId}'`);
const message = (w: World, change: string) =>
  update("conversation_messages", change, `id = '${w.messageId}'`);
const outbound = (w: World, change: string) =>
  update(
    "conversation_messages",
    change,
    `workspace_id = '${w.workspaceId}' and direction = 'outbound'`,
  );
const attempt = (w: World, change: string) =>
  update("message_attempts", change, `workspace_id = '${w.workspaceId}'`);
const event = (w: World, change: string) =>
  update("webhook_events", change, `workspace_id = '${w.workspaceId}'`);
const provider = (change: string) => update("service_providers", change, "name = 'twilio'");

Deno.test("every impossible state is refused by the constraint named for it", async () => {
  const sql = connectToDatabase();
  try {
    const world = await createWorld(sql);
    const constraints = await sql`
      select conname as name from pg_constraint
      where connamespace in ('public'::regnamespace, 'private'::regnamespace) and contype = 'c'
      order by conname`;
    assertEquals(Object.keys(IMPOSSIBLE).sort(), constraints.map((row) => row.name));
    for (const [name, statement] of Object.entries(IMPOSSIBLE)) {
      assertEquals(await violated(sql, statement(world)), name, statement(world));
    }
  } finally {
    await sql.end();
  }
});

/** The constraint that refuses a statement; the statement is never kept. */
async function violated(sql: postgres.Sql, statement: string): Promise<string | undefined> {
  let refusal: unknown;
  await sql.begin(async (tx) => {
    await tx.unsafe(statement);
    throw new Error("Nothing refused it");
  }).catch((error) => refusal = error);
  return refusal instanceof postgres.PostgresError ? refusal.constraint_name : String(refusal);
}

Deno.test("a message has at most one accepted attempt, and an account's number one active row", async () => {
  const sql = connectToDatabase();
  try {
    const world = await createWorld(sql);
    await sql`
      update public.message_attempts set outcome = 'accepted', external_id = 'SM1', finished_at = now()
      where workspace_id = ${world.workspaceId}`;
    const again = `insert into public.message_attempts
      (workspace_id, message_id, connection_id, attempt_number, outcome, external_id, finished_at)
      select workspace_id, message_id, connection_id, 2, 'accepted', 'SM2', now()
      from public.message_attempts where workspace_id = '${world.workspaceId}'`;
    assertEquals(await violated(sql, again), "message_attempts_accepted_once_idx");

    const other = await createWorld(sql);
    const stolen =
      `update public.phone_numbers set phone_number = '${world.phoneNumber}' where id = '${other.phoneNumberId}'`;
    assertEquals(await violated(sql, stolen), "phone_numbers_active_once_idx");
  } finally {
    await sql.end();
  }
});

Deno.test("a status only moves forward, and only a failure that was not knowing can be mended", async () => {
  const sql = connectToDatabase();
  const statuses = [
    "scheduled",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "undelivered",
    "canceled",
  ];
  const rows = await sql`
    select f.status as from_status, array_agg(t.status order by t.position) as to_statuses
    from unnest(${statuses}::text[]) with ordinality as f (status, position)
    cross join unnest(${[...statuses, "unknown"]}::text[]) with ordinality as t (status, position)
    where private.is_status_ahead(f.status, 'rejected', t.status)
    group by f.status, f.position order by f.position`;
  const [mended] = await sql`
    select private.is_status_ahead('failed', 'outcome_unknown', 'delivered') as to_delivered,
      private.is_status_ahead('failed', 'outcome_unknown', 'queued') as to_queued`;
  await sql.end();
  const ends = ["delivered", "read", "failed", "undelivered", "canceled"];

  assertEquals(rows.map((row) => [row.from_status, row.to_statuses]), [
    ["scheduled", ["queued", "sending", "sent", ...ends]],
    ["queued", ["sending", "sent", ...ends]],
    ["sending", ["sent", ...ends]],
    ["sent", ends],
    ["delivered", ["read"]],
  ]);
  assertEquals({ ...mended }, { to_delivered: true, to_queued: false });
});
