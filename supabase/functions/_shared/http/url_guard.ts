/**
 * Whether a URL that somebody gave us leads to the public internet. `private.find_url_flaw` says the
 * same in the same words; one file of samples holds both to it.
 */

const LONGEST_URL = 2048;
const LONGEST_HOST = 253;
/** What RFC 3986 lets a URL hold. A backslash or a line break reads differently in each parser. */
const URL_CHARACTERS = /^[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]+$/;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const TOP_LABEL = /^[a-z][a-z0-9-]*[a-z0-9]$/;
/** A browser reads a host with such an end as an IPv4 address, whatever stands before it. */
const NUMBER = /^([0-9]+|0x[0-9a-f]*)$/;
const PLAIN_IPV4 = /^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(?!$)|$)){4}$/;

/** Reserved, or in use for what is inside: https://www.iana.org/assignments/special-use-domain-names (read 2026-11-20). */
const INSIDE_TOP_LABELS = new Set([
  "alt",
  "arpa",
  "corp",
  "home",
  "internal",
  "intranet",
  "invalid",
  "lan",
  "local",
  "localdomain",
  "localhost",
  "onion",
  "private",
  "test",
]);

/**
 * First address and number of fixed bits, from
 * https://www.iana.org/assignments/iana-ipv4-special-registry (read 2026-11-20), and the address at
 * which Azure answers its own machines.
 */
const INSIDE_IPV4: ReadonlyArray<readonly [string, number]> = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** What is wrong with the URL, to be read after the word URL; null when nothing is. */
export function findUrlFlaw(url: string): string | null {
  if (url === "") return "is missing";
  if (!url.startsWith("https://")) return "does not begin with https://";
  if (url.length > LONGEST_URL) return `is longer than ${LONGEST_URL} characters`;
  if (!URL_CHARACTERS.test(url)) return "holds a character that has to be percent-encoded";
  const [authority = ""] = url.slice("https://".length).split(/[/?#]/, 1);
  if (authority.includes("@")) return "names a user";
  const [, host = "", port] = /^(\[.*\]|[^:]*)(:.*)?$/.exec(authority) ?? [];
  if (port !== undefined && port !== ":443") return "names a port";
  return findHostFlaw(host.toLowerCase()) ?? findParserFlaw(url, host.toLowerCase());
}

/** The same of an address that a name stands for, as the resolver writes it. */
export function findAddressFlaw(address: string): string | null {
  return findHostFlaw(address.includes(":") ? `[${address.toLowerCase()}]` : address);
}

function findHostFlaw(host: string): string | null {
  if (host.startsWith("[")) return findIpv6Flaw(host);
  const labels = host.split(".");
  const top = labels.at(-1) ?? "";
  if (NUMBER.test(top)) {
    if (!PLAIN_IPV4.test(host)) return "writes an address in an unusual form";
    return isInsideIpv4(host) ? "leads to an address that is not public" : null;
  }
  if (INSIDE_TOP_LABELS.has(top)) return "leads to a name that is not public";
  const isName = host.length <= LONGEST_HOST && labels.length > 1 && TOP_LABEL.test(top) &&
    labels.every((label) => LABEL.test(label));
  return isName ? null : "has no host name of the internet";
}

function isInsideIpv4(address: string): boolean {
  const bits = toBits(address);
  return INSIDE_IPV4.some(([first, length]) => (bits ^ toBits(first)) >>> (32 - length) === 0);
}

function toBits(address: string): number {
  return address.split(".").reduce((bits, octet) => (bits << 8) | Number(octet), 0);
}

/** Only what is given out to the public is let through, so that no form which wraps an IPv4 address is. */
function findIpv6Flaw(host: string): string | null {
  const written = URL.parse(`https://${host}/`)?.hostname;
  if (!written || !/^\[[0-9a-f:]+\]$/.test(host)) return "writes an address in an unusual form";
  const [first = 0, second = 0] = written.slice(1).split(":").map((group) =>
    parseInt(group, 16) || 0
  );
  const isPublic = first >= 0x2000 && first < 0x4000 &&
    !(first === 0x2001 && (second < 0x200 || second === 0xdb8)) &&
    first !== 0x2002 && !(first === 0x3fff && second < 0x1000);
  return isPublic ? null : "leads to an address that is not public";
}

/** Rules about a host are worth nothing where what fetches it sees another one. */
function findParserFlaw(url: string, host: string): string | null {
  const seen = URL.parse(url)?.hostname;
  const isSame = host.startsWith("[") ? seen?.startsWith("[") : seen === host;
  return isSame ? null : "has no host name of the internet";
}
