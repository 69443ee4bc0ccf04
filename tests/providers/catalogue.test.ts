import { assertEquals } from "@std/assert";
import type { Feature, Provider } from "../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { connectToDatabase } from "../support/stack.ts";

/** The catalogue's name of what an adapter offers. */
const CATALOGUE_FEATURE: Partial<Record<Feature, string>> = {
  sms: "sms_sending",
  mms: "mms_sending",
  whatsapp: "whatsapp_sending",
  voice: "voice_calls",
  email: "email_sending",
  number_search: "number_search",
  number_purchase: "number_purchase",
  number_release: "number_release",
  webhook_configuration: "webhook_configuration",
  message_lookup: "message_lookup",
  usage: "usage_reports",
  balance: "balance_checking",
};

Deno.test("the catalogue's credential fields are those that the adapters check", async () => {
  const rows = await readCatalogue();

  const expected = byId((provider) => ({
    display_name: provider.displayName,
    fields: provider.credentialFields.map((field) => ({
      name: field.name,
      label: field.label,
      pattern: field.pattern.source,
      is_secret: field.isSecret,
      is_required: field.isRequired,
    })),
  }));
  const actual = Object.fromEntries(rows.map(({ name, display_name, metadata }) => [name, {
    display_name,
    fields: metadata.credential_fields.map(({ help: _, ...field }) => field),
  }]));
  assertEquals(actual, expected);
});

Deno.test("the catalogue's features are those that the adapters have", async () => {
  const rows = await readCatalogue();

  const expected = byId((provider) =>
    Object.fromEntries(
      Object.entries(CATALOGUE_FEATURE).map(([feature, name]) => [
        name,
        provider.features.includes(feature as Feature),
      ]),
    )
  );
  const actual = Object.fromEntries(rows.map(({ name, metadata }) => [
    name,
    Object.fromEntries(
      Object.values(CATALOGUE_FEATURE).map((feature) => [feature, metadata.features[feature]]),
    ),
  ]));
  assertEquals(actual, expected);
});

function byId<Value>(describe: (provider: Provider) => Value): Record<string, Value> {
  return Object.fromEntries(
    [...providers.values()].map((provider) => [provider.id, describe(provider)]),
  );
}

interface Row {
  name: string;
  display_name: string;
  metadata: {
    features: Record<string, boolean>;
    credential_fields: ({ help?: string } & Record<string, unknown>)[];
  };
}

async function readCatalogue(): Promise<Row[]> {
  const sql = connectToDatabase();
  const rows = await sql<Row[]>`
    select name, display_name, configuration_metadata as metadata
    from public.service_providers where is_enabled`;
  await sql.end();
  return rows;
}
