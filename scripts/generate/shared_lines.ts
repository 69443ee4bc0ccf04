/** How many lines SignalWire's adapter has of its own, beside those that it shares with Twilio's. */
import { type GeneratedPart, markdownTable } from "./generated_part.ts";

export const ADDING_A_PROVIDER_FILE = new URL("../../docs/adding-a-provider.md", import.meta.url);

const FUNCTIONS = new URL("../../supabase/functions/", import.meta.url);
const PROVIDERS = new URL("_shared/providers/", FUNCTIONS);

/** Rows in the order of the page; a file that none names stands under its own name. */
const PARTS: Record<string, string> = {
  "twilio.ts": "fields, features, assembly",
  "signalwire.ts": "fields, features, assembly",
  "core.ts": "facets",
  "intake.ts": "facets",
  "sending.ts": "facets",
  "reconciling.ts": "facets",
  "reading.ts": "facets",
  "calling.ts": "facets",
  "account.ts": "account",
  "account_operations.ts": "account",
  "messages.ts": "messages",
  "message_operations.ts": "messages",
  "dialect.ts": "messages",
  "history.ts": "messages",
  "refusals.ts": "messages",
  "address.ts": "messages",
  "phone_message.ts": "messages",
  "whatsapp.ts": "messages",
  "calls.ts": "calls",
  "call_operations.ts": "calls",
  "numbers.ts": "numbers",
  "number_operations.ts": "numbers",
  "number_pattern.ts": "numbers",
  "webhooks.ts": "webhooks",
  "webhook_urls.ts": "webhooks",
  "webhook_url.ts": "webhooks",
  "webhook_body.ts": "webhooks",
  "signature.ts": "webhooks",
  "errors.ts": "errors",
  "provider_errors.ts": "errors",
  "request.ts": "requests, answers",
  "api.ts": "requests, answers",
  "credentials.ts": "requests, answers",
  "json.ts": "requests, answers",
  "text.ts": "requests, answers",
  "xml.ts": "requests, answers",
  "words.ts": "status words",
};

const COLUMNS = ["Twilio alone", "SignalWire alone", "the two", "others, too"];

/** Every column counts code: no blank lines, no comments, and nothing of the contract. */
export async function generateSharedLines(): Promise<GeneratedPart> {
  const twilio = await reachableFrom("twilio.ts");
  const signalwire = await reachableFrom("signalwire.ts");
  const others = await reachableFrom(...await listOtherAdapters());
  const parts = new Map(Object.values(PARTS).map((part) => [part, COLUMNS.map(() => 0)]));
  for (const path of twilio.union(signalwire)) {
    const column = !signalwire.has(path) ? 0 : !twilio.has(path) ? 1 : others.has(path) ? 3 : 2;
    const name = path.split("/").at(-1) ?? path;
    const part = PARTS[name] ?? name;
    const counts = parts.get(part) ?? COLUMNS.map(() => 0);
    counts[column] = (counts[column] ?? 0) + codeLinesOf(await readSource(path)).length;
    parts.set(part, counts);
  }
  const totals = COLUMNS.map((_, column) =>
    [...parts.values()].reduce((sum, counts) => sum + (counts[column] ?? 0), 0)
  );
  const table = markdownTable([
    ["lines of code", ...COLUMNS],
    ...[...parts].map(([part, counts]) => [part, ...counts.map((count) => count || "–")]),
    ["**all**", ...totals.map((total) => `**${total}**`)],
  ]);
  return { name: "shared lines", content: `${table}\n\n${await describeMentions()}` };
}

/** What has a folder of its name and is neither of the two. */
async function listOtherAdapters(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(PROVIDERS));
  const folders = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => `${name}.ts`);
  return entries.map(({ name }) => name)
    .filter((name) => folders.includes(name) && !/^(twilio|signalwire)\.ts$/.test(name));
}

/** The files that modules are made of, below the folder of providers, without the contract. */
async function reachableFrom(...entries: string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const pending = [...entries];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (found.has(path) || path === "provider.ts") continue;
    found.add(path);
    for (const [, specifier = ""] of (await readSource(path)).matchAll(/ from "(\.[^"]+)";/g)) {
      const target = new URL(specifier, new URL(path, PROVIDERS)).href;
      if (target.startsWith(PROVIDERS.href)) pending.push(target.slice(PROVIDERS.href.length));
    }
  }
  return found;
}

async function readSource(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, PROVIDERS));
}

function codeLinesOf(source: string): string[] {
  return source.replaceAll(/^\s*\/\*[^]*?\*\/\s*$/gm, "").split("\n")
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line));
}

/** Who else knows that there is a SignalWire: what is generated from the schema aside. */
async function describeMentions(): Promise<string> {
  const mentions: string[] = [];
  let count = 0;
  for (const path of await listSources(FUNCTIONS)) {
    if (/\/(signalwire(\.ts$|\/)|database\/types\.ts$)/.test(path)) continue;
    const lines = codeLinesOf(await Deno.readTextFile(new URL(path, FUNCTIONS)))
      .filter((line) => /signalwire/i.test(line));
    if (lines.length === 0) continue;
    count += lines.length;
    mentions.push(`\`${path.split("/").at(-1)}\` (${lines.length})`);
  }
  return `Beyond its folder, ${count} lines of \`supabase/functions\` name SignalWire: ${
    mentions.join(", ")
  }.`;
}

/** Paths of all sources below a folder, in order. */
async function listSources(folder: URL, prefix = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(prefix, folder))) {
    if (name === "node_modules") continue;
    if (isDirectory) paths.push(...await listSources(folder, `${prefix}${name}/`));
    else if (name.endsWith(".ts")) paths.push(prefix + name);
  }
  return paths.sort();
}
