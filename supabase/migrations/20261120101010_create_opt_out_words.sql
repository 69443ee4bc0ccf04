-- Which words mean stop, start and help, as a whole message or within one.

-- Ranges of code points rather than classes of letters: those depend on the locale of the database.
create function private.fold_letters(value text)
returns text language plpgsql immutable set search_path = ''
as $$
begin
  if octet_length(fold_letters.value) = char_length(fold_letters.value) then
    return lower(fold_letters.value collate "C");
  end if;
  -- Compatibility forms become plain letters, accents go, and so does the dot that Turkish keyboards leave out.
  return lower(
    replace(
      regexp_replace(normalize(fold_letters.value, nfkd), '[\u0300-\u036F]', '', 'g'), U&'\0131', 'i'
    ) collate "C"
  );
end;
$$;
comment on function private.fold_letters(text) is
  'A text in small letters without accents, full-width and other forms of them made plain.';
revoke execute on function private.fold_letters(text) from public, anon, authenticated;

create function private.bare_word(body text)
returns text language plpgsql immutable set search_path = ''
as $$
begin
  -- Without another call: every message that is short enough comes by here.
  if octet_length(bare_word.body) = char_length(bare_word.body) then
    return regexp_replace(lower(bare_word.body collate "C"), '[^a-z0-9]+', '', 'g');
  end if;
  -- White space, punctuation, symbols, marks and what is not seen; letters of any script and digits stay.
  return regexp_replace(
    private.fold_letters(bare_word.body),
    '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u00D7\u00F7\u02B0-\u036F\u1AB0-\u1AFF\u1DC0-\u1DFF\u2000-\u2BFF\u2E00-\u2E7F\u3000-\u303F\uFE00-\uFE6F\uFEFF\U0001F000-\U0001FAFF\U000E0000-\U000E01EF]',
    '', 'g'
  );
end;
$$;
comment on function private.bare_word(text) is 'The letters and digits of a text, folded and without anything between them.';
revoke execute on function private.bare_word(text) from public, anon, authenticated;

-- The words of Twilio, Telnyx and AWS, and those that 47 CFR 64.1200(a)(10) makes valid by themselves. A company may
-- not insist on one of them, so all count at every provider.
-- https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out (read 2026-11-20)
-- https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out (read 2026-11-20)
-- https://docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html (read 2026-11-20)
create function private.opt_out_keyword(body text)
returns text language plpgsql immutable set search_path = ''
as $$
begin
  -- The longest word has eleven letters, which leaves room for spaces and exclamation marks.
  if char_length(opt_out_keyword.body) > 40 then
    return null;
  end if;
  return case private.bare_word(opt_out_keyword.body)
    when 'stop' then 'stop'
    when 'stopall' then 'stop'
    when 'unsubscribe' then 'stop'
    when 'cancel' then 'stop'
    when 'end' then 'stop'
    when 'quit' then 'stop'
    when 'revoke' then 'stop'
    when 'optout' then 'stop'
    when 'remove' then 'stop'
    when 'arret' then 'stop'
    when 'td' then 'stop'
    when 'start' then 'start'
    when 'unstop' then 'start'
    when 'yes' then 'start'
    when 'help' then 'help'
    when 'info' then 'help'
  end;
end;
$$;
comment on function private.opt_out_keyword(text) is
  'What a whole message means, whatever its case, spaces, punctuation and accents: stop, start, help, or null for any other. Whether a yes counts is for the provider to say: see heed_keyword.';
revoke execute on function private.opt_out_keyword(text) from public, anon, authenticated;

-- Every keyword counts, cancel, end and quit too, although most sentences with these mean something else: a person
-- dismisses a flag with a look, while a stop that nobody read goes on costing. Beyond the words it knows what people
-- write instead of them.
create function private.mentions_opt_out(body text)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  c_pattern constant text :=
    '(?:^|[^a-z0-9])(stop|stopall|unsubscribed?|cancel|end|quit|revoke|opt[^a-z0-9]*out|opt[^a-z0-9]+me[^a-z0-9]+out|remove|arret|td|take[^a-z0-9]+me[^a-z0-9]+off|(?:do[^a-z0-9]+not|don[^a-z0-9]?t|never)[^a-z0-9]+(?:contact|text|message|call|write|email)|no[^a-z0-9]+more[^a-z0-9]+(?:texts?|messages?|calls?|emails?)|leave[^a-z0-9]+me[^a-z0-9]+alone|(?:lose|delete)[^a-z0-9]+my[^a-z0-9]+number)(?:[^a-z0-9]|$)';
  v_folded text;
begin
  -- Without another call: almost every message comes by here, and ends here.
  if octet_length(mentions_opt_out.body) = char_length(mentions_opt_out.body) then
    v_folded := lower(mentions_opt_out.body collate "C");
  else
    v_folded := private.fold_letters(mentions_opt_out.body);
  end if;
  if v_folded !~ c_pattern or private.opt_out_keyword(mentions_opt_out.body) is not null then
    return null;
  end if;
  return substring(v_folded from c_pattern);
end;
$$;
comment on function private.mentions_opt_out(text) is
  'The words in a message that may ask for an opt-out, although it is no keyword as a whole; null when it holds none.';
revoke execute on function private.mentions_opt_out(text) from public, anon, authenticated;
