import { assert, assertEquals, assertMatch } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { connectToDatabase } from "../support/stack.ts";

interface Metadata {
  api_base_url: string;
  api_base_urls?: Record<string, string>;
  authentication_type: string;
  token_url?: string;
  credential_fields: {
    name: string;
    label: string;
    pattern: string;
    is_secret: boolean;
    is_required: boolean;
  }[];
  supported_channels: string[];
  features: Record<string, boolean>;
  webhook: { location: string; verification: string; is_signed: boolean };
  limits: Record<string, number>;
  supported_countries: string[];
  mms_countries?: string[];
  country_coverage: string;
  pricing_model: string;
  opt_out_words?: { stop: string[]; start: string[] };
  documentation_url: string;
  setup_instructions: Record<string, string>;
}

interface ProviderRow {
  name: string;
  display_name: string;
  is_enabled: boolean;
  scopes_supported: string[];
  configuration_metadata: Metadata;
}

interface CapabilityRow {
  provider: string;
  capability_key: string;
  display_label: string;
  display_order: number;
  required_scope: string;
  description: string;
  arguments_schema: {
    type: string;
    properties: Record<string, Property>;
    required: string[];
    additionalProperties: boolean;
  };
  is_read_only: boolean;
  is_destructive: boolean;
}

interface Property {
  type: string | string[];
  description: string;
  format?: string;
  pattern?: string;
  items?: Property;
}

const NAMES = [
  "bandwidth",
  "clicksend_sms",
  "messagebird",
  "postmark",
  "resend",
  "sendgrid",
  "signalwire",
  "telnyx",
  "twilio",
  "vonage",
];

/** The feature that each family of tools stands for. */
const FEATURES: Record<string, string> = {
  send_sms: "sms_sending",
  send_mms: "mms_sending",
  send_whatsapp: "whatsapp_sending",
  send_email: "email_sending",
  start_call: "voice_calls",
  get_balance: "balance_checking",
  get_usage: "usage_reports",
  get_delivery_receipts: "delivery_receipts",
  search_numbers: "number_search",
};

/** The channel that each feature of sending opens. */
const CHANNELS: Record<string, string> = {
  sms_sending: "sms",
  mms_sending: "mms",
  whatsapp_sending: "whatsapp",
  voice_calls: "voice",
  email_sending: "email",
};

async function readProviders(): Promise<ProviderRow[]> {
  const sql = connectToDatabase();
  const rows = await sql<ProviderRow[]>`
    select name, display_name, is_enabled, scopes_supported, configuration_metadata
    from public.service_providers order by name collate "C"`;
  await sql.end();
  assertEquals(rows.map((row) => row.name), NAMES);
  return [...rows];
}

async function readCapabilities(): Promise<CapabilityRow[]> {
  const sql = connectToDatabase();
  const rows = await sql<CapabilityRow[]>`
    select p.name as provider, c.capability_key, c.display_label, c.display_order, c.required_scope,
      c.description, c.arguments_schema, c.is_read_only, c.is_destructive
    from public.integration_capabilities as c
    join public.service_providers as p on p.id = c.integration_id
    order by p.name collate "C", c.display_order`;
  await sql.end();
  assert(rows.length > 0, "Expected capabilities");
  return [...rows];
}

const prefixOf = (provider: string) => provider === "clicksend_sms" ? "clicksend" : provider;
const familyOf = (row: CapabilityRow) =>
  row.capability_key.slice(prefixOf(row.provider).length + 1);
const sorted = (values: Iterable<string>) => [...new Set(values)].sort();

Deno.test("all ten providers are listed, and those with an adapter are enabled", async () => {
  const rows = await readProviders();
  assertEquals(
    rows.filter((row) => row.is_enabled).map((row) => row.name),
    sorted(providers.keys()),
  );
});

Deno.test("every provider says all there is to know, under the same names", async () => {
  const rows = await readProviders();
  const twilio = rows.find((row) => row.name === "twilio")!.configuration_metadata;
  const featureNames = Object.keys(twilio.features).sort();

  for (const { name, display_name, configuration_metadata: metadata } of rows) {
    assert(display_name.length > 0, name);
    for (const url of Object.values(metadata.api_base_urls ?? {})) assertMatch(url, /^https:\/\//);
    if (metadata.api_base_urls) {
      assert(Object.values(metadata.api_base_urls).includes(metadata.api_base_url), name);
    }
    assertEquals(
      metadata.authentication_type === "oauth2_client_credentials",
      metadata.token_url !== undefined,
      name,
    );
    assert(Object.keys(metadata.limits).length > 0, name);
    assertEquals(metadata.webhook.is_signed, metadata.features.webhook_signatures, name);
    const steps = Object.keys(metadata.setup_instructions);
    assertEquals(steps.sort(), steps.map((_, index) => `step_${index + 1}`), name);

    const { message_tracking, ...features } = metadata.features;
    assertEquals(message_tracking, name === "clicksend_sms" ? true : undefined, name);
    assertEquals(Object.keys(features).sort(), featureNames, name);
    for (const [feature, channel] of Object.entries(CHANNELS)) {
      assertEquals(metadata.supported_channels.includes(channel), features[feature], name);
    }
  }
});

Deno.test("every provider of texts says which stops and starts it acts on, and no other does", async () => {
  for (const { name, configuration_metadata: metadata } of await readProviders()) {
    assertEquals(
      Object.keys(metadata.opt_out_words ?? {}).sort(),
      metadata.features.sms_sending ? ["start", "stop"] : [],
      name,
    );
  }
});

Deno.test("ClickSend's metadata holds the values of its document", async () => {
  const row = (await readProviders()).find(({ name }) => name === "clicksend_sms")!;
  const metadata = row.configuration_metadata as unknown as Record<string, unknown>;

  assertEquals(row.display_name, "ClickSend SMS/MMS");
  assertEquals(row.scopes_supported, ["sms", "mms", "balance", "history", "delivery_receipts"]);
  const expected = {
    authentication_type: "basic_auth",
    api_base_url: "https://rest.clicksend.com/v3",
    auth_header_format: "Basic {base64(username:api_key)}",
    supported_message_types: ["sms", "mms"],
    pricing_model: "per_message",
    documentation_url: "https://developers.clicksend.com/",
    setup_instructions: {
      step_1: "Sign up for ClickSend account at https://clicksend.com",
      step_2: "Navigate to API Credentials in your dashboard",
      step_3: "Copy your Username and API Key",
      step_4: "Enter credentials in Switchboard integration setup",
    },
  };
  for (const [key, value] of Object.entries(expected)) assertEquals(metadata[key], value, key);
  const { limits, features } = row.configuration_metadata;
  assertEquals([limits.sms_max_length, limits.mms_max_size_mb], [1600, 5]);
  assertEquals([limits.rate_limit_per_hour, limits.concurrent_requests], [1000, 10]);
  for (
    const feature of [
      ...["sms_sending", "mms_sending", "delivery_receipts", "inbound_messages"],
      ...["balance_checking", "message_history", "scheduled_messages", "message_tracking"],
    ]
  ) assertEquals(features[feature], true, feature);
});

Deno.test("every credential field has a pattern that a form can check from end to end", async () => {
  for (const { name, configuration_metadata } of await readProviders()) {
    const fields = configuration_metadata.credential_fields;
    assertEquals(new Set(fields.map((field) => field.name)).size, fields.length, name);
    assert(fields.some((field) => field.is_secret && field.is_required), name);
    for (const field of fields) {
      const label = `${name}.${field.name}`;
      const pattern = new RegExp(field.pattern);
      assert(field.pattern.startsWith("^") && field.pattern.endsWith("$"), label);
      assert(!/\|[^)]*$/.test(field.pattern), `${label}: an alternative escapes the anchors`);
      for (const blank of ["", " ", "two words"]) assert(!pattern.test(blank), label);
    }
  }
});

Deno.test("secrets are secret, and what names or verifies is not", async () => {
  const secrets = (await readProviders()).map(({ name, configuration_metadata }) => [
    name,
    configuration_metadata.credential_fields.filter((field) => field.is_secret)
      .map((field) => field.name),
  ]);
  assertEquals(Object.fromEntries(secrets), {
    bandwidth: ["client_secret"],
    clicksend_sms: ["api_key"],
    messagebird: ["access_key", "signing_key"],
    postmark: ["server_token", "account_token"],
    resend: ["api_key", "webhook_signing_secret"],
    sendgrid: ["api_key"],
    signalwire: ["api_token", "signing_key"],
    telnyx: ["api_key"],
    twilio: ["auth_token", "api_key_secret"],
    vonage: ["api_secret", "private_key", "signature_secret"],
  });
});

Deno.test("countries are ISO 3166, each once, and listed exactly when the coverage says so", async () => {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  // Codes that Intl names although ISO 3166 does not assign them to a country.
  const reserved = new Set(["EU", "UK", "UN", "EZ", "QO", "XA", "XB", "XK", "ZZ"]);
  for (const { name, configuration_metadata: metadata } of await readProviders()) {
    for (const countries of [metadata.supported_countries, metadata.mms_countries ?? []]) {
      assertEquals(new Set(countries).size, countries.length, name);
      for (const country of countries) {
        assertMatch(country, /^[A-Z]{2}$/);
        assert(names.of(country) !== undefined && !reserved.has(country), `${name}: ${country}`);
      }
    }
    assertEquals(metadata.country_coverage === "listed", metadata.supported_countries.length > 0);
  }
});

Deno.test("a provider's scopes are exactly those that its capabilities require", async () => {
  const capabilities = await readCapabilities();
  for (const { name, scopes_supported } of await readProviders()) {
    const required = capabilities.filter((row) => row.provider === name)
      .map((row) => row.required_scope);
    assertEquals([...scopes_supported].sort(), sorted(required), name);
  }
});

Deno.test("ClickSend has the six capabilities of its document", async () => {
  const rows = (await readCapabilities()).filter((row) => row.provider === "clicksend_sms");
  assertEquals(
    rows.map((row) => [row.capability_key, row.display_label, row.display_order]),
    [
      ["clicksend_send_sms", "Send SMS", 1],
      ["clicksend_send_mms", "Send MMS", 2],
      ["clicksend_get_balance", "Check Account Balance", 3],
      ["clicksend_get_sms_history", "Get SMS History", 4],
      ["clicksend_get_mms_history", "Get MMS History", 5],
      ["clicksend_get_delivery_receipts", "Get Delivery Receipts", 6],
    ],
  );
});

Deno.test("a provider has a tool for each of its features, and none for what it lacks", async () => {
  const capabilities = await readCapabilities();
  for (const { name, configuration_metadata: { features } } of await readProviders()) {
    const own = capabilities.filter((row) => row.provider === name);
    assertEquals(own.map((row) => row.display_order), own.map((_, index) => index + 1), name);
    for (const row of own) {
      assert(row.capability_key.startsWith(`${prefixOf(name)}_`), row.capability_key);
    }
    const expected = Object.entries(FEATURES)
      .filter(([, feature]) => features[feature]).map(([family]) => family)
      // The document's six leave these out, although ClickSend has them.
      .filter((family) => name !== "clicksend_sms" || !/^(get_usage|search_numbers)$/.test(family));
    for (const channel of ["sms", "mms", "email"]) {
      if (features.message_history && features[`${channel}_sending`]) {
        expected.push(`get_${channel}_history`);
      }
    }
    assertEquals(own.map(familyOf).sort(), expected.sort(), name);
  }
});

Deno.test("every tool describes closed, strict arguments", async () => {
  const types = ["string", "integer", "array"];
  for (const row of await readCapabilities()) {
    const { type, properties, required, additionalProperties } = row.arguments_schema;
    assertEquals([type, additionalProperties], ["object", false], row.capability_key);
    assert(!row.description.includes("{"), row.description);
    for (const name of required) assert(name in properties, `${row.capability_key}.${name}`);
    for (const [name, property] of Object.entries(properties)) {
      const label = `${row.capability_key}.${name}`;
      assertMatch(name, /^[a-z][a-z_]*$/);
      assert(property.description.length > 0, label);
      assert(types.includes([property.type].flat()[0]!), label);
      assertEquals([property.type].flat().includes("null"), !required.includes(name), label);
      assertEquals([property.type].flat()[0] === "array", property.items !== undefined, label);
      if (property.pattern) new RegExp(property.pattern);
    }
    const sends = /^(send|start)_/.test(familyOf(row));
    assertEquals([row.is_read_only, row.is_destructive], [!sends, sends], row.capability_key);
  }
});
