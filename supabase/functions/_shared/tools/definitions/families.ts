/** Families of tools that providers have: one kind each, crossed with the providers in offers.ts. */
import * as z from "zod/mini";
import { optional, patterned, required, text, whole } from "./fields.ts";
import {
  BODY_LENGTHS,
  bodyArgument,
  connectionArgument,
  dayRange,
  findRecipientFlaw,
  findSendingFlaw,
  historyArguments,
  htmlArgument,
  mediaUrls,
  messageId,
  MOST_MEDIA,
  recipientArguments,
  scheduledAt,
  subjectArgument,
  templateArguments,
} from "./shared_arguments.ts";
import { REACHES_PEOPLE, READS, type ToolKind } from "./tool.ts";

const closed = (rules: z.core.$ZodShape): z.ZodMiniObject =>
  z.strictObject({ ...connectionArgument, ...rules });

export const sendSms: ToolKind = {
  label: "Send SMS",
  description:
    "Sends a text message (SMS) to one contact through {provider}. Use it to write to or answer somebody by phone number when no picture or file is needed.",
  scopes: ["sms"],
  ...REACHES_PEOPLE,
  arguments: closed({
    ...recipientArguments,
    ...bodyArgument(BODY_LENGTHS.sms, "The text to send. Needed unless a template is named."),
    ...templateArguments,
    ...scheduledAt,
  }),
  findFlaw: findSendingFlaw("body", "template"),
};

/** How many media one message takes is up to the provider. */
export const sendMms = (mostMedia: number): ToolKind => ({
  label: "Send MMS",
  description:
    "Sends a message with pictures or other media (MMS) to one contact through {provider}. Use it only when there is media to send, since an SMS reaches more phones for less.",
  scopes: ["mms"],
  ...REACHES_PEOPLE,
  arguments: closed({
    ...recipientArguments,
    ...bodyArgument(BODY_LENGTHS.sms, "The text beside the media."),
    media_urls: required(
      mediaUrls(mostMedia),
      "Public https URLs of the media, which the provider fetches.",
    ),
    ...templateArguments,
    ...scheduledAt,
  }),
  findFlaw: findSendingFlaw("media_urls"),
});

export const sendWhatsapp: ToolKind = {
  label: "Send WhatsApp",
  description:
    "Sends a WhatsApp message to one contact through {provider}. Use it for contacts who write on WhatsApp; more than 24 hours after their last message only a template gets through.",
  scopes: ["whatsapp"],
  ...REACHES_PEOPLE,
  arguments: closed({
    ...recipientArguments,
    ...bodyArgument(
      BODY_LENGTHS.whatsapp,
      "The text to send. Needed unless a template is named or media is sent.",
    ),
    media_urls: optional(
      mediaUrls(MOST_MEDIA),
      "Public https URLs of pictures or files to send, which the provider fetches.",
    ),
    ...templateArguments,
    ...scheduledAt,
  }),
  findFlaw: findSendingFlaw("body", "template", "media_urls"),
};

export const sendEmail: ToolKind = {
  label: "Send Email",
  description:
    "Sends an email to one contact through {provider}. Use it for what is long or formal, or where only an email address is known.",
  scopes: ["email"],
  ...REACHES_PEOPLE,
  arguments: closed({
    ...recipientArguments,
    ...subjectArgument,
    text: optional(
      text(BODY_LENGTHS.email),
      "The content as plain text. One of text, html and template is needed.",
    ),
    ...htmlArgument("The content as HTML. Give text as well, for readers without HTML."),
    ...templateArguments,
    ...scheduledAt,
  }),
  findFlaw: findSendingFlaw("text", "html", "template"),
};

export const startCall: ToolKind = {
  label: "Start Call",
  description:
    "Calls one contact through {provider} and speaks a text to whoever answers. Use it when something is urgent or the contact asked to be called.",
  scopes: ["voice"],
  ...REACHES_PEOPLE,
  arguments: closed({
    ...recipientArguments,
    body: required(text(BODY_LENGTHS.voice), "What is spoken when the call is answered."),
  }),
  findFlaw: findRecipientFlaw,
};

export const getBalance: ToolKind = {
  label: "Check Account Balance",
  description:
    "Reads how much money or how many credits the {provider} account has left. Use it before large sends, or when sending fails for lack of funds.",
  scopes: ["balance"],
  ...READS,
  arguments: closed({}),
};

export const getUsage: ToolKind = {
  label: "Get Usage",
  description:
    "Reads what was used of the {provider} account between two days, and what it cost where the provider says. Use it to answer questions about volume or spending.",
  scopes: ["usage"],
  ...READS,
  arguments: closed(dayRange),
  findFlaw: ({ start_date, end_date }) =>
    String(start_date) <= String(end_date)
      ? null
      : { field: "end_date", message: "must not be before start_date: exchange the two" },
};

const history = (label: string, description: string): ToolKind => ({
  label,
  description,
  scopes: ["history"],
  ...READS,
  arguments: closed(historyArguments),
});

export const getSmsHistory = history(
  "Get SMS History",
  "Lists the text messages sent and received through {provider}, newest first. Use it to see what was said before writing.",
);

export const getMmsHistory = history(
  "Get MMS History",
  "Lists the messages with media sent and received through {provider}, newest first. Use it to find a picture or file that was exchanged.",
);

export const getEmailHistory = history(
  "Get Email History",
  "Lists the emails sent and received through {provider}, newest first. Use it to see what was written before answering.",
);

export const getDeliveryReceipts: ToolKind = {
  label: "Get Delivery Receipts",
  description:
    "Reads what became of one message sent through {provider}: its status, when it changed, and why it failed. Use it to learn whether a message arrived.",
  scopes: ["delivery_receipts"],
  ...READS,
  arguments: closed(messageId),
};

export const searchNumbers: ToolKind = {
  label: "Search Phone Numbers",
  description:
    "Lists phone numbers that could be bought from {provider}; it buys none. Use it to propose a number in a country or area.",
  scopes: ["numbers"],
  ...READS,
  arguments: closed({
    country: required(
      patterned(/^[A-Z]{2}$/, "must be a country of two capital letters, such as US"),
      "Country as ISO 3166-1 alpha-2, such as US.",
    ),
    area_code: optional(
      patterned(/^[0-9]{1,6}$/, "must have 1 to 6 digits"),
      "Area code that the numbers should have.",
    ),
    contains: optional(
      patterned(/^[0-9*]{1,16}$/, "must be 1 to 16 digits or *"),
      "Digits that the numbers should hold, with * for any digit.",
    ),
    limit: optional(whole(1, 50), "How many numbers to list at most; 10 when left out."),
  }),
};
