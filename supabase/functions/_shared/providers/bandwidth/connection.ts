import { WEBHOOK_USER } from "../basic_webhook.ts";
import {
  type ConnectionWebhooks,
  type ConnectionWebhookSetup,
  type Procedure,
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { textAt, writeXml } from "../xml.ts";
import { accountRequest, locationPath, readXml } from "./request.ts";

const CALLBACK_TYPES = ["message-delivered", "message-failed", "message-sending"];

/**
 * Sets the callbacks of the application and attaches it to the location. Both are replaced whole, so
 * that doing it again changes nothing; what they say of themselves is read first and kept.
 * `Update application` in Bandwidth/api-docs, site/specs/numbers_v2.yml at 2fcdf57e.
 */
export const configureBandwidthConnection: Procedure<
  { webhooks: ConnectionWebhooks; settings: Record<string, string> },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks: { inboundUrl, statusUrl, password } }, credentials, context) {
    const { application_id = "" } = credentials;
    const path = `/applications/${application_id}`;
    const found = readXml(
      yield accountRequest(credentials, context, "GET", path),
      "ApplicationProvisioningResponse",
    );
    const serviceType = textAt(found, "Application", "ServiceType");
    const name = textAt(found, "Application", "AppName");
    if (!serviceType || !name) throw new UnreadableAnswerError("no ServiceType or AppName");
    if (!serviceType.startsWith("Messaging")) {
      const message = `the application is for ${serviceType}, not for messages`;
      throw new RefusedAnswerError({ ...meaningOf("invalid_request"), message });
    }

    const signIn = [writeXml("UserId", WEBHOOK_USER), writeXml("Password", password)];
    const application = writeXml("Application", [
      writeXml("ServiceType", serviceType),
      writeXml("AppName", name),
      writeXml("InboundCallbackUrl", inboundUrl),
      writeXml("OutboundCallbackUrl", statusUrl),
      writeXml("InboundCallbackCreds", signIn),
      writeXml("OutboundCallbackCreds", signIn),
      writeXml(
        "RequestedCallbackTypes",
        CALLBACK_TYPES.map((type) => writeXml("CallbackType", type)),
      ),
    ]);
    readXml(
      yield accountRequest(credentials, context, "PUT", path, { xml: application }),
      "ApplicationProvisioningResponse",
    );

    const settings = writeXml("ApplicationsSettings", [
      writeXml("HttpMessagingV2AppId", application_id),
    ]);
    const settingsPath = `${locationPath(credentials)}/products/messaging/applicationSettings`;
    readXml(
      yield accountRequest(credentials, context, "PUT", settingsPath, { xml: settings }),
      "ApplicationsSettingsResponse",
    );
    return {};
  },
};
