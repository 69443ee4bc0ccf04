-- What may be filled into a template, and how it is written there.

create function private.find_value_flaw(type text, value text)
returns text language plpgsql stable set search_path = ''
as $$
begin
  return case find_value_flaw.type
    when 'text' then case
      when char_length(find_value_flaw.value) > 1000 then 'is longer than 1,000 characters'
      -- In a subject it would begin another header, and WhatsApp takes no line break from a variable.
      when find_value_flaw.value ~ '[[:cntrl:]\u2028\u2029]' then 'holds a line break or another control character'
    end
    when 'number' then case
      when find_value_flaw.value !~ '^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,10})?$' then 'is not a number such as 1234.5'
    end
    when 'date' then case
      when find_value_flaw.value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' or not pg_input_is_valid(find_value_flaw.value, 'date')
        then 'is not a date such as 2026-01-31'
    end
    when 'url' then case
      when find_value_flaw.value !~ '^https://[^/\s[:cntrl:]][^\s[:cntrl:]]*$' or char_length(find_value_flaw.value) > 2048
        then 'is not an https URL of up to 2,048 characters'
    end
    else 'is of no known type'
  end;
end;
$$;
comment on function private.find_value_flaw(text, text) is
  'Why a value is none of its type, to follow the name of the variable; null when it is one.';
revoke execute on function private.find_value_flaw(text, text) from public, anon;
grant execute on function private.find_value_flaw(text, text) to authenticated, service_role;

create function private.written_date(date text, language text)
returns text language plpgsql stable set search_path = ''
as $$
begin
  return case
    when lower(written_date.language) in ('en', 'en-us') then to_char(written_date.date::date, 'Mon FMDD, YYYY')
    else case split_part(lower(written_date.language), '-', 1)
      when 'en' then to_char(written_date.date::date, 'FMDD Mon YYYY')
      when 'nl' then to_char(written_date.date::date, 'DD-MM-YYYY')
      else case
        when split_part(lower(written_date.language), '-', 1)
          = any ('{ca,el,es,fr,it,pt}'::text[]) then to_char(written_date.date::date, 'DD/MM/YYYY')
        when split_part(lower(written_date.language), '-', 1)
          = any ('{cs,da,de,fi,nb,no,pl,ru,sk,tr,uk}'::text[]) then to_char(written_date.date::date, 'DD.MM.YYYY')
        else written_date.date
      end
    end
  end;
end;
$$;
comment on function private.written_date(text, text) is
  'A date (2026-01-31) as its language writes it: Jan 31, 2026 in American and 31 Jan 2026 in other English, 31/01/2026 in Romance languages and Greek, 31.01.2026 in German and most of its neighbours, 31-01-2026 in Dutch; as it is in any other.';
revoke execute on function private.written_date(text, text) from public, anon;
grant execute on function private.written_date(text, text) to authenticated, service_role;

create function private.escape_html(value text)
returns text language plpgsql immutable set search_path = ''
as $$
begin
  return replace(replace(replace(replace(replace(
    escape_html.value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;'
  );
end;
$$;
comment on function private.escape_html(text) is 'A text as it stands in HTML, in an attribute, too.';
revoke execute on function private.escape_html(text) from public, anon;
grant execute on function private.escape_html(text) to authenticated, service_role;
