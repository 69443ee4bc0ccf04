import { bandwidthIntake } from "./bandwidth/intake.ts";
import { bandwidthReading } from "./bandwidth/reading.ts";
import { bandwidthReconciling } from "./bandwidth/reconciling.ts";
import { bandwidthSending } from "./bandwidth/sending.ts";
import { validateBandwidthCredentials } from "./bandwidth/account.ts";
import { configureBandwidthConnection } from "./bandwidth/connection.ts";
import { listBandwidthNumbers } from "./bandwidth/numbers.ts";
import {
  purchaseBandwidthNumber,
  readBandwidthOrder,
  releaseBandwidthNumber,
} from "./bandwidth/orders.ts";
import { bandwidthWebhookUrls } from "./bandwidth/webhooks.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "account_id",
    label: "Account ID",
    pattern: /^[0-9]{1,20}$/,
    isRequired: true,
    isSecret: false,
    remedy: "It is the number of the account, shown in the Bandwidth App",
  },
  {
    name: "client_id",
    label: "Client ID",
    pattern: /^[\x21-\x39\x3b-\x7e]{1,255}$/,
    isRequired: true,
    isSecret: false,
    remedy: "It belongs to an API credential; user names stop working on 2026-12-02",
  },
  {
    name: "client_secret",
    label: "Client Secret",
    pattern: /^[\x21-\x7e]{8,255}$/,
    isRequired: true,
    isSecret: true,
    remedy: "Bandwidth shows it once: create another API credential if it is lost",
  },
  {
    name: "application_id",
    label: "Application ID",
    pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    isRequired: true,
    isSecret: false,
    remedy: 'Copy it from the messaging application under "Applications" in the Bandwidth App',
  },
  {
    name: "site_id",
    label: "Sub-account ID",
    pattern: /^[0-9A-Za-z-]{1,64}$/,
    isRequired: true,
    isSecret: false,
    remedy:
      "It is also called site: copy the number of the sub-account that numbers are bought into",
  },
  {
    name: "sip_peer_id",
    label: "Location ID",
    pattern: /^[0-9A-Za-z-]{1,64}$/,
    isRequired: true,
    isSecret: false,
    remedy: "It is also called SIP peer: copy the number of the location in that sub-account",
  },
];

export const bandwidth: Provider = {
  ...bandwidthSending,
  ...bandwidthReconciling,
  ...bandwidthReading,
  ...bandwidthIntake,
  features: [
    "sms",
    "mms",
    "number_search",
    "number_purchase",
    "number_release",
    "webhook_configuration",
    "message_lookup",
    "message_search",
  ],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  // Bandwidth signs in with a password that we choose.
  webhookSecret: () => undefined,
  validateCredentials: validateBandwidthCredentials,
  listNumbers: listBandwidthNumbers,
  purchaseNumber: purchaseBandwidthNumber,
  readNumberOrder: readBandwidthOrder,
  releaseNumber: releaseBandwidthNumber,
  configureConnection: configureBandwidthConnection,
  webhookUrls: bandwidthWebhookUrls,
};
