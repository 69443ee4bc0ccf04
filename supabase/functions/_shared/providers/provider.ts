/**
 * The contract that every provider adapter fulfils. An adapter is data and pure functions: it
 * describes requests and reads answers. `transport.ts` is the only code that sends them.
 */
import type {
  AccountInfo,
  Balance,
  CredentialCheck,
  CredentialField,
  OwnedEmailSender,
  UsageLine,
  UsageQuery,
} from "./contract/account.ts";
import type { ErrorMeaning, ProviderError, ProviderRefusal } from "./contract/errors.ts";
import type {
  CallReceipt,
  FoundMessage,
  MessageReceipt,
  MessageSearch,
  OutboundCall,
  OutboundMessage,
} from "./contract/message.ts";
import type {
  AvailableNumber,
  NumberOrder,
  NumberPurchase,
  NumberSearch,
  NumberWebhooks,
  OwnedNumber,
} from "./contract/number.ts";
import type {
  Authorization,
  Credentials,
  Operation,
  Page,
  Procedure,
  ProviderResponse,
} from "./contract/operation.ts";
import type {
  ConnectionWebhooks,
  ConnectionWebhookSetup,
  InboundEmail,
  WebhookAnswer,
  WebhookEvent,
  WebhookKey,
  WebhookRequest,
} from "./contract/webhook.ts";

export * from "./contract/account.ts";
export * from "./contract/errors.ts";
export * from "./contract/message.ts";
export * from "./contract/number.ts";
export * from "./contract/operation.ts";
export * from "./contract/webhook.ts";

/** A row of `service_providers`. */
export type ProviderId =
  | "twilio"
  | "telnyx"
  | "signalwire"
  | "clicksend_sms"
  | "vonage"
  | "messagebird"
  | "bandwidth"
  | "sendgrid"
  | "postmark"
  | "resend";

/** What a provider, or one of its senders, can do. */
export type Feature =
  | "sms"
  | "mms"
  | "whatsapp"
  | "voice"
  | "email"
  | "number_search"
  | "number_purchase"
  | "number_release"
  | "webhook_configuration"
  | "message_lookup"
  | "message_search"
  | "usage"
  | "balance";

/** One call, or several that belong together. */
export type Call<Input, Output> = Operation<Input, Output> | Procedure<Input, Output>;

/** What the transport needs of whomever it calls: a provider, or somebody's own agent. */
export interface Callee {
  id: string;
  displayName: string;
  /** Hosts that its requests and next pages may go to; some depend on the account. */
  hosts(credentials: Credentials): ReadonlyArray<string>;
  /** Fetches the token that requests carry. The transport keeps it until it ends. */
  authorize?: Authorization;
  /** Reads any answer that is not one of success. */
  readError(response: ProviderResponse): ProviderRefusal;
}

/** What every call to a provider needs to be made and understood. */
export interface ProviderCore extends Callee {
  id: ProviderId;
}

/** What handing over needs: the part that the dispatcher is bundled with. */
export interface ProviderSending extends ProviderCore {
  /** Why this message cannot be sent by this provider at all, or null. Asked before any request. */
  refuseMessage(message: OutboundMessage): ProviderError | null;
  sendMessage: Operation<OutboundMessage, MessageReceipt>;
}

/** What asking needs, where nobody knows what became of a hand-over. */
export interface ProviderReconciling extends ProviderCore {
  lookUpMessage?: Operation<{ externalId: string }, MessageReceipt>;
  searchMessages?: Operation<MessageSearch & { pageUrl?: string }, Page<FoundMessage>>;
}

/** What starting voice calls needs, of the few that offer it. */
export interface ProviderCalling extends ProviderCore {
  startCall: Operation<OutboundCall, CallReceipt>;
}

/** What asking about an account needs: what it has left, what it used, and which numbers it could buy. */
export interface ProviderReading extends ProviderCore {
  searchNumbers?: Operation<NumberSearch, AvailableNumber[]>;
  readUsage?: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>>;
  readBalance?: Operation<void, Balance>;
}

/** What taking webhooks needs: the part that has to be there before the provider loses patience. */
export interface ProviderIntake {
  id: ProviderId;
  displayName: string;
  /** What one of the provider's own codes means, such as the `errorCode` of a receipt. */
  explainErrorCode(providerCode: string): ErrorMeaning;
  /** True when the key's owner made this request. Constant time; false for anything malformed. */
  verifyWebhook(request: WebhookRequest, key: WebhookKey): Promise<boolean>;
  /** Throws `UnreadableWebhookError`, and nothing else, for what the provider does not document. */
  readWebhook(request: WebhookRequest): WebhookEvent[] | Promise<WebhookEvent[]>;
  webhookAnswer(): WebhookAnswer;
  /** The status that makes this provider try again later; 403 stops some for good. */
  retryStatus?: number;
}

/** Everything the product knows of a provider. An absent operation is a feature it lacks. */
export interface Provider
  extends
    ProviderSending,
    ProviderReconciling,
    ProviderReading,
    ProviderIntake,
    Partial<Pick<ProviderCalling, "startCall">> {
  features: ReadonlyArray<Feature>;
  credentialFields: ReadonlyArray<CredentialField>;
  /** Field rules; returns the cleaned credentials or what is wrong with which field. */
  checkCredentials(input: Readonly<Record<string, unknown>>): CredentialCheck;
  /**
   * What webhooks are verified with, as far as a person entered it; undefined where we choose it
   * ourselves or the provider makes it (`configureConnection`).
   */
  webhookSecret(credentials: Credentials): string | undefined;

  validateCredentials: Call<void, AccountInfo>;
  /** The rest of an inbound message whose webhook holds its head only. */
  readInbound?: Operation<{ externalId: string }, InboundEmail>;
  listNumbers?: Operation<{ pageUrl?: string }, Page<OwnedNumber>>;
  listEmailSenders?: Operation<{ pageUrl?: string }, Page<OwnedEmailSender>>;
  purchaseNumber?: Call<NumberPurchase, NumberOrder>;
  /** What became of an order that was pending. */
  readNumberOrder?: Call<{ orderId: string }, NumberOrder>;
  releaseNumber?: Call<{ externalId: string; phoneNumber: string }, void>;

  /** Points one number at us, where each has its own webhooks. */
  configureNumber?: Call<
    {
      externalId: string;
      phoneNumber: string;
      webhooks: NumberWebhooks;
      settings: Record<string, string>;
    },
    void
  >;
  /** Points the account, profile or application at us, where webhooks hold for all of it. */
  configureConnection?: Call<
    { webhooks: ConnectionWebhooks; settings: Record<string, string> },
    ConnectionWebhookSetup
  >;
  /** Where this provider's webhook URLs come from: one base per connection, made by the caller. */
  webhookUrls(connectionUrl: string): NumberWebhooks;
}
