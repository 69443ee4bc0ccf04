-- How many parts carriers send and bill a text in.

create function private.segment_encoding(body text)
returns text language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  -- 3GPP TS 23.038: the GSM 7-bit default alphabet and its extension table, without the escape to it.
  return case
    when segment_encoding.body
      ~ '[^\n\r !-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ\f^{}\\[~\]|€]'
      then 'ucs2'
    else 'gsm7'
  end;
end;
$$;
comment on function private.segment_encoding(text) is
  'gsm7, or ucs2 as soon as one character is not in the GSM alphabet.';
revoke execute on function private.segment_encoding(text) from public, anon;
grant execute on function private.segment_encoding(text) to authenticated, service_role;

create function private.count_segments(body text)
returns smallint language plpgsql immutable strict parallel safe set search_path = ''
as $$
declare
  v_is_gsm constant boolean := private.segment_encoding(count_segments.body) = 'gsm7';
  -- What fits when it is alone, and in each part when there are several: 140 bytes, 6 of them a header then.
  v_single constant integer := case when v_is_gsm then 160 else 70 end;
  v_part constant integer := case when v_is_gsm then 153 else 67 end;
  v_units integer;
  v_parts integer;
  v_taken integer := 0;
  v_marks bytea;
begin
  -- Septets, of which an extension character takes two; or UTF-16 units, two beyond the basic plane.
  v_units := char_length(count_segments.body) + case
    when v_is_gsm then regexp_count(count_segments.body, '[\f^{}\\[~\]|€]')
    else regexp_count(count_segments.body, '[\U00010000-\U0010ffff]')
  end;
  if v_units <= v_single then
    return (v_units > 0)::integer;
  end if;
  -- The two halves stay together, so each part but the last may be one unit short. That rarely matters.
  v_parts := (v_units + v_part - 1) / v_part;
  if v_units <= v_parts * v_part - (v_parts - 1) then
    return least(v_parts, 32767);
  end if;
  -- A byte for each unit: 1 stands alone, 2 is followed by its other half.
  v_marks := convert_to(case
    when v_is_gsm
      then regexp_replace(regexp_replace(count_segments.body, '[^\f^{}\\[~\]|€]', '1', 'g'), '[^1]', '20', 'g')
    else regexp_replace(regexp_replace(count_segments.body, '[^\U00010000-\U0010ffff]', '1', 'g'), '[^1]', '20', 'g')
  end, 'UTF8');
  v_parts := 1;
  while v_units - v_taken > v_part loop
    v_taken := v_taken + v_part - (get_byte(v_marks, v_taken + v_part - 1) = ascii('2'))::integer;
    v_parts := v_parts + 1;
  end loop;
  return least(v_parts, 32767);
end;
$$;
comment on function private.count_segments(text) is
  'Parts that carriers send a text in: none for an empty one; else one of 160 or 70 units, or parts of 153 or 67.';
revoke execute on function private.count_segments(text) from public, anon;
grant execute on function private.count_segments(text) to authenticated, service_role;
