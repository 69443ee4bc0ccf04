/** What holds for every provider in the registry: its description and its credentials. */
import { assert, assertEquals } from "@std/assert";
import type {
  Feature,
  OutboundMessage,
  Provider,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { findProvider, providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { operationOf } from "./support/drive.ts";
import {
  loadSamples,
  type OperationName,
  OPERATIONS,
  type ProviderSamples,
} from "./support/samples.ts";

const OPERATIONS_OF: Partial<Record<Feature, OperationName[]>> = {
  voice: ["startCall"],
  message_lookup: ["lookUpMessage"],
  message_search: ["searchMessages"],
  number_search: ["searchNumbers"],
  number_purchase: ["purchaseNumber"],
  number_release: ["releaseNumber"],
  webhook_configuration: ["configureNumber", "configureConnection"],
  usage: ["readUsage"],
  balance: ["readBalance"],
};

const ADDRESSED = {
  statusUrl: "https://project.example/functions/v1/webhooks/pigeon/token?attempt=1",
  reference: "attempt-1",
};
const PHONES = { ...ADDRESSED, from: "+14155552345", to: "+14155550101", text: "Hello" };
const PROBES: Record<"sms" | "mms" | "whatsapp" | "email", OutboundMessage> = {
  sms: { ...PHONES, channel: "sms", mediaUrls: [] },
  mms: { ...PHONES, channel: "sms", mediaUrls: ["https://media.example/1.jpg"] },
  whatsapp: { ...PHONES, channel: "whatsapp", mediaUrls: [] },
  email: {
    ...ADDRESSED,
    channel: "email",
    from: "support@shop.example",
    to: "ada@example.com",
    cc: [],
    bcc: [],
    subject: "Hello",
    text: "Hello",
    html: "",
    attachments: [],
    headers: {},
  },
};

Deno.test("the registry finds a provider by its identifier and nothing else", () => {
  for (const [id, provider] of providers) assertEquals(findProvider(id), provider);
  for (const id of ["", "pigeon", "Twilio", "constructor", "__proto__"]) {
    assertEquals(findProvider(id), undefined);
  }
});

for (const provider of providers.values()) {
  const samples = await loadSamples(provider);
  testDescription(provider, samples);
  testCredentials(provider, samples);
}

function testDescription(provider: Provider, samples: ProviderSamples): void {
  const { calls, credentials } = samples;

  Deno.test(`${provider.id} lists a feature for each operation it has, and no other`, () => {
    for (const [feature, names] of Object.entries(OPERATIONS_OF)) {
      const hasOperation = names.some((name) => operationOf(provider, name) !== undefined);
      assertEquals(provider.features.includes(feature as Feature), hasOperation, feature);
    }
    for (const name of OPERATIONS) {
      const hasOperation = operationOf(provider, name) !== undefined;
      assertEquals(calls.some((call) => call.operation === name), hasOperation, `sample: ${name}`);
    }
    assertEquals(new Set(calls.map(({ name }) => name)).size, calls.length, "names are unique");
    assertEquals(samples.authorization !== undefined, provider.authorize !== undefined);
    assertEquals(samples.accessToken !== undefined, provider.authorize !== undefined);
  });

  Deno.test(`${provider.id} sends by the channels that it lists, and no other`, () => {
    const sent = calls.filter((call) => call.operation === "sendMessage")
      .map((call) => call.input as OutboundMessage);
    for (const message of [samples.message, ...sent]) {
      assertEquals(provider.refuseMessage(message), null, message.channel);
    }
    for (const [kind, probe] of Object.entries(PROBES)) {
      const isListed = provider.features.includes(kind as Feature);
      assertEquals(sent.some((message) => kindOf(message) === kind), isListed, `sample: ${kind}`);
      if (!isListed) assertEquals(provider.refuseMessage(probe)?.code, "unsupported", kind);
    }
  });

  Deno.test(`${provider.id} names its hosts, with nothing of a secret`, () => {
    const hosts = provider.hosts(credentials);
    assert(hosts.length > 0);
    for (const host of hosts) {
      assertEquals(new URL(`https://${host}/`).host, host);
      for (const { name } of provider.credentialFields.filter((field) => field.isSecret)) {
        const secret = credentials[name];
        assert(!secret || !host.includes(secret), name);
      }
    }
  });

  Deno.test(`${provider.id} explains any code with one of ours`, () => {
    for (const code of ["", "0", "no such code", "constructor", "__proto__"]) {
      assertEquals(provider.explainErrorCode(code).code, "rejected");
    }
  });
}

function kindOf(message: OutboundMessage): string {
  return message.channel === "sms" && message.mediaUrls.length > 0 ? "mms" : message.channel;
}

function testCredentials(provider: Provider, samples: ProviderSamples): void {
  const { credentials, refusedCredentials } = samples;

  Deno.test(`${provider.id} accepts credentials as they are pasted`, () => {
    const pasted = Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [name, ` ${value}\n`]),
    );
    assertEquals(provider.checkCredentials(pasted), { ok: true, credentials });
    for (const name of Object.keys(credentials)) {
      assert(provider.credentialFields.some((field) => field.name === name), name);
    }
  });

  for (const { name, input, fields } of refusedCredentials) {
    Deno.test(`${provider.id} refuses credentials with ${name}, repeating no value`, () => {
      const check = provider.checkCredentials(input);

      assert(!check.ok);
      assertEquals(check.issues.map((issue) => issue.field), fields);
      for (const { message } of check.issues) {
        for (const value of Object.values(input)) {
          assert(String(value) === "" || !message.includes(String(value)), message);
        }
      }
    });
  }

  Deno.test(`${provider.id} refuses credentials without any required field`, () => {
    for (const { name, isRequired } of provider.credentialFields) {
      const { [name]: left, ...others } = credentials;
      const check = provider.checkCredentials(others);
      if (isRequired) assert(left && !check.ok && check.issues[0]?.field === name, name);
    }
  });
}
