import { assert, assertEquals } from "@std/assert";
import { type ErrorAnswer, type TestAccount, withSimulator } from "./support/simulator.ts";

interface Offer {
  phone_number: string;
  friendly_name: string;
  locality: string | null;
  region: string | null;
  postal_code: string | null;
  lata: string | null;
  rate_center: string | null;
  beta: boolean;
  address_requirements: string;
  capabilities: { sms: boolean; mms: boolean; voice: boolean; fax: boolean };
}

async function search(account: TestAccount, path: string): Promise<Offer[]> {
  const { body } = await account.get<{ available_phone_numbers: Offer[] }>(
    `/AvailablePhoneNumbers/${path}`,
  );
  return body.available_phone_numbers;
}

/** Every filter leaves some numbers out, and keeps only those that pass. */
const FILTERS: Array<[query: string, passes: (offer: Offer) => boolean]> = [
  ["AreaCode=510", (offer) => offer.phone_number.startsWith("+1510")],
  ["SmsEnabled=true", (offer) => offer.capabilities.sms],
  ["SmsEnabled=false", (offer) => !offer.capabilities.sms],
  ["MmsEnabled=true", (offer) => offer.capabilities.mms],
  ["VoiceEnabled=true", (offer) => offer.capabilities.voice],
  ["FaxEnabled=true", (offer) => offer.capabilities.fax],
  [
    "MmsEnabled=true&VoiceEnabled=false",
    ({ capabilities }) => capabilities.mms && !capabilities.voice,
  ],
  ["InRegion=CA", (offer) => offer.region === "CA"],
  ["InRegion=ca&InLocality=Oakland", (offer) => offer.locality === "Oakland"],
  ["InPostalCode=94103", (offer) => offer.postal_code === "94103"],
  ["InLata=722&InRateCenter=SAN+JOSE", (offer) => offer.rate_center === "SAN JOSE"],
  ["InLata=132", (offer) => offer.lata === "132"],
  ["Beta=false", (offer) => !offer.beta],
  ["Contains=%2B1415", (offer) => offer.phone_number.startsWith("+1415")],
  ["Contains=23$", (offer) => offer.phone_number.endsWith("23")],
  ["Contains=42", (offer) => offer.phone_number.includes("42")],
  ["Contains=HI", (offer) => offer.phone_number.includes("44")],
  ["Contains=*56", (offer) => /\d56/.test(offer.phone_number)],
  [
    "NearLatLong=37.80,-122.27",
    ({ locality }) => locality === "Oakland" || locality === "San Francisco",
  ],
  [
    "NearLatLong=37.80,-122.27&Distance=60",
    ({ locality }) => ["Oakland", "San Francisco", "San Jose"].includes(locality ?? ""),
  ],
  ["NearNumber=%2B12125550100&Distance=10", (offer) => offer.region === "NY"],
];

Deno.test("every filter of a search is applied", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const all = await search(account, "US/Local.json?PageSize=1000");

    for (const [query, passes] of FILTERS) {
      const found = await search(account, `US/Local.json?PageSize=1000&${query}`);
      assertEquals(found, all.filter(passes), query);
      assert(found.length > 0 && found.length < all.length, `${query}: ${found.length}`);
    }
  });
});

Deno.test("a search is limited to its country and kind, and to the page size", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const tollFree = await search(account, "US/TollFree.json?PageSize=1000");

    assertEquals((await search(account, "US/Local.json?PageSize=3")).length, 3);
    assertEquals((await search(account, "US/Local.json")).length, 50);
    assert(tollFree.every((offer) => /^\+18(00|33|44|55|66|77|88)/.test(offer.phone_number)));
    assert(
      (await search(account, "GB/Mobile.json")).every(({ phone_number }) =>
        phone_number.startsWith("+447")
      ),
    );
    assertEquals(await search(account, "GB/Local.json?ExcludeAllAddressRequired=true"), []);
    assertEquals(await search(account, "AU/Local.json?ExcludeLocalAddressRequired=true"), []);
  });
});

Deno.test("countries and kinds without numbers, and filters that make no sense, are refused", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const cases: Array<[string, number]> = [
      ["FR/Local.json", 404],
      ["FR.json", 404],
      ["US/Mobile.json", 404],
      ["US/Nothing.json", 404],
      ["US/Local.json?SmsEnabled=maybe", 400],
      ["US/Local.json?Contains=1", 400],
      ["US/Local.json?Contains=4*1", 400],
      ["US/Local.json?Distance=501&NearLatLong=37,-122", 400],
      ["US/Local.json?NearLatLong=north", 400],
      ["US/Local.json?InRateCenter=HILO", 400],
    ];
    for (const [path, status] of cases) {
      const answer = await account.get<ErrorAnswer>(`/AvailablePhoneNumbers/${path}`);
      assertEquals(answer.status, status, path);
    }
  });
});

Deno.test("a country names the kinds of numbers that it has", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    interface Country {
      country_code: string;
      subresource_uris: Record<string, string>;
    }
    const list = await account.get<{ countries: Country[] }>("/AvailablePhoneNumbers.json");

    assertEquals(list.body.countries.map((country) => country.country_code), [
      "US",
      "CA",
      "GB",
      "AU",
    ]);
    const uris = list.body.countries.flatMap(({ subresource_uris }) =>
      Object.values(subresource_uris)
    );
    for (const uri of uris) assertEquals((await account.follow(uri)).status, 200, uri);
  });
});
