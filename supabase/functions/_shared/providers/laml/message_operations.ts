/** What is done with messages in the same way wherever Twilio's API is offered. */
import { isoTime, readJson } from "../json.ts";
import type {
  Credentials,
  FoundMessage,
  MessageReceipt,
  MessageSearch,
  Operation,
  OutboundText,
  OutboundWhatsApp,
  Page,
  ProviderRequest,
  ProviderResponse,
  ProviderStatus,
} from "../provider.ts";
import { checkLamlId, type LamlApi, lamlPageRequest, lamlRequest, nextLamlPage } from "./api.ts";
import { foundPageSchema, messageSchema, toFoundMessages, toReceipt } from "./messages.ts";

const PATH = "/Messages";

/** Half of a page of the longest messages stays within the transport's limit on bodies. */
const PAGE_SIZE = "200";

export interface LamlDialect {
  readStatus(word: string): ProviderStatus;
  /** As the vendor writes an address of a channel; throws where it has no such channel. */
  toAddress(channel: NonNullable<MessageSearch["channel"]>, address: string): string;
  /** The day for `DateSent>` which leaves out nothing that was sent since an ISO 8601 time. */
  firstDay(since: string): string;
}

/** Asks to send a message whose content `fields` are. */
export function sendRequest(
  api: LamlApi,
  { toAddress }: LamlDialect,
  credentials: Credentials,
  { channel, from, to }: OutboundText | OutboundWhatsApp,
  fields: ReadonlyArray<[string, string]>,
): ProviderRequest {
  const addresses: [string, string][] = [
    ["To", toAddress(channel, to)],
    ["From", toAddress(channel, from)],
  ];
  return lamlRequest(api, credentials, "POST", PATH, { form: [...addresses, ...fields] });
}

/** The text and media of a message as fields of a form. */
export function contentFields(
  { text, mediaUrls }: { text: string; mediaUrls: ReadonlyArray<string> },
): [string, string][] {
  return [
    ...(text === "" ? [] : [["Body", text] as [string, string]]),
    ...mediaUrls.map((url): [string, string] => ["MediaUrl", url]),
  ];
}

export function lamlMessageOperations(api: LamlApi, dialect: LamlDialect) {
  const message = messageSchema(api.messageId);
  const foundPage = foundPageSchema(api.messageId);
  const { readStatus, toAddress, firstDay } = dialect;

  const readReceipt = ({ json }: ProviderResponse): MessageReceipt =>
    toReceipt(readJson(message, json), readStatus);

  const lookUpMessage: Operation<{ externalId: string }, MessageReceipt> = {
    toRequest: ({ externalId }, credentials) =>
      lamlRequest(
        api,
        credentials,
        "GET",
        `${PATH}/${checkLamlId(api, "messageId", externalId)}`,
      ),
    readResponse: readReceipt,
  };

  /**
   * A message that waits has no day on which it was sent, and `DateSent>` would miss it. A search
   * for one pair of addresses is short without.
   */
  function searchFields({ channel = "sms", from, to, since }: MessageSearch) {
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    const query: [string, string][] = [];
    if (to) query.push(["To", toAddress(channel, to)]);
    if (from) query.push(["From", toAddress(channel, from)]);
    if (!from || !to) query.push(["DateSent>", firstDay(sinceTime)]);
    query.push(["PageSize", PAGE_SIZE]);
    return query;
  }

  const searchMessages: Operation<MessageSearch & { pageUrl?: string }, Page<FoundMessage>> = {
    toRequest: ({ pageUrl, ...search }, credentials) =>
      lamlPageRequest(api, credentials, pageUrl, PATH, () => searchFields(search)),
    readResponse({ json }, { since }, credentials) {
      const page = readJson(foundPage, json);
      const { items, isLast } = toFoundMessages(page, since, readStatus);
      return isLast ? { items } : { items, ...nextLamlPage(api, credentials, page.next_page_uri) };
    },
  };

  return { readReceipt, lookUpMessage, searchMessages };
}
