import { dataOf } from "../database/answer.ts";
import type { ConnectionWebhookSetup, OwnedEmailSender } from "../providers/provider.ts";
import { connectionWebhookUrl } from "../webhooks/urls.ts";
import { configureNumberWebhooks, type NumberWebhookDeps } from "./number_webhooks.ts";
import type { OpenConnection } from "./open_connection.ts";

/**
 * Points an account at us, wherever its provider keeps webhooks: on the account, profile or
 * application first, then on each number. What the provider refuses is written down and shown;
 * setting up can be repeated.
 */
export async function setUpConnection(
  deps: NumberWebhookDeps,
  connection: OpenConnection,
  emailSenders: OwnedEmailSender[] | undefined,
): Promise<void> {
  const { id, provider, credentials, settings, webhookToken, webhookSecret } = connection;
  const url = connectionWebhookUrl(deps.webhooksUrl, provider.id, webhookToken);
  const setup = provider.configureConnection
    ? await deps.transport.call(provider, provider.configureConnection, {
      webhooks: { inboundUrl: url, statusUrl: url, password: webhookSecret },
      settings,
    }, credentials)
    : { ok: true as const, value: {} as ConnectionWebhookSetup };
  const { secret, settings: found }: ConnectionWebhookSetup = setup.ok ? setup.value : {};
  const allSettings = { ...settings, ...found };
  dataOf(
    await deps.service.rpc("record_connection_setup", {
      connection_id: id,
      settings: allSettings,
      ...(secret === undefined ? {} : { webhook_secret: secret }),
      ...(emailSenders ? { email_senders: emailSenders.map(toStorableSender) } : {}),
      ...(setup.ok ? {} : { error: setup.error.message }),
    }),
  );
  const numbers = dataOf(
    await deps.service.from("phone_numbers").select("external_id, phone_number")
      .eq("connection_id", id).eq("status", "active"),
  );
  await configureNumberWebhooks(
    deps,
    { ...connection, settings: allSettings },
    numbers.map((number) => ({
      externalId: number.external_id,
      phoneNumber: number.phone_number,
    })),
  );
}

/** A sender of the provider's in the shape that the database takes over. */
function toStorableSender({ externalId, emailAddress, displayName, status }: OwnedEmailSender) {
  return {
    external_id: externalId,
    email_address: emailAddress,
    display_name: displayName,
    status,
  };
}
