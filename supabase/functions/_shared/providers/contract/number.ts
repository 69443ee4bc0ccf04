export interface NumberCapabilities {
  sms: boolean;
  mms: boolean;
  voice: boolean;
  whatsapp: boolean;
}

/** A number that the account owns. */
export interface OwnedNumber {
  externalId: string;
  /** E.164. */
  phoneNumber: string;
  friendlyName: string;
  capabilities: NumberCapabilities;
  /** Where inbound messages are posted now, as registered; empty when nowhere the number names. */
  webhookUrl: string;
  /** `pending` while the provider is still setting it up. */
  status: "active" | "pending" | "inactive";
}

/** A number that could be bought. */
export interface AvailableNumber {
  /** E.164. */
  phoneNumber: string;
  friendlyName: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  region?: string;
  locality?: string;
  postalCode?: string;
  capabilities: NumberCapabilities;
  /** Decimals, in `priceCurrency` (ISO 4217), where the search tells. */
  monthlyPrice?: string;
  setupPrice?: string;
  priceCurrency?: string;
}

export interface NumberSearch {
  /** ISO 3166-1 alpha-2. */
  country: string;
  kind: "local" | "toll_free" | "mobile";
  areaCode?: string;
  /** Digits and `*`. */
  contains?: string;
  locality?: string;
  region?: string;
  needs?: ReadonlyArray<"sms" | "mms" | "voice">;
  /** 1 to 50. */
  limit: number;
}

export interface NumberPurchase {
  /** E.164, as found by a search. */
  phoneNumber: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  friendlyName?: string;
  webhooks?: NumberWebhooks;
  /** Ours, for the provider to keep beside the order where it can. */
  reference: string;
}

/** What became of an order: some providers take minutes. */
export type NumberOrder =
  | { state: "completed"; number: OwnedNumber }
  | { state: "pending"; orderId: string }
  | { state: "failed"; reason: string };

/** The URLs that a provider calls for one number. */
export interface NumberWebhooks {
  inboundUrl: string;
  /** Called when `inboundUrl` does not answer. */
  fallbackUrl: string;
}
