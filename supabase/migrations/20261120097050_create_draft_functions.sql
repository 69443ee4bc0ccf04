-- How the parts of a message that only one channel has are read: e-mail and templates.

create function private.as_uuid(value text)
returns uuid language sql immutable set search_path = ''
as $$
  select case
    when as_uuid.value ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then as_uuid.value::uuid
  end;
$$;
comment on function private.as_uuid(text) is 'The UUID that a text spells; null when it spells none.';
revoke execute on function private.as_uuid(text) from public, anon, authenticated;

create function private.is_mailbox(address text)
returns boolean language sql immutable set search_path = ''
as $$
  select private.is_address('email', is_mailbox.address)
    and is_mailbox.address ~ '^[^[:space:][:cntrl:]@<>()\[\]",:;\\]{1,64}@[^[:space:][:cntrl:]@<>()\[\]",:;\\*]+$';
$$;
comment on function private.is_mailbox(text) is
  'Whether an e-mail can go there: an address without anything that could end a header or a list.';
revoke execute on function private.is_mailbox(text) from public, anon, authenticated;

create function private.text_list(list jsonb)
returns text[] language sql immutable set search_path = ''
as $$
  select case
    when jsonb_typeof(text_list.list) = 'array'
      then array(select u.item from jsonb_array_elements_text(text_list.list) with ordinality as u (item, position)
        order by u.position)
    else '{}'
  end;
$$;
comment on function private.text_list(jsonb) is 'A JSON list as an array of texts; empty for anything else.';
revoke execute on function private.text_list(jsonb) from public, anon, authenticated;

create function private.reply_subject(subject text)
returns text language sql immutable set search_path = ''
as $$
  select left(
    'Re: ' || coalesce(
      nullif(regexp_replace(coalesce(reply_subject.subject, ''), '^(\s*(re|aw|sv|antw)\s*:\s*)+', '', 'i'), ''),
      '(no subject)'
    ),
    998
  );
$$;
comment on function private.reply_subject(text) is 'The subject of an answer: Re: stands before it once.';
revoke execute on function private.reply_subject(text) from public, anon, authenticated;

-- Mail programs look at the first, which began the thread, and at the latest; a header line has an end.
create function private.reference_chain(reference_ids text[], message_id text)
returns text[] language sql immutable set search_path = ''
as $$
  select case
    when cardinality(c.ids) <= 10 then c.ids
    else c.ids[1:1] || c.ids[cardinality(c.ids) - 8:]
  end
  from (
    select array_remove(
      array_remove(reference_chain.reference_ids, reference_chain.message_id) || reference_chain.message_id, null
    ) as ids
  ) as c;
$$;
comment on function private.reference_chain(text[], text) is
  'What an answer to an e-mail refers to: what that one referred to, and that one last.';
revoke execute on function private.reference_chain(text[], text) from public, anon, authenticated;

create function private.find_attachment_flaw(attachments jsonb)
returns table (error_code text, error_field text, error_message text)
language sql immutable set search_path = ''
as $$
  with listed as (
    select
      e.attachment,
      e.attachment ->> 'file_name' as file_name,
      e.attachment ->> 'content_type' as content_type,
      e.attachment ->> 'content' as content,
      'attachments.' || (e.position - 1) as field
    from jsonb_array_elements(
      case when jsonb_typeof(find_attachment_flaw.attachments) = 'array' then find_attachment_flaw.attachments else '[]' end
    ) with ordinality as e (attachment, position)
  )
  select c.error_code, c.error_field, c.error_message from (
    select 1 as rank, 'invalid_request' as error_code, 'attachments' as error_field, 'the attachments are not a list' as error_message
    where jsonb_typeof(find_attachment_flaw.attachments) not in ('array', 'null')
    union all
    select 2, 'invalid_request', l.field || '.file_name', 'an attachment has no plain name of up to 255 characters'
    from listed as l
    where (char_length(trim(l.file_name)) between 1 and 255 and l.file_name !~ '[[:cntrl:]]') is not true
    union all
    select 3, 'invalid_request', l.field || '.content_type', 'an attachment''s content type is not one such as application/pdf'
    from listed as l
    where (l.content_type ~ '^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$') is not true
    union all
    select 4, 'invalid_request', l.field || '.content', 'an attachment is not in base64'
    from listed as l
    where (l.content ~ '^[A-Za-z0-9+/]+={0,2}$' and char_length(l.content) % 4 = 0) is not true
    union all
    select 5, 'too_many_attachments', 'attachments', 'it has more than 20 attachments'
    from listed having count(*) > 20
    union all
    select 6, 'too_large', 'attachments', 'the attachments have more than 7 MB together'
    from listed as l having sum(char_length(l.content)) * 3 / 4 > 7 * 1024 * 1024
  ) as c
  order by c.rank
  limit 1;
$$;
comment on function private.find_attachment_flaw(jsonb) is 'What is wrong with the attachments of an e-mail; no row when nothing is.';
revoke execute on function private.find_attachment_flaw(jsonb) from public, anon, authenticated;

create function private.find_header_flaw(headers jsonb)
returns text language sql immutable set search_path = ''
as $$
  select case
    when jsonb_typeof(find_header_flaw.headers) not in ('object', 'null') then 'the headers are not an object'
    when jsonb_typeof(find_header_flaw.headers) = 'object' then (
      select case
        when h.name !~ '^[!-9;-~]{1,76}$' then 'a header''s name is malformed'
        when jsonb_typeof(h.value) <> 'string' or char_length(h.value #>> '{}') > 998
          then 'a header is not a text of up to 998 characters'
        when h.value #>> '{}' ~ '[[:cntrl:]\u2028\u2029]' then 'a header holds a line break or another control character'
        else 'the header ' || h.name || ' is not free to set: use the field for it'
      end
      from jsonb_each(find_header_flaw.headers) as h (name, value)
      where h.name !~ '^[!-9;-~]{1,76}$'
        or jsonb_typeof(h.value) <> 'string' or char_length(h.value #>> '{}') > 998
        or h.value #>> '{}' ~ '[[:cntrl:]\u2028\u2029]'
        or lower(h.name) in (
          'to', 'from', 'cc', 'bcc', 'subject', 'reply-to', 'sender', 'message-id', 'in-reply-to', 'references', 'date',
          'return-path', 'content-type', 'content-transfer-encoding', 'mime-version', 'dkim-signature', 'received'
        )
      limit 1
    )
  end;
$$;
comment on function private.find_header_flaw(jsonb) is
  'What is wrong with the further headers of an e-mail; null when nothing is. A line break would begin another header.';
revoke execute on function private.find_header_flaw(jsonb) from public, anon, authenticated;

create function private.find_email_flaw(message jsonb, subject text)
returns table (error_code text, error_field text, error_message text)
language sql immutable set search_path = ''
as $$
  with given as materialized (
    select
      private.text_list(find_email_flaw.message -> 'cc') as cc,
      private.text_list(find_email_flaw.message -> 'bcc') as bcc,
      coalesce(find_email_flaw.message ->> 'html', '') as html,
      private.find_header_flaw(find_email_flaw.message -> 'headers') as header_flaw
  )
  select f.error_code, f.error_field, f.error_message
  from given as g
  cross join lateral (
    select * from (values
      (1, coalesce(find_email_flaw.subject, '') !~ '\S', 'subject_missing', 'subject', 'an e-mail that begins a conversation needs a subject'),
      (
        2, char_length(find_email_flaw.subject) > 998 or find_email_flaw.subject ~ '[[:cntrl:]\u2028\u2029]',
        'invalid_request', 'subject', 'the subject is not one line of up to 998 characters'
      ),
      (3, jsonb_typeof(find_email_flaw.message -> 'cc') not in ('array', 'null'), 'invalid_request', 'cc', 'it is not a list'),
      (4, jsonb_typeof(find_email_flaw.message -> 'bcc') not in ('array', 'null'), 'invalid_request', 'bcc', 'it is not a list'),
      (
        5, exists (select from unnest(g.cc) as u (address) where private.is_mailbox(u.address) is not true),
        'invalid_recipient', 'cc', 'it holds something that is not an e-mail address in lower case'
      ),
      (
        6, exists (select from unnest(g.bcc) as u (address) where private.is_mailbox(u.address) is not true),
        'invalid_recipient', 'bcc', 'it holds something that is not an e-mail address in lower case'
      ),
      (7, cardinality(g.cc) + cardinality(g.bcc) > 49, 'too_many_recipients', 'cc', 'it has more than 50 recipients'),
      (
        8, private.is_mailbox(find_email_flaw.message ->> 'reply_to') is false,
        'invalid_request', 'reply_to', 'it is not an e-mail address in lower case'
      ),
      (9, char_length(g.html) > 1000000, 'message_too_long', 'html', 'the HTML is longer than 1,000,000 characters'),
      (10, g.header_flaw is not null, 'invalid_request', 'headers', g.header_flaw)
    ) as c (rank, is_refused, error_code, error_field, error_message)
    where c.is_refused
    union all
    select 11, true, a.error_code, a.error_field, a.error_message
    from private.find_attachment_flaw(find_email_flaw.message -> 'attachments') as a
    order by 1
    limit 1
  ) as f;
$$;
comment on function private.find_email_flaw(jsonb, text) is
  'What is wrong with what only an e-mail has; no row when nothing is.';
revoke execute on function private.find_email_flaw(jsonb, text) from public, anon, authenticated;

create type private.template_choice as (
  template_id uuid, external_id text, language text, variables jsonb, body text, flaw_field text, flaw text
);
comment on type private.template_choice is 'The template that a message is sent by, or what is wrong with it.';

create function private.choose_template(workspace_id uuid, template jsonb)
returns private.template_choice language plpgsql stable set search_path = ''
as $$
declare
  v_given jsonb := choose_template.template;
  v_variables jsonb := coalesce(v_given -> 'variables', '{}');
  v_choice private.template_choice;
  v_stored public.message_templates;
  v_variable record;
  v_value text;
begin
  if jsonb_typeof(v_given) <> 'object' then
    v_choice.flaw_field := 'template';
    v_choice.flaw := 'the template is not an object';
    return v_choice;
  end if;
  if jsonb_typeof(v_variables) <> 'object' or jsonb_path_exists(v_variables, '$.* ? (@.type() <> "string")') then
    v_choice.flaw_field := 'template.variables';
    v_choice.flaw := 'the variables are not an object of texts';
    return v_choice;
  end if;
  if v_given ->> 'template_id' is null then
    v_choice.external_id := v_given ->> 'external_id';
    v_choice.language := v_given ->> 'language';
    v_choice.variables := v_variables;
    if (char_length(v_choice.external_id) between 1 and 255) is not true then
      v_choice.flaw_field := 'template.external_id';
      v_choice.flaw := 'neither template_id nor the provider''s external_id names a template';
    elsif (v_choice.language ~ '^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$') is not true then
      v_choice.flaw_field := 'template.language';
      v_choice.flaw := 'the language is not a tag such as en or pt-BR';
    end if;
    return v_choice;
  end if;

  select * into v_stored from public.message_templates as t
  where t.workspace_id = choose_template.workspace_id and t.id = private.as_uuid(v_given ->> 'template_id')
    and t.channel = 'whatsapp' and t.is_active and t.external_id is not null;
  if not found then
    v_choice.flaw_field := 'template.template_id';
    v_choice.flaw := 'there is no active WhatsApp template with a provider''s id by this id';
    return v_choice;
  end if;
  v_choice.template_id := v_stored.id;
  v_choice.external_id := v_stored.external_id;
  v_choice.language := v_stored.language;
  v_choice.body := v_stored.body;
  v_choice.variables := '{}';
  -- Here variables have names; providers number them, in the order in which they are listed.
  for v_variable in
    select e.variable ->> 'name' as name, coalesce((e.variable ->> 'is_required')::boolean, true) as is_required, e.position
    from jsonb_array_elements(v_stored.variables) with ordinality as e (variable, position)
    order by e.position
  loop
    v_value := coalesce(v_variables ->> v_variable.name, v_variables ->> v_variable.position::text, '');
    if v_variable.is_required and v_value = '' then
      v_choice.flaw_field := 'template.variables.' || v_variable.name;
      v_choice.flaw := 'the template needs the variable ' || v_variable.name;
      return v_choice;
    end if;
    v_variables := v_variables - v_variable.name - v_variable.position::text;
    v_choice.variables := v_choice.variables || jsonb_build_object(v_variable.position, v_value);
    v_choice.body := replace(
      replace(v_choice.body, '{{' || v_variable.name || '}}', v_value), '{{' || v_variable.position || '}}', v_value
    );
  end loop;
  if v_variables <> '{}' then
    v_choice.flaw_field := 'template.variables.' || (select min(k.name) from jsonb_object_keys(v_variables) as k (name));
    v_choice.flaw := 'the template has no such variable';
  end if;
  return v_choice;
end;
$$;
comment on function private.choose_template(uuid, jsonb) is
  'The template that a message names, by its id here or the provider''s, with its variables as the provider numbers them.';
revoke execute on function private.choose_template(uuid, jsonb) from public, anon, authenticated;
