/** What was used, in one category on one day or over a span of days. */
export interface UsageAmount {
  count: number;
  /** Segments for SMS, messages for MMS, numbers for numbers. */
  usage: number;
  priceMicros: number;
}

/** The categories that are recorded; the others are sums of these. */
export type UsageCategory =
  | "sms-outbound"
  | "sms-inbound"
  | "mms-outbound"
  | "mms-inbound"
  | "phonenumbers";

/** How each category is reported, and of which recorded ones it is the sum. */
export const USAGE_CATEGORIES: Record<
  string,
  { description: string; unit: string; parts: readonly UsageCategory[] }
> = {
  "sms": { description: "SMS", unit: "messages", parts: ["sms-outbound", "sms-inbound"] },
  "sms-outbound": { description: "Outbound SMS", unit: "messages", parts: ["sms-outbound"] },
  "sms-inbound": { description: "Inbound SMS", unit: "messages", parts: ["sms-inbound"] },
  "mms": { description: "MMS", unit: "messages", parts: ["mms-outbound", "mms-inbound"] },
  "mms-outbound": { description: "Outbound MMS", unit: "messages", parts: ["mms-outbound"] },
  "mms-inbound": { description: "Inbound MMS", unit: "messages", parts: ["mms-inbound"] },
  "phonenumbers": { description: "Phone Numbers", unit: "numbers", parts: ["phonenumbers"] },
  "totalprice": {
    description: "Total Price",
    unit: "usd",
    parts: ["sms-outbound", "sms-inbound", "mms-outbound", "mms-inbound", "phonenumbers"],
  },
};

/** What one account used, by day (`YYYY-MM-DD`, GMT) and category. */
export class UsageLedger {
  readonly #days = new Map<string, Map<UsageCategory, UsageAmount>>();

  /** Records use on the day of `at`. */
  record(category: UsageCategory, at: number, used: UsageAmount): void {
    const day = new Date(at).toISOString().slice(0, 10);
    const categories = this.#days.get(day) ?? new Map<UsageCategory, UsageAmount>();
    this.#days.set(day, categories);
    categories.set(category, add(categories.get(category), used));
  }

  /** What was used from one day to another, both included. */
  sum(parts: readonly UsageCategory[], startDate: string, endDate: string): UsageAmount {
    let total: UsageAmount = { count: 0, usage: 0, priceMicros: 0 };
    for (const [day, categories] of this.#days) {
      if (day < startDate || day > endDate) continue;
      for (const part of parts) total = add(categories.get(part), total);
    }
    return total;
  }
}

function add(left: UsageAmount | undefined, right: UsageAmount): UsageAmount {
  if (!left) return right;
  return {
    count: left.count + right.count,
    usage: left.usage + right.usage,
    priceMicros: left.priceMicros + right.priceMicros,
  };
}
