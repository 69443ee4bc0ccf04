import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import {
  type MessageReceipt,
  type Operation,
  type OutboundMessage,
  type ProviderError,
  type ProviderErrorCode,
  UnreadableAnswerError,
} from "../provider.ts";
import { E164, refusePhoneMessage } from "../phone_message.ts";
import { refusal } from "../provider_errors.ts";
import { isClickSendErrorCode } from "./errors.ts";
import { toReceipt } from "./receipt.ts";
import {
  clickSendRequest,
  currencyFields,
  readCurrency,
  readData,
  refusedAnswer,
} from "./request.ts";
import { measureText } from "./words.ts";

/** A number, a short code or a name: at most 11 characters, no space. */
const SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9]{1,11})$/;
/** Eight parts of an SMS, and an MMS. ClickSend cuts longer ones off and sends the rest. */
const LONGEST_SMS = { gsm: 1224, unicode: 536 };
const LONGEST_MMS = { gsm: 1500, unicode: 500 };

export function refuseClickSendMessage(message: OutboundMessage): ProviderError | null {
  const refuse = (code: ProviderErrorCode, state: string) =>
    refusal(code, `Cannot send by ClickSend: ${state}`);
  if (message.channel !== "sms") {
    return refuse("unsupported", `channel ${message.channel} is not supported`);
  }
  const { from, text, mediaUrls } = message;
  const { length, isUnicode } = measureText(text);
  const longest = (mediaUrls.length > 0 ? LONGEST_MMS : LONGEST_SMS)[isUnicode ? "unicode" : "gsm"];
  if (length > longest) {
    return refuse("invalid_request", `the text is longer than ${longest} characters`);
  }
  if (text.trim() === "") return refuse("invalid_request", "the text is empty");
  if (mediaUrls.length > 0 && !E164.test(from)) {
    return refuse("invalid_sender", "media are sent from a ClickSend number only");
  }
  return refusePhoneMessage("ClickSend", message, {
    sender: SENDER,
    longestText: length,
    mostMedia: 1,
  });
}

const sentMessage = z.object({
  message_id: optionalText,
  status: z.string(),
  message_parts: optionalDecimal,
  message_price: optionalDecimal,
});
const sent = z.object({ messages: z.array(z.unknown()), ...currencyFields });

/** Required of an MMS, where our messages have none. */
const MMS_SUBJECT = "MMS";

export const sendClickSendMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel !== "sms") throw new Error("no text message");
    const { from, to, text, mediaUrls, reference } = message;
    const [media_file] = mediaUrls;
    const fields = { source: "switchboard", from, to, body: text, custom_string: reference };
    return media_file === undefined
      ? clickSendRequest(credentials, "POST", "/sms/send", { json: { messages: [fields] } })
      : clickSendRequest(credentials, "POST", "/mms/send", {
        json: { media_file, messages: [{ ...fields, subject: MMS_SUBJECT }] },
      });
  },
  readResponse(response) {
    const data = readData(sent, response);
    const given = readJson(sentMessage, data.messages[0]);
    // An unlisted word beside an identifier may be of a message that was taken: nobody knows.
    if (isClickSendErrorCode(given.status) || (given.status !== "SUCCESS" && !given.message_id)) {
      throw refusedAnswer(given.status, "");
    }
    if (!given.message_id) throw new UnreadableAnswerError("unexpected message_id");
    return toReceipt(given, readCurrency(data));
  },
};
