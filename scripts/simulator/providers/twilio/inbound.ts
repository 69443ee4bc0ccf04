import type { SimulatorState } from "../../state.ts";
import type { Delivery } from "../../webhooks.ts";
import { TwilioError } from "./errors.ts";
import { inboundWebhook, targetsOf } from "./inbound_webhook.ts";
import { readDraft } from "./message_rules.ts";
import { applyKeyword, CONFIRMATIONS, type Keyword, readKeyword } from "./opt_out.ts";
import { type Outbound, scopeOf } from "./outbound.ts";
import type { PhoneNumber } from "./phone_number.ts";
import { countSegments } from "./segments.ts";
import type { Account, Media, Message, MessagingService, TwilioStore } from "./store.ts";
import { newSid, nextSequence } from "./store.ts";
import { readReplies, TwimlError } from "./twiml.ts";
import type { SignatureKind } from "./webhook.ts";

const SMS_PRICE_MICROS = 7_500;
const MMS_PRICE_MICROS = 10_000;

/** Somebody writes to a number. */
export interface InboundMessage {
  from: string;
  to: string;
  body: string;
  media: Media[];
  /** Given to send the webhook of the same message once more. */
  messageSid: string | undefined;
  signature: SignatureKind;
  /** Such as `ProfileName`. */
  extraParameters: Record<string, string>;
}

/** What came of it. */
export interface InboundResult {
  message: Message;
  /** The last webhook that was sent; null when no URL is set. */
  delivery: Delivery | null;
  /** All of them: the second one went to the fallback URL. */
  deliveries: Delivery[];
  keyword: Keyword | null;
  /** What was sent back. */
  replies: Message[];
  /** Errors that Twilio would put into its debugger. */
  errorCodes: number[];
}

/** Receives messages: tells the product, and does what its answer says. */
export class Inbound {
  readonly #state: SimulatorState;
  readonly #store: TwilioStore;
  readonly #outbound: Outbound;

  constructor(state: SimulatorState, store: TwilioStore, outbound: Outbound) {
    this.#state = state;
    this.#store = store;
    this.#outbound = outbound;
  }

  /** Sends the webhook, waits for the answer, and follows it. */
  async receive(
    account: Account,
    number: PhoneNumber,
    inbound: InboundMessage,
  ): Promise<InboundResult> {
    const end = this.#state.work.begin(account.sid);
    try {
      const message = this.#keep(account, inbound);
      const service = [...account.services.values()]
        .find((candidate) => candidate.senders.includes(number.phoneNumber));
      const keyword = readKeyword(inbound.body, number.phoneNumber) ?? null;
      const result: InboundResult = {
        message,
        delivery: null,
        deliveries: [],
        keyword,
        replies: [],
        errorCodes: [],
      };
      if (keyword) {
        await this.#follow(account, service, inbound, keyword, result);
      }
      await this.#deliver(account, number, service, inbound, result);
      return result;
    } finally {
      end();
    }
  }

  #keep(account: Account, inbound: InboundMessage): Message {
    const known = account.messages.get(inbound.messageSid ?? "");
    if (known) return known;
    const now = Date.now();
    const isMms = inbound.media.length > 0;
    const segmentCount = countSegments(inbound.body);
    const priceMicros = isMms ? MMS_PRICE_MICROS : SMS_PRICE_MICROS;
    const message: Message = {
      sid: inbound.messageSid ?? newSid(isMms ? "MM" : "SM"),
      sequence: nextSequence(),
      accountSid: account.sid,
      direction: "inbound",
      from: inbound.from,
      to: inbound.to,
      body: inbound.body,
      status: "received",
      errorCode: null,
      segmentCount,
      media: inbound.media,
      priceMicros,
      messagingServiceSid: null,
      statusCallback: null,
      createdAt: now,
      updatedAt: now,
      sentAt: now,
    };
    this.#store.addMessage(message);
    account.balanceMicros -= priceMicros;
    account.usage.record(isMms ? "mms-inbound" : "sms-inbound", now, {
      count: 1,
      usage: isMms ? 1 : segmentCount,
      priceMicros,
    });
    if (inbound.from.startsWith("whatsapp:")) {
      account.whatsappSessions.set(`${inbound.from} ${inbound.to}`, now);
    }
    return message;
  }

  /** Keywords are Twilio's to obey, and it answers them itself. */
  async #follow(
    account: Account,
    service: MessagingService | undefined,
    inbound: InboundMessage,
    keyword: Keyword,
    result: InboundResult,
  ): Promise<void> {
    const isNews = applyKeyword(account, keyword, service?.sid ?? inbound.to, inbound.from);
    if (!isNews || inbound.from.startsWith("whatsapp:")) return;
    const draft = {
      from: inbound.to,
      to: inbound.from,
      isWhatsapp: false,
      body: CONFIRMATIONS[keyword],
      mediaUrls: [],
      service: undefined,
      statusCallback: null,
      sendAt: undefined,
      contentSid: undefined,
    };
    const scope = scopeOf(account, draft);
    const { message } = await this.#outbound.accept(account, draft, "outbound-reply", scope);
    result.replies.push(message);
  }

  async #deliver(
    account: Account,
    number: PhoneNumber,
    service: MessagingService | undefined,
    inbound: InboundMessage,
    result: InboundResult,
  ): Promise<void> {
    for (const target of targetsOf(number, service)) {
      const errorCode = result.errorCodes.at(-1);
      const failure = result.delivery && errorCode !== undefined
        ? { errorCode, errorUrl: result.delivery.url }
        : undefined;
      const { signature } = inbound;
      const extraParameters = service?.hasAdvancedOptOut && result.keyword
        ? { OptOutType: result.keyword, ...inbound.extraParameters }
        : inbound.extraParameters;
      const delivery = await this.#state.webhooks.send(
        inboundWebhook(account, service, result.message, target, {
          signature,
          extraParameters,
          failure,
        }),
      );
      result.delivery = delivery;
      result.deliveries.push(delivery);
      if (await this.#obey(account, inbound, delivery, result)) return;
    }
  }

  /** Does what the answer asks for; answers false when it could not be had or read. */
  async #obey(
    account: Account,
    inbound: InboundMessage,
    delivery: Delivery,
    result: InboundResult,
  ): Promise<boolean> {
    if (delivery.status === null || delivery.status < 200 || delivery.status > 299) {
      result.errorCodes.push(delivery.status === null ? 11205 : 11200);
      return false;
    }
    try {
      const replies = readReplies(delivery.response_content_type, delivery.response_body);
      for (const reply of replies) {
        const form = new URLSearchParams({
          To: reply.to ?? inbound.from,
          From: reply.from ?? inbound.to,
          Body: reply.body,
          ...(reply.statusCallback === undefined ? {} : { StatusCallback: reply.statusCallback }),
        });
        for (const url of reply.mediaUrls) form.append("MediaUrl", url);
        const draft = readDraft(account, form);
        const scope = scopeOf(account, draft);
        const { message } = await this.#outbound.accept(account, draft, "outbound-reply", scope);
        result.replies.push(message);
      }
      return true;
    } catch (error) {
      if (error instanceof TwimlError) {
        result.errorCodes.push(error.code);
        return false;
      }
      if (!(error instanceof TwilioError)) throw error;
      result.errorCodes.push(error.code);
      return true;
    }
  }
}
