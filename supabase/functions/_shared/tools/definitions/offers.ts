/** Which families of tools each provider has, in the order in which people are shown them. */
import type { ProviderId } from "../../providers/provider.ts";
import {
  getBalance,
  getDeliveryReceipts,
  getEmailHistory,
  getMmsHistory,
  getSmsHistory,
  getUsage,
  searchNumbers,
  sendEmail,
  sendMms,
  sendSms,
  sendWhatsapp,
  startCall,
} from "./families.ts";
import { MOST_MEDIA } from "./shared_arguments.ts";
import type { ToolKind } from "./tool.ts";

export interface Offer {
  provider: ProviderId;
  /** As the catalogue names it. */
  displayName: string;
  /** What its tools' names begin with. */
  prefix: string;
  /** Kinds by family, in order. */
  tools: Record<string, ToolKind>;
}

const texts = (mostMedia: number) => ({ send_sms: sendSms, send_mms: sendMms(mostMedia) });
const chats = (mostMedia: number) => ({ ...texts(mostMedia), send_whatsapp: sendWhatsapp });
const call = { start_call: startCall };
const balance = { get_balance: getBalance };
const usage = { get_usage: getUsage };
const textHistory = {
  get_sms_history: getSmsHistory,
  get_mms_history: getMmsHistory,
  get_delivery_receipts: getDeliveryReceipts,
};
const emailHistory = {
  get_email_history: getEmailHistory,
  get_delivery_receipts: getDeliveryReceipts,
};
const numbers = { search_numbers: searchNumbers };

const phoneCompany = {
  ...chats(MOST_MEDIA),
  ...call,
  ...balance,
  ...usage,
  ...textHistory,
  ...numbers,
};

export const OFFERS: readonly Offer[] = [
  { provider: "twilio", displayName: "Twilio", prefix: "twilio", tools: phoneCompany },
  { provider: "telnyx", displayName: "Telnyx", prefix: "telnyx", tools: phoneCompany },
  {
    provider: "signalwire",
    displayName: "SignalWire",
    prefix: "signalwire",
    tools: { ...chats(8), ...call, ...textHistory, ...numbers },
  },
  {
    provider: "clicksend_sms",
    displayName: "ClickSend SMS/MMS",
    prefix: "clicksend",
    tools: { ...texts(1), ...balance, ...textHistory },
  },
  {
    provider: "vonage",
    displayName: "Vonage",
    prefix: "vonage",
    tools: { ...chats(MOST_MEDIA), ...call, ...balance, ...textHistory, ...numbers },
  },
  {
    provider: "messagebird",
    displayName: "MessageBird",
    prefix: "messagebird",
    tools: { ...chats(MOST_MEDIA), ...balance, ...textHistory, ...numbers },
  },
  {
    provider: "bandwidth",
    displayName: "Bandwidth",
    prefix: "bandwidth",
    tools: { ...texts(MOST_MEDIA), ...textHistory, ...numbers },
  },
  {
    provider: "sendgrid",
    displayName: "SendGrid",
    prefix: "sendgrid",
    tools: { send_email: sendEmail, ...balance, ...usage, ...emailHistory },
  },
  {
    provider: "postmark",
    displayName: "Postmark",
    prefix: "postmark",
    tools: { send_email: sendEmail, ...usage, ...emailHistory },
  },
  {
    provider: "resend",
    displayName: "Resend",
    prefix: "resend",
    tools: { send_email: sendEmail, ...usage, ...emailHistory },
  },
];
