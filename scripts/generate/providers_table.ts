/** The README's table of providers and what each can do. */
import postgres from "postgres";
import type { Feature, Provider } from "../../supabase/functions/_shared/providers/provider.ts";
import { type GeneratedPart, markdownTable } from "./generated_part.ts";

export const README_FILE = new URL("../../README.md", import.meta.url);

/** What the catalogue knows of a provider and its adapter does not say. */
export interface CatalogueEntry {
  name: string;
  location: string;
  verification: string;
  receives: boolean;
}

/** What proves a webhook, by the catalogue's word. */
const PROOFS: Record<string, string> = {
  twilio_hmac_sha1: "HMAC-SHA1",
  signalwire_hmac_sha1: "HMAC-SHA1",
  telnyx_ed25519: "Ed25519",
  vonage_jwt_hs256: "JWT, HMAC",
  messagebird_signature_jwt: "JWT, HMAC",
  sendgrid_ecdsa_p256_sha256: "ECDSA P-256",
  standard_webhooks_v1: "Standard Webhooks",
  http_basic: "password of ours",
  secret_url: "secret URL",
};

type Column = readonly [heading: string, can: (provider: Provider, row: CatalogueEntry) => boolean];

const has = (feature: Feature) => ({ features }: Provider) => features.includes(feature);

const COLUMNS: readonly Column[] = [
  ["SMS", has("sms")],
  ["MMS", has("mms")],
  ["WhatsApp", has("whatsapp")],
  ["calls", has("voice")],
  ["e-mail", has("email")],
  ["receive", (_, { receives }) => receives],
  ["find", has("number_search")],
  ["buy", has("number_purchase")],
  ["release", has("number_release")],
  ["look up", has("message_lookup")],
  ["search", has("message_search")],
  ["usage", has("usage")],
  ["balance", has("balance")],
];

const LEGEND =
  `✓ yes, – no. _find_, _buy_, _release_: phone numbers. _look up_, _search_: what became
of a message, by the provider's id or without one. _webhooks at_: what Switchboard points at itself.
_proven by_: how a webhook is known to be the provider's.`;

export async function readCatalogueEntries(databaseUrl: string): Promise<CatalogueEntry[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return [
      ...await sql<CatalogueEntry[]>`
        select name, configuration_metadata #>> '{webhook,location}' as location,
          configuration_metadata #>> '{webhook,verification}' as verification,
          (configuration_metadata #>> '{features,inbound_messages}')::boolean as receives
        from public.service_providers where is_enabled`,
    ];
  } finally {
    await sql.end();
  }
}

/** The table in the order of the registry; throws for a provider that the catalogue describes otherwise. */
export function generateProvidersTable(
  providers: Iterable<Provider>,
  catalogue: ReadonlyArray<CatalogueEntry>,
): GeneratedPart {
  const head = ["provider", ...COLUMNS.map(([heading]) => heading), "webhooks at", "proven by"];
  const rows = [...providers].map((provider) => {
    const entry = catalogue.find(({ name }) => name === provider.id);
    if (!entry) throw new Error(`The catalogue has no provider ${provider.id} that is enabled`);
    return [
      provider.displayName,
      ...COLUMNS.map(([, can]) => can(provider, entry) ? "✓" : "–"),
      placeOf(provider, entry),
      proofOf(entry),
    ];
  });
  return { name: "providers", content: `${markdownTable([head, ...rows])}\n\n${LEGEND}` };
}

/** Each number, or what the catalogue names instead; the adapter must have the operation for it. */
function placeOf(provider: Provider, { name, location }: CatalogueEntry): string {
  const operation = location === "number" ? provider.configureNumber : provider.configureConnection;
  if (!operation) throw new Error(`${name} cannot set webhooks at its ${location}`);
  return location.replaceAll("_", " ");
}

function proofOf({ name, verification }: CatalogueEntry): string {
  const proof = PROOFS[verification];
  if (!proof) throw new Error(`No words yet for how ${name} proves webhooks: ${verification}`);
  return proof;
}
