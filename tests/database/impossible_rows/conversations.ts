import type { FullWorld } from "../../support/full_world.ts";
import { badLengths, type Impossible, update } from "./statements.ts";

const conversation = (w: FullWorld) => (change: string) =>
  update("public.conversations", change, `id = '${w.conversationId}'`);
const inbound = (w: FullWorld) => (change: string) =>
  update("public.conversation_messages", change, `id = '${w.messageId}'`);
const outbound = (w: FullWorld) => (change: string) =>
  update(
    "public.conversation_messages",
    change,
    `workspace_id = '${w.workspaceId}' and direction = 'outbound' and scheduled_at is null`,
  );
const medium = (w: FullWorld) => (change: string) =>
  update("public.message_media", change, `message_id = '${w.messageId}'`);
const attempt = (w: FullWorld) => (change: string) =>
  update(
    "public.message_attempts",
    change,
    `workspace_id = '${w.workspaceId}' and attempt_number = 1`,
  );
const call = (w: FullWorld) => (change: string) =>
  update("public.calls", change, `conversation_id = '${w.conversationId}'`);
const event = (w: FullWorld) => (change: string) =>
  update("public.webhook_events", change, `workspace_id = '${w.workspaceId}'`);

const email = (w: FullWorld) => (change: string) =>
  update("public.email_details", change, `message_id = '${w.messageId}'`);
const schedule = (w: FullWorld) => (change: string) =>
  update("public.message_schedules", change, `message_id = '${w.scheduledMessageId}'`);
const monthly = `recurrence = '{"every": "month"}', time_zone = 'UTC', local_at = now()`;
const quietHours = (w: FullWorld) => (change: string) =>
  update("public.quiet_hours", change, `workspace_id = '${w.workspaceId}'`);
const template = (w: FullWorld) => (change: string) =>
  update("public.template_details", change, `message_id = '${w.messageId}'`);

const addJob = (w: FullWorld, column: string, value: string) => `
  insert into private.outbound_jobs (message_id, workspace_id, ${column})
  values ('${w.messageId}', '${w.workspaceId}', ${value})`;
const addLease = (step: string, jobs: string) => `
  insert into private.outbound_leases (token, step, ends_at, jobs)
  values (gen_random_uuid(), '${step}', now(), ${jobs})`;
const flag = (w: FullWorld) => (change: string) =>
  update("public.conversation_flags", change, `message_id = '${w.messageId}'`);

/** Conversations, what is said in them and how it travels. */
export const CONVERSATIONS: Impossible = {
  calls_direction_is_known: (w) => call(w)("direction = 'sideways', agent_id = null"),
  calls_duration_is_of_answered: (w) => [
    call(w)("duration_seconds = 1, status = 'in_progress', answered_at = now()"),
    call(w)("duration_seconds = 1, status = 'busy', ended_at = now()"),
    call(w)("duration_seconds = -1, status = 'completed', answered_at = now(), ended_at = now()"),
  ],
  calls_end_after_answer: (w) =>
    call(w)("status = 'completed', answered_at = now(), ended_at = now() - interval '1 second'"),
  calls_ended_when_final: (w) => [
    call(w)("ended_at = now()"),
    ...["completed", "busy", "no_answer", "canceled", "failed"].map((status) =>
      call(w)(`status = '${status}', error_code = 'x'`)
    ),
  ],
  calls_failure_says_why: (w) => call(w)("status = 'failed', ended_at = now()"),
  calls_in_progress_is_answered: (w) => call(w)("status = 'in_progress'"),
  calls_inbound_is_of_nobody: (w) => [
    call(w)("direction = 'inbound'"),
    call(w)(`direction = 'inbound', agent_id = null, started_by = '${w.ownerId}'`),
  ],
  calls_inbound_says_nothing: (w) => [
    call(w)("direction = 'inbound', agent_id = null, spoken_text = 'x', language = 'en'"),
    call(w)(
      "direction = 'inbound', agent_id = null, idempotency_key = 'x', idempotency_fingerprint = sha256('x')",
    ),
  ],
  calls_key_has_fingerprint: (w) => [
    call(w)("idempotency_key = 'x'"),
    call(w)("idempotency_fingerprint = sha256('x')"),
    call(w)("idempotency_key = 'x', idempotency_fingerprint = 'x'"),
  ],
  calls_key_has_length: (w) => [
    call(w)("idempotency_key = '', idempotency_fingerprint = sha256('x')"),
    call(w)("idempotency_key = repeat('x', 256), idempotency_fingerprint = sha256('x')"),
  ],
  calls_language_is_a_tag: (w) => call(w)("spoken_text = 'x', language = 'plain English'"),
  calls_text_has_language: (w) => [
    call(w)("spoken_text = 'x'"),
    call(w)("language = 'en'"),
  ],
  calls_text_has_length: (w) => [
    call(w)("spoken_text = '', language = 'en'"),
    call(w)("spoken_text = repeat('x', 4001), language = 'en'"),
  ],
  calls_price_has_currency: (w) => [
    call(w)("price = 1"),
    call(w)("price_currency = 'USD'"),
    call(w)("price = 1, price_currency = 'usd'"),
  ],
  calls_price_is_an_amount: (w) => [
    call(w)("price = -1, price_currency = 'USD'"),
    call(w)("price = 'NaN', price_currency = 'USD'"),
    call(w)("price = 'Infinity', price_currency = 'USD'"),
  ],
  calls_started_by_one: (w) => call(w)(`started_by = '${w.ownerId}'`),
  calls_status_is_known: (w) => call(w)("status = 'lost'"),
  calls_unanswered_has_no_answer: (w) => [
    call(w)("answered_at = now()"),
    call(w)("status = 'ringing', answered_at = now()"),
    call(w)("status = 'busy', ended_at = now(), answered_at = now()"),
    call(w)("status = 'no_answer', ended_at = now(), answered_at = now()"),
  ],
  conversation_messages_campaign_is_of_class: (w) => [
    outbound(w)(`campaign_id = '${w.campaignId}'`),
    outbound(w)("message_class = 'campaign'"),
  ],
  conversation_messages_class_is_known: (w) => outbound(w)("message_class = 'gossip'"),
  conversation_messages_cost_is_an_amount: (w) => [
    outbound(w)("estimated_cost = -1"),
    outbound(w)("estimated_cost = 'NaN'"),
    outbound(w)("estimated_cost = 'Infinity'"),
  ],
  conversation_messages_engine_serves_outbound: (w) => [
    inbound(w)("message_class = 'one_time_code'"),
    inbound(w)("is_platform = true"),
    inbound(w)("is_sender_fixed = true"),
    inbound(w)("estimated_cost = 1"),
  ],
  conversation_messages_parts_are_counted: (w) => outbound(w)("segment_count = -1"),
  conversation_flags_resolution_is_known: (w) =>
    flag(w)("resolution = 'x', resolved_at = now(), resolved_by = gen_random_uuid()"),
  conversation_flags_resolution_is_whole: (w) => [
    flag(w)("resolution = 'dismissed', resolved_at = now()"),
    flag(w)("resolution = 'dismissed', resolved_by = gen_random_uuid()"),
    flag(w)("resolved_at = now(), resolved_by = gen_random_uuid()"),
  ],
  conversation_flags_resolved_after_start: (w) =>
    flag(w)(
      "resolution = 'dismissed', resolved_by = gen_random_uuid(), resolved_at = created_at - interval '1 second'",
    ),
  conversation_flags_words_are_said: (w) => flag(w)("words = ''"),
  conversation_messages_direction_is_known: (w) =>
    inbound(w)("direction = 'sideways', status = 'queued', external_id = null"),
  conversation_messages_failure_says_why: (w) => [
    outbound(w)("status = 'failed', error_code = null"),
    outbound(w)("status = 'undelivered', error_code = null"),
  ],
  conversation_messages_inbound_is_of_nobody: (w) => [
    inbound(w)(`sender_id = '${w.ownerId}'`),
    inbound(w)(`agent_id = '${w.agentId}'`),
    inbound(w)("scheduled_at = now()"),
  ],
  conversation_messages_one_sender: (w) => inbound(w)(`email_sender_id = '${w.emailSenderId}'`),
  conversations_lists_are_whole: (w) => [
    conversation(w)("labels = '{vip,null}'"),
    conversation(w)("tags = '{null}'"),
  ],
  conversations_one_sender: (w) => conversation(w)(`email_sender_id = '${w.emailSenderId}'`),
  conversation_messages_inbound_names_its_source: (w) => [
    inbound(w)("external_id = null"),
    outbound(w)("external_id = 'SM1'"),
    inbound(w)("external_id = ''"),
  ],
  conversation_messages_key_has_fingerprint: (w) => [
    outbound(w)("idempotency_key = 'x'"),
    outbound(w)("idempotency_fingerprint = sha256('x')"),
    outbound(w)("idempotency_key = 'x', idempotency_fingerprint = 'x'"),
  ],
  conversation_messages_key_is_of_outbound: (w) => [
    inbound(w)("idempotency_key = 'x', idempotency_fingerprint = sha256('x')"),
    outbound(w)("idempotency_key = '', idempotency_fingerprint = sha256('x')"),
    outbound(w)("idempotency_key = repeat('x', 256), idempotency_fingerprint = sha256('x')"),
  ],
  conversation_messages_received_when_inbound: (w) => [
    inbound(w)("status = 'delivered'"),
    outbound(w)("status = 'received'"),
  ],
  conversation_messages_scheduled_has_time: (w) =>
    outbound(w)("status = 'scheduled', scheduled_at = null"),
  conversation_messages_status_is_known: (w) => outbound(w)("status = 'lost'"),
  conversation_messages_written_by_one: (w) =>
    outbound(w)(`sender_id = '${w.memberId}', agent_id = '${w.agentId}'`),
  conversations_channel_is_known: (w) => conversation(w)("channel = 'pigeon'"),
  conversations_status_is_known: (w) => conversation(w)("status = 'lost'"),
  conversations_subject_has_length: (w) => badLengths(conversation(w), "subject", 998),
  email_attachments_position_is_positive: (w) =>
    update("private.email_attachments", "position = 0", `message_id = '${w.messageId}'`),
  email_details_attachments_are_a_list: (w) => email(w)("attachments = '{}'"),
  email_details_headers_are_an_object: (w) => email(w)("headers = '[]'"),
  email_details_lists_are_whole: (w) =>
    ["cc", "bcc", "reference_ids"].map((column) => email(w)(`${column} = '{null}'`)),
  email_details_message_id_is_said: (w) => email(w)("internet_message_id = ''"),
  email_details_subject_has_length: (w) => email(w)("subject = repeat('x', 999)"),
  message_attempts_accepted_has_external_id: (w) =>
    attempt(w)("outcome = 'accepted', finished_at = now()"),
  message_attempts_finished_with_outcome: (w) => [
    attempt(w)("finished_at = now()"),
    attempt(w)("outcome = 'unknown'"),
  ],
  message_attempts_number_is_positive: (w) => attempt(w)("attempt_number = 0"),
  message_attempts_outcome_is_known: (w) => attempt(w)("outcome = 'maybe', finished_at = now()"),
  message_attempts_price_has_currency: (w) => [
    attempt(w)("price = 1"),
    attempt(w)("price_currency = 'USD'"),
    attempt(w)("price = 1, price_currency = 'usd'"),
  ],
  message_attempts_price_is_an_amount: (w) => [
    attempt(w)("price = -1, price_currency = 'USD'"),
    attempt(w)("price = 'NaN', price_currency = 'USD'"),
    attempt(w)("price = 'Infinity', price_currency = 'USD'"),
  ],
  message_attempts_rejected_says_why: (w) =>
    attempt(w)("outcome = 'rejected', finished_at = now()"),
  message_attempts_segment_count_is_positive: (w) => attempt(w)("segment_count = 0"),
  message_media_is_in_one_place: (w) => [
    medium(w)("url = null"),
    medium(w)(`storage_path = '${w.workspaceId}/1.png'`),
  ],
  message_media_path_is_of_workspace: (w) => [
    medium(w)("url = null, storage_path = gen_random_uuid() || '/1.png'"),
    medium(w)(`url = null, storage_path = '${w.workspaceId}/../1.png'`),
  ],
  message_media_position_is_positive: (w) => medium(w)("position = 0"),
  message_media_url_is_https: (w) => [
    medium(w)("url = 'http://x'"),
    medium(w)("url = 'https://' || repeat('x', 2048)"),
  ],
  look_ups_attempt_is_counted: (w) => `
    insert into private.look_ups (message_id, workspace_id, attempt_number)
    values ('${w.messageId}', '${w.workspaceId}', 0)`,
  outbound_jobs_channel_is_known: (w) => addJob(w, "channel", "'pigeon'"),
  outbound_jobs_class_is_known: (w) => addJob(w, "message_class", "'gossip'"),
  outbound_jobs_attempts_are_counted: (w) => addJob(w, "attempt_count", "-1"),
  outbound_jobs_failures_are_counted: (w) => addJob(w, "failure_count", "-1"),
  outbound_jobs_place_is_in_line: (w) => [
    addJob(w, "place", "1"),
    addJob(w, "waits_for", "gen_random_uuid()"),
  ],
  outbound_leases_hold_something: () => addLease("send", "'{}'"),
  outbound_leases_step_is_known: () => addLease("dance", "array[null::private.leased_job]"),
  sender_clocks_day_count_is_not_negative: () => `
    insert into private.sender_clocks (sender_id, day_count) values (gen_random_uuid(), -1)`,
  message_schedules_clock_shows_time: (w) => [
    schedule(w)("time_zone = 'UTC'"),
    schedule(w)("local_at = now()"),
  ],
  message_schedules_conditions_are_known: (w) => [
    schedule(w)(`"unless" = '{moon}'`),
    schedule(w)(`"unless" = '{replied,null}'`),
  ],
  message_schedules_later_ones_recur: (w) => schedule(w)("occurrence = 2"),
  message_schedules_month_day_is_of_calendar: (w) => [
    schedule(w)(`${monthly}, month_day = 0`),
    schedule(w)(`${monthly}, month_day = 32`),
  ],
  message_schedules_month_day_is_of_monthly: (w) => [
    schedule(w)("month_day = 1"),
    schedule(w)(monthly),
    schedule(w)(
      `recurrence = '{"every": "day"}', time_zone = 'UTC', local_at = now(), month_day = 1`,
    ),
  ],
  message_schedules_occurrence_is_positive: (w) =>
    schedule(w)(
      "occurrence = 0, recurrence = '{\"every\": \"day\"}', time_zone = 'UTC', local_at = now()",
    ),
  message_schedules_recurrence_has_clock: (w) => schedule(w)(`recurrence = '{"every": "day"}'`),
  message_schedules_recurrence_says_how_often: (w) =>
    ["[]", "{}", '{"every": "year"}'].map((recurrence) =>
      schedule(w)(`recurrence = '${recurrence}', time_zone = 'UTC', local_at = now()`)
    ),
  message_schedules_time_zone_is_said: (w) => schedule(w)("time_zone = '', local_at = now()"),
  quiet_hours_are_times_of_day: (w) => [
    quietHours(w)("starts_at = '24:00'"),
    quietHours(w)("ends_at = '24:00'"),
  ],
  quiet_hours_leave_time_to_send: (w) => quietHours(w)("starts_at = ends_at"),
  template_details_external_id_is_said: (w) => template(w)("external_id = ''"),
  template_details_language_is_a_tag: (w) => template(w)("language = 'plain English'"),
  template_details_variables_are_texts: (w) => [
    template(w)("variables = '[]'"),
    template(w)(`variables = '{"1": 2}'`),
  ],
  webhook_events_kind_is_known: (w) => event(w)("kind = 'rumour'"),
  webhook_events_processed_has_time: (w) => [
    event(w)("processed_at = null"),
    event(w)("state = 'received'"),
  ],
  webhook_events_state_is_known: (w) => event(w)("processed_at = null, state = 'lost'"),
  webhook_events_trouble_says_why: (w) => [
    event(w)("processed_at = null, state = 'failed', reason = null"),
    event(w)("processed_at = null, state = 'quarantined', reason = null"),
  ],
  webhook_refusals_are_counted: () =>
    `insert into private.webhook_refusals (provider, reason, hour, refusal_count)
      values ('twilio', 'unknown_token', '2000-01-01', 0)`,
  webhook_refusals_reason_is_known: () =>
    `insert into private.webhook_refusals (provider, reason, hour, refusal_count)
      values ('twilio', 'mood', now(), 1)`,
};
