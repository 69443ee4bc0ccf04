import { assertEquals } from "@std/assert";
import { databaseTest } from "../support/engine.ts";

/** Where phone numbers are: the country that a number's first digits name, and the zones it may be in. */

const COUNTRIES: Record<string, string | null> = {
  "+12125550100": "US",
  "+18085550100": "US",
  "+19075550100": "US",
  "+13105550100": "US",
  "+18005550100": "US",
  "+14165550100": "CA",
  "+16045550100": "CA",
  "+18765550100": "JM",
  "+16585550100": "JM",
  "+12425550100": "BS",
  "+12465550100": "BB",
  "+14415550100": "BM",
  "+17875550100": "PR",
  "+19395550100": "PR",
  "+13405550100": "VI",
  "+16715550100": "GU",
  "+18095550100": "DO",
  "+18295550100": "DO",
  "+17215550100": "SX",
  "+442079460000": "GB",
  "+447700900000": "GB",
  "+441534960000": "JE",
  "+441481960000": "GG",
  "+441624960000": "IM",
  "+74955550100": "RU",
  "+79165550100": "RU",
  "+77015550100": "KZ",
  "+390669812345": "VA",
  "+390612345678": "IT",
  "+61412345678": "AU",
  "+61891621234": "CC",
  "+35318001234": "IE",
  "+358181234567": "AX",
  "+358401234567": "FI",
  "+4915112345678": "DE",
  "+5511912345678": "BR",
  "+919812345678": "IN",
  "+8613812345678": "CN",
  "+37744123456": "MC",
  "+38344123456": "XK",
};

/** Nobody's: services of no country, area codes that are not given out, and what is no E.164 number. */
const OF_NO_COUNTRY = [
  "+80012345678",
  "+870301234567",
  "+88213300000",
  "+97912345678",
  "+15555550100",
  "+12215550100",
  "+",
  "",
  "12125550100",
  "72345",
  "ACME",
];

databaseTest("a number's first digits name its country", async (sql) => {
  const rows = await sql`
    select n.number, private.country_of(n.number) as country
    from unnest(${Object.keys(COUNTRIES)}::text[]) as n (number)`;
  assertEquals(Object.fromEntries(rows.map((row) => [row.number, row.country])), COUNTRIES);
});

databaseTest("a number of no country has none, nor has what is no number", async (sql) => {
  const rows = await sql`
    select n.number from unnest(${[...OF_NO_COUNTRY, null]}::text[]) as n (number)
    where private.country_of(n.number) is not null`;
  assertEquals([...rows], []);
});

databaseTest("a number is in the time zones of its area", async (sql) => {
  const zones: Record<string, string[]> = {
    "+12125550100": ["America/New_York"],
    "+18085550100": ["Pacific/Honolulu"],
    "+14165550100": ["America/Toronto"],
    "+18765550100": ["America/Jamaica"],
    "+442079460000": ["Europe/London"],
    "+447700900000": ["Europe/London"],
    "+4915112345678": ["Europe/Berlin"],
    "+919812345678": ["Asia/Kolkata"],
    "+8613812345678": ["Asia/Shanghai"],
    "+74955550100": ["Europe/Moscow"],
    "+74012550100": ["Europe/Kaliningrad"],
    "+5511912345678": ["America/Sao_Paulo"],
    "+61891621234": ["Indian/Cocos"],
  };
  const rows = await sql`
    select n.number, private.time_zones_of(n.number) as zones
    from unnest(${Object.keys(zones)}::text[]) as n (number)`;
  assertEquals(Object.fromEntries(rows.map((row) => [row.number, row.zones])), zones);
});

databaseTest("a number is in every time zone that its digits leave open", async (sql) => {
  const possible: Record<string, string[]> = {
    // Area codes that a time zone divides.
    "+12195550100": ["America/Chicago", "America/New_York"],
    "+12085550100": ["America/Boise", "America/Los_Angeles"],
    "+19075550100": ["America/Adak", "America/Anchorage"],
    // Mobile numbers of wide countries.
    "+79165550100": ["Europe/Kaliningrad", "Europe/Moscow", "Asia/Kamchatka"],
    "+77015550100": ["Asia/Almaty", "Asia/Aqtobe"],
    "+61412345678": [
      "Australia/Perth",
      "Australia/Adelaide",
      "Australia/Brisbane",
      "Australia/Sydney",
    ],
    "+34612345678": ["Atlantic/Canary", "Europe/Madrid"],
    "+351912345678": ["Atlantic/Azores", "Europe/Lisbon"],
    // Toll-free, and an area code that nobody has yet.
    "+18005550100": [
      "America/New_York",
      "America/Chicago",
      "America/Los_Angeles",
      "Pacific/Honolulu",
    ],
    "+12215550100": ["America/New_York", "America/Toronto", "America/Jamaica", "Pacific/Honolulu"],
  };
  const rows = await sql`
    select n.number, private.time_zones_of(n.number) as zones
    from unnest(${Object.keys(possible)}::text[]) as n (number)`;
  const missing = rows.flatMap(({ number, zones }) =>
    possible[number]!.filter((zone) => !zones.includes(zone)).map((zone) => `${number} ${zone}`)
  );
  assertEquals(missing, []);
});

databaseTest("a number that nobody knows is in no time zone", async (sql) => {
  const unknown = ["+80012345678", "+88213300000", "+", "", "12125550100", "ACME", null];
  const rows = await sql`
    select private.time_zones_of(n.number) as zones from unnest(${unknown}::text[]) as n (number)`;
  assertEquals(rows.map((row) => row.zones), unknown.map(() => []));
});

databaseTest("the server knows every time zone by its name", async (sql) => {
  const rows = await sql`
    select z.name from (select distinct unnest(r.time_zones) as name from private.calling_regions as r) as z
    where not exists (select from pg_timezone_names as n where n.name = z.name)`;
  assertEquals([...rows], []);
});

databaseTest("no region repeats what a shorter prefix says already", async (sql) => {
  const rows = await sql`
    select r.prefix from private.calling_regions as r
    cross join lateral (
      select s.country, s.time_zones from private.calling_regions as s
      where r.prefix like s.prefix || '_%'
      order by s.prefix desc
      limit 1
    ) as s
    where (s.country, s.time_zones) is not distinct from (r.country, r.time_zones)`;
  assertEquals([...rows], []);
});

databaseTest("a lookup reads one row, by the index", async (sql) => {
  const [counted] = await sql.begin(async (tx) => {
    await tx`
      select private.country_of('+1212555' || n), private.time_zones_of('+4420794' || n)
      from generate_series(1000, 1999) as n`;
    return await tx`
      select (seq_tup_read + idx_tup_fetch)::integer as row_count from pg_stat_xact_user_tables
      where relid = 'private.calling_regions'::regclass`;
  });
  assertEquals(counted!.row_count, 2000);
});
