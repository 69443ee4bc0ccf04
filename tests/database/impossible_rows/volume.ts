import type { FullWorld } from "../../support/full_world.ts";
import { badLengths, type Impossible, update } from "./statements.ts";

const channel = (w: FullWorld) => (change: string) =>
  update("public.team_channels", change, `id = '${w.teamChannelId}'`);
const teamMessage = (w: FullWorld) => (change: string) =>
  update("public.team_messages", change, `team_channel_id = '${w.teamChannelId}'`);
const template = (w: FullWorld) => (change: string) =>
  update("public.message_templates", change, `id = '${w.templateId}'`);
const campaign = (w: FullWorld) => (change: string) =>
  update("public.campaigns", change, `id = '${w.campaignId}'`);
const recipient = (w: FullWorld) => (change: string) =>
  update("public.campaign_recipients", change, `campaign_id = '${w.campaignId}'`);
const rowError = (w: FullWorld) => (change: string) =>
  update("public.campaign_row_errors", change, `campaign_id = '${w.campaignId}'`);
const ESTIMATED = "estimated_at = now(), estimated_segment_count = 1";
const counter = (w: FullWorld) => (change: string) =>
  update("public.usage_counters", change, `workspace_id = '${w.workspaceId}' and channel = 'sms'`);
const daily = (w: FullWorld) => (change: string) =>
  update("public.usage_daily", change, `workspace_id = '${w.workspaceId}'`);

/** Team channels, templates, campaigns and what was used. */
export const VOLUME: Impossible = {
  campaign_recipients_address_has_length: (w) => badLengths(recipient(w), "address", 254),
  campaign_recipients_enqueued_has_message: (w) => [
    recipient(w)("status = 'enqueued'"),
    recipient(w)("message_id = gen_random_uuid()"),
  ],
  campaign_recipients_skipped_says_why: (w) => [
    recipient(w)("status = 'skipped'"),
    recipient(w)("skip_reason = 'recipient_opted_out'"),
  ],
  campaign_recipients_status_is_known: (w) => recipient(w)("status = 'lost'"),
  campaign_recipients_variables_are_an_object: (w) => recipient(w)("variables = '[]'"),
  campaign_recipients_variables_have_size: (w) =>
    recipient(w)("variables = jsonb_build_object('a', repeat('x', 9000))"),
  campaign_row_errors_code_is_a_word: (w) => [
    rowError(w)("code = 'No Word'"),
    rowError(w)("code = ''"),
  ],
  campaign_row_errors_number_is_positive: (w) => rowError(w)("row_number = 0"),
  campaigns_cost_is_an_amount: (w) =>
    ["-1", "'NaN'", "'Infinity'"].map((cost) =>
      campaign(w)(`${ESTIMATED}, estimated_cost = ${cost}`)
    ),
  campaigns_counts_are_not_negative: (w) => [
    campaign(w)("recipient_count = -1"),
    campaign(w)("duplicate_count = -1"),
  ],
  campaigns_country_is_iso: (w) => campaign(w)("default_country = 'us'"),
  campaigns_estimate_is_whole: (w) => [
    campaign(w)(ESTIMATED),
    campaign(w)("estimated_at = now(), estimated_cost = 1"),
    campaign(w)("estimated_segment_count = 1"),
    campaign(w)("estimated_cost = 1"),
  ],
  campaigns_from_address_is_of_email: (w) => [
    campaign(w)("from_address = 'a@example.com'"),
    campaign(w)("channel = 'email', from_address = 'nobody'"),
  ],
  campaigns_key_has_fingerprint: (w) => [
    campaign(w)("idempotency_key = 'x'"),
    campaign(w)("idempotency_fingerprint = sha256('x')"),
    campaign(w)("idempotency_key = 'x', idempotency_fingerprint = 'x'"),
  ],
  campaigns_key_has_length: (w) =>
    badLengths(campaign(w), "idempotency_fingerprint = sha256('x'), idempotency_key", 255),
  campaigns_reason_is_of_a_pause: (w) => campaign(w)("pause_reason = 'no_sender'"),
  campaigns_segments_are_not_negative: (w) =>
    campaign(w)("estimated_at = now(), estimated_cost = 1, estimated_segment_count = -1"),
  campaigns_subject_is_of_email: (w) => [
    campaign(w)("subject = 'x'"),
    campaign(w)("channel = 'email', subject = ''"),
    campaign(w)("channel = 'email', subject = repeat('x', 999)"),
  ],
  campaigns_variables_are_texts: (w) => [
    campaign(w)("variables = '[]'"),
    campaign(w)(`variables = '{"a": 1}'`),
  ],
  campaigns_variables_have_size: (w) =>
    campaign(w)("variables = jsonb_build_object('a', repeat('x', 9000))"),
  campaigns_audience_is_an_object: (w) => campaign(w)("audience = '[]'"),
  campaigns_body_has_length: (w) => badLengths(campaign(w), "body", 100_000),
  campaigns_number_is_not_for_email: (w) =>
    campaign(w)(`channel = 'email', phone_number_id = '${w.phoneNumberId}'`),
  campaigns_channel_is_known: (w) => campaign(w)("channel = 'pigeon'"),
  campaigns_ended_when_final: (w) => [
    campaign(w)("ended_at = now()"),
    campaign(w)("status = 'canceled'"),
    campaign(w)("status = 'completed', started_at = now()"),
  ],
  campaigns_name_has_length: (w) => badLengths(campaign(w), "name", 200),
  campaigns_say_something: (w) => [
    campaign(w)("status = 'scheduled', scheduled_at = now(), template_id = null"),
    campaign(w)("status = 'scheduled', scheduled_at = now(), body = 'x'"),
  ],
  campaigns_scheduled_has_time: (w) => campaign(w)("status = 'scheduled'"),
  campaigns_started_when_under_way: (w) => [
    campaign(w)("status = 'running'"),
    campaign(w)("status = 'paused'"),
    campaign(w)("status = 'completed', ended_at = now()"),
  ],
  campaigns_status_is_known: (w) => campaign(w)("status = 'lost'"),
  message_templates_body_has_length: (w) => badLengths(template(w), "body", 100_000),
  message_templates_channel_is_known: (w) => template(w)("channel = 'pigeon'"),
  message_templates_external_id_is_of_whatsapp: (w) => template(w)("external_id = 'HX1'"),
  message_templates_html_has_length: (w) =>
    badLengths((change) => template(w)(`channel = 'email', ${change}`), "html", 1_000_000),
  message_templates_html_is_of_email: (w) => template(w)("html = 'x'"),
  message_templates_language_is_a_tag: (w) => [
    template(w)("language = 'English'"),
    template(w)("language = 'en_US'"),
  ],
  message_templates_name_is_plain: (w) => [
    template(w)("name = 'No Name'"),
    template(w)("name = repeat('x', 101)"),
  ],
  message_templates_subject_is_of_email: (w) => [
    template(w)("subject = 'x'"),
    template(w)("channel = 'email', subject = ''"),
    template(w)("channel = 'email', subject = repeat('x', 999)"),
  ],
  message_templates_variables_are_described: (w) => [
    template(w)("variables = '{}'"),
    template(w)("variables = '[1]'"),
    template(w)(`variables = '[{"type": "text"}]'`),
    template(w)(`variables = '[{"name": "Day 1", "type": "text"}]'`),
    template(w)(`variables = '[{"name": "day", "type": "mood"}]'`),
  ],
  team_channels_description_has_length: (w) => badLengths(channel(w), "description", 500),
  team_channels_name_has_length: (w) => badLengths(channel(w), "name", 80),
  team_messages_body_has_length: (w) => badLengths(teamMessage(w), "body", 10_000),
  usage_counters_are_not_negative: (w) => [
    counter(w)("reserved_count = -1"),
    counter(w)("settled_count = -1"),
  ],
  usage_counters_costs_are_amounts: (w) => [
    ...["reserved_cost", "settled_cost"].flatMap((column) => [
      counter(w)(`${column} = -1`),
      counter(w)(`${column} = 'NaN'`),
      counter(w)(`${column} = 'Infinity'`),
    ]),
  ],
  outcome_policies_action_is_known: (w) =>
    update("public.outcome_policies", "on_unknown = 'guess'", `workspace_id = '${w.workspaceId}'`),
  outcome_policies_class_is_known: (w) =>
    update("public.outcome_policies", "message_class = 'x'", `workspace_id = '${w.workspaceId}'`),
  usage_counters_channel_is_known: (w) => counter(w)("channel = 'pigeon'"),
  usage_counters_month_is_its_first_day: (w) => counter(w)("month = '2026-11-02'"),
  usage_daily_channel_is_known: (w) => daily(w)("channel = 'pigeon'"),
  usage_daily_cost_has_currency: (w) => daily(w)("cost_currency = 'usd'"),
  usage_daily_counts_are_not_negative: (w) => [
    ...["sent_count", "delivered_count", "failed_count", "received_count", "segment_count"].map(
      (column) => daily(w)(`${column} = -1`),
    ),
    daily(w)("cost = -1"),
    daily(w)("cost = 'NaN'"),
    daily(w)("cost = 'Infinity'"),
  ],
};
