-- What the engine has to know of a message beyond its words: what it is for, and what it counts for.
alter table public.conversation_messages
  add column message_class text not null default 'conversation',
  add column campaign_id uuid,
  add column segment_count smallint not null default 1,
  add column is_platform boolean not null default false,
  add column is_sender_fixed boolean not null default false,
  add column estimated_cost numeric not null default 0,
  add constraint conversation_messages_class_is_known
    check (message_class in ('conversation', 'one_time_code', 'campaign', 'opt_out_confirmation')),
  add constraint conversation_messages_campaign_is_of_class check ((campaign_id is not null) = (message_class = 'campaign')),
  add constraint conversation_messages_parts_are_counted check (segment_count >= 0),
  add constraint conversation_messages_cost_is_an_amount check (estimated_cost >= 0 and estimated_cost < 'Infinity'),
  add constraint conversation_messages_engine_serves_outbound check (
    direction = 'outbound'
    or (message_class = 'conversation' and not is_platform and not is_sender_fixed and estimated_cost = 0)
  );
comment on column public.conversation_messages.message_class is
  'What it is for: conversation; one_time_code, of use only at once; campaign; opt_out_confirmation. It decides its place in the queue, and what happens when nobody knows whether it was sent.';
comment on column public.conversation_messages.campaign_id is
  'The campaign it belongs to. No foreign key: its check would cost every message.';
comment on column public.conversation_messages.segment_count is
  'Parts it is sent in, by our own count: its share of a sender''s pace.';
comment on column public.conversation_messages.is_platform is 'Goes through a connection of the operator''s, and counts for the plan.';
comment on column public.conversation_messages.is_sender_fixed is
  'Whoever sent it chose the sender: it goes from there or not at all.';
comment on column public.conversation_messages.estimated_cost is 'What it was taken to cost when it was queued, in USD.';
