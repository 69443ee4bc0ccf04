/** The provider account behind a set of credentials, free of secrets. */
export interface AccountInfo {
  externalAccountId: string;
  displayName: string;
  isActive: boolean;
  /** The provider's own word for its state. */
  providerStatus: string;
  /** What the adapter needs to find again and is no secret, such as the name of a space. */
  settings?: Record<string, string>;
}

/** An address that the account may send e-mail from; a whole domain is written as `*@example.com`. */
export interface OwnedEmailSender {
  externalId: string;
  /** Lower case. */
  emailAddress: string;
  displayName: string;
  status: "active" | "pending" | "inactive";
}

export interface UsageQuery {
  /** ISO dates, both included. */
  startDate: string;
  endDate: string;
}

/** Categories are the provider's own and may overlap: a total must not be made by adding lines. */
export interface UsageLine {
  category: string;
  count: number;
  unit: string;
  cost: string;
  currency: string;
}

export interface Balance {
  amount: string;
  /** ISO 4217, or `credits` where the provider counts those. */
  currency: string;
}

/** One field of a provider's credentials. The catalogue's `configuration_metadata` mirrors these. */
export interface CredentialField {
  name: string;
  label: string;
  pattern: RegExp;
  isRequired: boolean;
  isSecret: boolean;
  /** What a right value looks like and where it is found; shown when it is wrong. */
  remedy: string;
}

export interface CredentialIssue {
  field: string;
  message: string;
}

/** The outcome of checking credential fields. Messages never repeat a value. */
export type CredentialCheck =
  | { ok: true; credentials: Readonly<Record<string, string>> }
  | { ok: false; issues: CredentialIssue[] };
