/** Our check of Twilio's signatures against Twilio's own library, over requests of every spelling. */
import { assert, assertEquals } from "@std/assert";
import { getExpectedTwilioSignature, validateRequest } from "twilio/lib/webhooks/webhooks.js";
import { verifyTwilioWebhook } from "../../supabase/functions/_shared/providers/twilio/signature.ts";
import { createRandom } from "./support/random.ts";

const TOKEN = "5ec2e70ca11ab1e5ec2e70ca11ab1e50";
const NAMES = ["Body", "From", "To", "MediaUrl0", "a", "B", "é", "x-y"];
const VALUES = ["Hello", "it's", "+14155550100", "", "a b", "ü€👍", "%27", "a&b=c", "(x)!*"];
const QUERIES = [
  "",
  "?message=1",
  "?q=it's",
  "?q=it%27s",
  "?a=1&b=2&a=3",
  "?x=a+b&y=(c)",
  "?bare",
  "?é=ü",
];
const ORIGINS = [
  "https://project.example",
  "https://project.example:443",
  "https://project.example:8443",
  "http://project.example",
  "http://project.example:80",
];

Deno.test("what Twilio's library takes for signed is taken here, and nothing of another request", async () => {
  const random = createRandom(20_261_120);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
  let valid = 0;
  for (let round = 0; round < 3_000; round++) {
    const pairs = Array.from(
      { length: Math.floor(random() * 5) },
      () => [pick(NAMES), pick(VALUES)],
    );
    const body = new URLSearchParams(pairs as [string, string][]);
    const path = `/webhooks/twilio/token${pick(QUERIES)}`;
    const url = pick(ORIGINS) + path;
    const parameters = group(body);
    // Signed with another spelling of the URL, and now and then with another request's.
    const signedUrl = random() < 0.8 ? pick([url, new URL(url).href, pick(ORIGINS) + path]) : url;
    const signed = random() < 0.9 ? parameters : { ...parameters, Body: "Another" };
    const signature = getExpectedTwilioSignature(TOKEN, signedUrl, signed);

    const expected = validateRequest(TOKEN, signature, url, parameters);
    const actual = await verifyTwilioWebhook({
      method: "POST",
      url,
      headers: new Headers({
        "x-twilio-signature": signature,
        "content-type": "application/x-www-form-urlencoded",
      }),
      body: new TextEncoder().encode(body.toString()),
    }, TOKEN);

    const at = `${url} ${body} signed for ${signedUrl}`;
    if (expected) assert(actual, at);
    // Beyond the library, which loses the port of some spellings, only ports may differ.
    if (actual) {
      assertEquals([signed, hostAndBeyond(signedUrl)], [parameters, hostAndBeyond(url)], at);
    }
    if (actual) valid++;
  }
  assert(valid > 1_000 && valid < 2_900, String(valid));
});

function hostAndBeyond(url: string): string {
  const { protocol, hostname, pathname, search } = new URL(url);
  return `${protocol}//${hostname}${pathname}${search}`;
}

function group(parameters: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length > 1 ? values : values[0]!];
  }));
}
