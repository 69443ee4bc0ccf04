import type { FullWorld } from "../../support/full_world.ts";
import { badLengths, type Impossible, update } from "./statements.ts";

const contact = (w: FullWorld) => (change: string) =>
  update("public.contacts", change, `id = '${w.contactId}'`);
const address = (w: FullWorld) => (change: string) =>
  update("public.contact_addresses", change, `contact_id = '${w.contactId}'`);
const optOut = (w: FullWorld) => (change: string) =>
  update("public.opt_outs", change, `workspace_id = '${w.workspaceId}'`);
const widget = (w: FullWorld) => (change: string) =>
  update("public.live_chat_widgets", change, `id = '${w.widgetId}'`);
const session = (w: FullWorld) => (change: string) =>
  update("public.live_chat_sessions", change, `widget_id = '${w.widgetId}'`);

const end = "ended_at = now(), ended_source =";

/** The people on the other side, their word and their visits. */
export const CONTACTS: Impossible = {
  contact_addresses_address_fits_kind: (w) => [
    address(w)("kind = 'email', address = 'Not@Lower.example'"),
    address(w)("kind = 'email', address = 'nowhere'"),
    address(w)("kind = 'email', address = repeat('x', 250) || '@x.example'"),
    address(w)("kind = 'phone', address = '+0'"),
    address(w)("kind = 'phone', address = e'a\\nb'"),
  ],
  contact_addresses_kind_is_known: (w) => address(w)("kind = 'fax', address = 'a@b'"),
  contacts_attributes_are_an_object: (w) => contact(w)("attributes = '[]'"),
  contacts_attributes_have_size: (w) =>
    contact(w)("attributes = jsonb_build_object('x', repeat('x', 16384))"),
  contacts_time_zone_is_known: (w) =>
    ["", "Mars/Olympus", "PST", "FOO3"].map((zone) => contact(w)(`time_zone = '${zone}'`)),
  contacts_labels_are_whole: (w) => contact(w)("labels = '{vip,null}'"),
  contacts_display_name_has_length: (w) => badLengths(contact(w), "display_name", 200),
  live_chat_session_tokens_hash_is_sha256: (w) =>
    `update private.live_chat_session_tokens set token_hash = substring(token_hash from 2) where session_id in
      (select id from public.live_chat_sessions where widget_id = '${w.widgetId}')`,
  live_chat_sessions_email_is_an_address: (w) => session(w)("visitor_email = 'nowhere'"),
  live_chat_sessions_end_after_start: (w) => [
    session(w)("ended_at = started_at - interval '1 second'"),
    session(w)("last_seen_at = started_at - interval '1 second'"),
  ],
  live_chat_sessions_page_is_web: (w) => [
    session(w)("page_url = 'ftp://x'"),
    session(w)("page_url = 'https://' || repeat('x', 2048)"),
  ],
  live_chat_sessions_visitor_name_has_length: (w) => badLengths(session(w), "visitor_name", 200),
  live_chat_widgets_greeting_has_length: (w) => badLengths(widget(w), "greeting", 500),
  live_chat_widgets_key_is_long: (w) => widget(w)("public_key = 'guessable'"),
  live_chat_widgets_name_has_length: (w) => badLengths(widget(w), "name", 100),
  live_chat_widgets_origins_are_web: (w) => [
    widget(w)("allowed_origins = '{}'"),
    widget(w)("allowed_origins = '{ftp://x}'"),
    widget(w)("allowed_origins = '{https://x.example,null}'"),
    widget(w)("allowed_origins = '{https://x.example/page}'"),
  ],
  opt_outs_address_fits_kind: (w) => [
    optOut(w)("kind = 'email', address = 'Not@Lower.example'"),
    optOut(w)("kind = 'phone', address = '+0'"),
  ],
  opt_outs_end_after_start: (w) =>
    optOut(w)("ended_at = opted_out_at - interval '1 second', ended_source = 'provider'"),
  opt_outs_end_is_whole: (w) => [
    optOut(w)("ended_at = now()"),
    optOut(w)("ended_source = 'provider'"),
    optOut(w)("ended_wording = 'x'"),
    optOut(w)("ended_message_id = gen_random_uuid()"),
    optOut(w)("ended_actor_id = gen_random_uuid()"),
  ],
  opt_outs_ended_keyword_has_proof: (w) => [
    optOut(w)(`${end} 'keyword'`),
    optOut(w)(`${end} 'keyword', ended_wording = 'START'`),
    optOut(w)(`${end} 'keyword', ended_message_id = gen_random_uuid()`),
  ],
  opt_outs_ended_member_is_named: (w) => optOut(w)(`${end} 'member'`),
  opt_outs_ended_source_is_known: (w) => optOut(w)(`${end} 'mood'`),
  opt_outs_keyword_has_proof: (w) => [
    optOut(w)("source = 'keyword', wording = null"),
    optOut(w)("source = 'keyword', wording = 'STOP'"),
    optOut(w)("source = 'keyword', wording = null, message_id = gen_random_uuid()"),
  ],
  opt_outs_kind_is_known: (w) => optOut(w)("kind = 'fax', address = 'a@b'"),
  opt_outs_wording_is_said: (w) => [
    optOut(w)("wording = ''"),
    optOut(w)(`${end} 'provider', ended_wording = ''`),
  ],
  opt_outs_member_is_named: (w) => optOut(w)("actor_id = null"),
  opt_outs_source_is_known: (w) => optOut(w)("source = 'mood'"),
};
