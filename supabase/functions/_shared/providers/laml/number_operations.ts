/** What is done with numbers in the same way wherever Twilio's API is offered. */
import { readJson } from "../json.ts";
import {
  type NumberOrder,
  type NumberPurchase,
  type NumberWebhooks,
  type Operation,
  type OwnedNumber,
  type Page,
  UnreadableAnswerError,
} from "../provider.ts";
import { checkLamlId, type LamlApi, lamlPageRequest, lamlRequest, nextLamlPage } from "./api.ts";
import { ownedNumberSchema, ownedPageSchema, toOwnedNumber, webhookFields } from "./numbers.ts";

const PATH = "/IncomingPhoneNumbers";

type NumberConfiguration = { externalId: string; webhooks: NumberWebhooks };

/** `applicationFields` go with the webhooks; `checkApplication` hears of the one that remains. */
export function lamlNumberOperations(api: LamlApi, { applicationFields, checkApplication }: {
  applicationFields: [string, string][];
  checkApplication(applicationId: string): void;
}) {
  const ownedNumber = ownedNumberSchema(api.numberId);
  const ownedPage = ownedPageSchema(api.numberId);

  const listNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
    toRequest: ({ pageUrl }, credentials) =>
      lamlPageRequest(api, credentials, pageUrl, PATH, () => [["PageSize", "1000"]]),
    readResponse({ json }, _input, credentials) {
      const { incoming_phone_numbers, next_page_uri } = readJson(ownedPage, json);
      const items = incoming_phone_numbers.map(toOwnedNumber);
      return { items, ...nextLamlPage(api, credentials, next_page_uri) };
    },
  };

  const purchaseNumber: Operation<NumberPurchase, NumberOrder> = {
    toRequest({ phoneNumber, friendlyName, webhooks }, credentials) {
      const form: [string, string][] = [["PhoneNumber", phoneNumber]];
      if (friendlyName) form.push(["FriendlyName", friendlyName]);
      if (webhooks) form.push(...webhookFields(webhooks));
      return lamlRequest(api, credentials, "POST", PATH, { form });
    },
    readResponse: ({ json }) => ({
      state: "completed",
      number: toOwnedNumber(readJson(ownedNumber, json)),
    }),
  };

  const configureNumber: Operation<NumberConfiguration, void> = {
    toRequest({ externalId, webhooks }, credentials) {
      const form = [...webhookFields(webhooks), ...applicationFields];
      const path = `${PATH}/${checkLamlId(api, "numberId", externalId)}`;
      return lamlRequest(api, credentials, "POST", path, { form });
    },
    readResponse: ({ json }) => checkApplication(readJson(ownedNumber, json).sms_application_sid),
  };

  const releaseNumber: Operation<{ externalId: string }, void> = {
    toRequest: ({ externalId }, credentials) =>
      lamlRequest(
        api,
        credentials,
        "DELETE",
        `${PATH}/${checkLamlId(api, "numberId", externalId)}`,
      ),
    readResponse({ status }) {
      if (status !== 204) throw new UnreadableAnswerError("expected 204");
    },
  };

  return { listNumbers, purchaseNumber, configureNumber, releaseNumber };
}
