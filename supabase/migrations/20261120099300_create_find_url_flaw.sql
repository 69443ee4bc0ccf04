-- Whether a URL that somebody gave us leads to the public internet: nothing inside may be reached by it.

create function private.find_host_flaw(host text)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  v_address inet;
  v_top text := substring(find_host_flaw.host from '[^.]*$');
begin
  if starts_with(find_host_flaw.host, '[') then
    begin
      v_address := substring(find_host_flaw.host from '^\[([0-9a-f:]+)\]$')::inet;
    exception when invalid_text_representation then
      null;
    end;
    if v_address is null then
      return 'writes an address in an unusual form';
    end if;
    -- Only what is given out to the public is let through, so that no form which wraps an IPv4 address is.
    if v_address <<= inet '2000::/3' and not v_address <<= any ('{2001::/23,2001:db8::/32,2002::/16,3fff::/20}'::inet[]) then
      return null;
    end if;
    return 'leads to an address that is not public';
  end if;

  -- A browser reads a host with such an end as an IPv4 address, whatever stands before it.
  if v_top ~ '^([0-9]+|0x[0-9a-f]*)$' then
    if find_host_flaw.host !~ '^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(?!$)|$)){4}$' then
      return 'writes an address in an unusual form';
    end if;
    -- https://www.iana.org/assignments/iana-ipv4-special-registry (read 2026-11-20), and the address
    -- at which Azure answers its own machines.
    if find_host_flaw.host::inet <<= any ('{
      0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,168.63.129.16/32,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,
      192.0.2.0/24,192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/3
    }'::inet[]) then
      return 'leads to an address that is not public';
    end if;
    return null;
  end if;

  -- Reserved, or in use for what is inside:
  -- https://www.iana.org/assignments/special-use-domain-names (read 2026-11-20).
  if v_top = any (
    '{alt,arpa,corp,home,internal,intranet,invalid,lan,local,localdomain,localhost,onion,private,test}'::text[]
  ) then
    return 'leads to a name that is not public';
  end if;
  if char_length(find_host_flaw.host) > 253
    or find_host_flaw.host !~ '^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$'
  then
    return 'has no host name of the internet';
  end if;
  return null;
end;
$$;
comment on function private.find_host_flaw(text) is
  'What is wrong with the host of a URL, in lower case; null when it is a public one.';
revoke execute on function private.find_host_flaw(text) from public, anon, authenticated;

create function private.find_url_flaw(url text)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  v_authority text;
  v_parts text[];
begin
  if coalesce(find_url_flaw.url, '') = '' then
    return 'is missing';
  elsif not starts_with(find_url_flaw.url, 'https://') then
    return 'does not begin with https://';
  elsif char_length(find_url_flaw.url) > 2048 then
    return 'is longer than 2048 characters';
  -- What RFC 3986 lets a URL hold. A backslash or a line break reads differently in each parser.
  elsif find_url_flaw.url ~ '[^A-Za-z0-9._~:/?#[\]@!$&''()*+,;=%-]' then
    return 'holds a character that has to be percent-encoded';
  end if;
  v_authority := substring(find_url_flaw.url from '^https://([^/?#]*)');
  if v_authority ~ '@' then
    return 'names a user';
  end if;
  v_parts := regexp_match(v_authority, '^(\[.*\]|[^:]*)(:.*)?$');
  if v_parts[2] <> ':443' then
    return 'names a port';
  end if;
  return private.find_host_flaw(lower(coalesce(v_parts[1], '') collate "C"));
end;
$$;
comment on function private.find_url_flaw(text) is
  'What is wrong with a URL that is to lead to the public internet, to be read after the word URL; null when nothing is. url_guard.ts says the same.';
revoke execute on function private.find_url_flaw(text) from public, anon, authenticated;
