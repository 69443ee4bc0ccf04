-- Which words each provider acts on by itself: it answers them and blocks, so that a second answer is refused.
-- https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out (read 2026-11-20)
-- https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out (read 2026-11-20)
-- https://docs.bird.com/applications/enable-channels/sms/sms-10dlc/opt-in-and-opt-out-compliance (read 2026-11-20);
-- another page of Bird's does not list YES, which is left out.
-- https://help.clicksend.com/article/vlehq0n767-opt-outs-frequently-asked-questions (read 2026-11-20): no answer is to
-- follow a STOP, and one to a carrier's opt-out fails.
-- Vonage's Opt-Out Assist has to be asked for, and Bandwidth leaves all but toll-free numbers to its customers.
update public.service_providers as p
set configuration_metadata = p.configuration_metadata || jsonb_build_object('opt_out_words', w.words)
from (values
  ('twilio', '{
    "stop": ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
    "start": ["START", "YES", "UNSTOP"]
  }'::jsonb),
  ('telnyx', '{
    "stop": ["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"],
    "start": ["START", "UNSTOP"]
  }'),
  ('signalwire', '{
    "stop": ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"],
    "start": ["START", "UNSTOP"]
  }'),
  ('messagebird', '{
    "stop": ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "ARRET"],
    "start": ["START", "UNSTOP"]
  }'),
  ('clicksend_sms', '{ "stop": ["STOP"], "start": [] }'),
  ('vonage', '{ "stop": [], "start": [] }'),
  ('bandwidth', '{ "stop": [], "start": [] }')
) as w (name, words)
where p.name = w.name;

alter table public.service_providers add constraint service_providers_opt_out_words_are_listed check (
  (
    not configuration_metadata ? 'opt_out_words'
    or array[
      jsonb_typeof(configuration_metadata #> '{opt_out_words,stop}'),
      jsonb_typeof(configuration_metadata #> '{opt_out_words,start}')
    ] is not distinct from array['array', 'array']
  )
  and not jsonb_path_exists(
    configuration_metadata, '$.opt_out_words.*[*] ? (@.type() != "string" || !(@ like_regex "^[A-Z]+( [A-Z]+)*$"))'
  )
);
comment on column public.service_providers.configuration_metadata is
  'How to connect the provider and what it can do. '
  'authentication_type: basic_auth, bearer_token, api_key_header, oauth2_client_credentials (at token_url) or '
  'basic_auth_or_jwt. '
  'auth_header_format: the Authorization header, or another one named before its value. '
  'api_base_url: the first of api_base_urls, where there are several. '
  'credential_fields: name, label, pattern, is_secret, is_required, help. '
  'supported_channels: of sms, mms, whatsapp, voice, email. '
  'features: what the provider offers, the same keys for every provider; message_history is kept by Switchboard. '
  'webhook: where its URL lives, how a request is verified, whether it is signed. '
  'limits: positive numbers with the unit in the name. '
  'country_coverage: listed (in supported_countries, ISO 3166-1 alpha-2), worldwide, or unlisted (no list was found). '
  'mms_countries: where they are known to be fewer. '
  'pricing_model: per_message, per_segment or monthly_plan. '
  'opt_out_words: whole texts (SMS and MMS) that a provider of these takes as a stop or a start and acts on by itself. '
  'documentation_url, setup_instructions (step_1 and on), notes: what an admin would not expect.';
