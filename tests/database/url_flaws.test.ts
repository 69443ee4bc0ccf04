import { assert, assertEquals } from "@std/assert";
import { BlockList, isIP } from "node:net";
import type postgres from "postgres";
import { findUrlFlaw } from "../../supabase/functions/_shared/http/url_guard.ts";
import { createRandom } from "../providers/support/random.ts";
import { databaseTest } from "../support/engine.ts";
import vectors from "../support/url_vectors.json" with { type: "json" };

/** What the database and the functions both refuse, and what they both let through. */

Deno.test("functions refuse every URL that does not lead to the public internet, and no other", () => {
  const wrong = vectors.filter(({ url, flaw }) => findUrlFlaw(url) !== flaw);

  assertEquals(wrong.map(({ url }) => [url, findUrlFlaw(url)]), []);
});

Deno.test("functions also refuse punycode that no parser takes", () => {
  for (const host of ["xn--a.com", "www.xn--a.com", "xn--1-.com", "xn--0.com"]) {
    assertEquals(findUrlFlaw(`https://${host}/`), "has no host name of the internet", host);
  }
});

databaseTest("the database refuses them in the same words", async (sql) => {
  const flaws = await flawsOf(sql, vectors.map(({ url }) => url));

  const wrong = vectors.filter(({ flaw }, index) => flaws[index] !== flaw);
  assertEquals(wrong, []);
});

databaseTest("a URL may have 2,048 characters and no more, and must be there", async (sql) => {
  const start = "https://example.com/";
  const [longest, longer] = [2_048, 2_049].map((length) => start.padEnd(length, "x")) as [
    string,
    string,
  ];

  assertEquals(await flawsOf(sql, [longest, longer]), [null, "is longer than 2048 characters"]);
  assertEquals([findUrlFlaw(longest), findUrlFlaw(longer)], [
    null,
    "is longer than 2048 characters",
  ]);
  const [row] = await sql`select private.find_url_flaw(null) as flaw`;
  assertEquals(row!.flaw, "is missing");
});

databaseTest("whatever the database lets through, a URL parser sees there, too", async (sql) => {
  const urls = randomUrls(20_000);

  const flaws = await flawsOf(sql, urls);

  const accepted = urls.filter((_, index) => flaws[index] === null);
  assert(accepted.length > 2_000 && accepted.length < 10_000, `${accepted.length} accepted`);
  assertEquals(accepted.filter((url) => !isPublicToParser(url)), []);
  // The parser knows more of punycode than the database: nobody can fetch what it refuses.
  const differing = urls.filter((url, index) =>
    findUrlFlaw(url) !== flaws[index] && !(flaws[index] === null && URL.parse(url) === null)
  );
  assertEquals(differing, []);
});

async function flawsOf(sql: postgres.Sql, urls: string[]): Promise<(string | null)[]> {
  const rows = await sql`
    select private.find_url_flaw(u.url) as flaw
    from unnest(${urls}::text[]) with ordinality as u (url, position) order by u.position`;
  return rows.map((row) => row.flaw);
}

const INSIDE = new BlockList();
for (
  const range of [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const
) INSIDE.addSubnet(range[0], range[1], "ipv4");
for (
  const range of [
    ["::", 3],
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["3fff::", 20],
    ["4000::", 2],
    ["8000::", 1],
  ] as const
) INSIDE.addSubnet(range[0], range[1], "ipv6");

/** Judged by what a parser makes of it and by a list of the runtime's, not by our own code. */
function isPublicToParser(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return text.toLowerCase().includes("xn--");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "https:" || url.username || url.password || url.port) return false;
  const version = isIP(host);
  if (version !== 0) return !INSIDE.check(host, version === 4 ? "ipv4" : "ipv6");
  const written = text.slice("https://".length).split(/[/?#]/, 1)[0]!.replace(/:443$/, "");
  return host === written.toLowerCase() && host.includes(".") &&
    !/(^|\.)(localhost|local|internal|lan|home\.arpa)$/.test(host);
}

/** Hosts put together from pieces that mean something to a parser, and samples that were damaged. */
function randomUrls(count: number): string[] {
  const random = createRandom(20_261_120);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <Item>(items: ArrayLike<Item>): Item => items[below(items.length)]!;
  const times = (most: number, piece: () => string, separator = "") =>
    Array.from({ length: 1 + below(most) }, piece).join(separator);

  const octet = () =>
    pick(["0", "10", "127", "169", "172", "192", "168", "254", "255", "256", "8"]);
  const number = () =>
    pick([octet(), octet(), String(below(300)), "0x7f", "0177", "00", "08", "1e1"]);
  const label = () =>
    pick([
      "example",
      "com",
      "a",
      "1",
      "x_y",
      "a-b",
      "-a",
      "xn--bcher-kva",
      "xn--a",
      "xn--1-",
      "local",
      "localhost",
      "internal",
      "home",
      "arpa",
      "lan",
      "0x",
      "127",
      "%2e",
      "\uff11",
      "\u3002",
      "e\u0301",
      "",
    ]);
  const group = () =>
    pick(["0", "1", "2001", "2606", "db8", "ffff", "7f00", "3fff", "2002", "1ff", "200", ""]);
  const host = () =>
    pick([
      () =>
        `${times(3, () => pick(["example", "cdn", "a-1", "x_y"]), ".")}.${
          pick(["com", "org", "io"])
        }`,
      () => times(4, label, "."),
      () => times(5, number, "."),
      () => Array.from({ length: 4 }, () => String(below(256))).join("."),
      () => String(below(2 ** 32)),
      () => `[${times(8, group, ":")}]`,
      () => `[${pick(["2606", "2001", "2a00", "3fff"])}:${group()}::${group()}]`,
    ])();
  const mostly = (common: string, others: string[]) => random() < 0.85 ? common : pick(others);
  const built = () =>
    mostly("https://", ["http://", "https:", "HTTPS://", "https:///"]) +
    mostly("", ["user@", "a:b@", "%40", "\\"]) + host() +
    mostly("", [":443", ":80", ":", ".", "\t"]) +
    mostly("/1.png", ["/", "?a=b", "#c", "", "/@x", "/\\", "/ ", "/\u00e9"]);
  const damaged = () => {
    const characters = [...pick(vectors).url];
    const strange = "\\@:/?#[].%\t\n 0x\u3002\uff0e\u00ad\u200b\u2028\ufeff-_~";
    characters.splice(below(characters.length + 1), below(2), pick(strange));
    return characters.join("");
  };
  return Array.from({ length: count }, () => random() < 0.6 ? built() : damaged());
}
