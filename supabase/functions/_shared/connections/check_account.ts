import { AppError } from "../http/error.ts";
import { toAppError } from "../http/provider_refusal.ts";
import type {
  AccountInfo,
  Credentials,
  Operation,
  OwnedEmailSender,
  OwnedNumber,
  Page,
  Provider,
  Result,
} from "../providers/provider.ts";
import { findProvider } from "../providers/registry.ts";
import type { Transport } from "../providers/transport.ts";

export interface CheckedAccount {
  provider: Provider;
  credentials: Credentials;
  account: AccountInfo;
  numbers: OwnedNumber[];
  /** Undefined for a provider that sends no e-mail. */
  emailSenders: OwnedEmailSender[] | undefined;
}

/** Asks the provider whether it accepts the credentials; throws its reason when it does not. */
export async function checkAccount(
  transport: Transport,
  request: { provider: string; credentials: Record<string, unknown> },
): Promise<CheckedAccount> {
  const { provider, credentials } = checkCredentialFields(request);
  const answer = await askAccount(transport, provider, credentials);
  if (!answer.ok) throw toAppError(answer.error);
  const { account, numbers, emailSenders } = answer.value;
  if (!account.isActive) {
    throw new AppError(
      "credentials_refused",
      `Cannot connect ${provider.displayName}: the account is ${account.providerStatus}`,
    );
  }
  return { provider, credentials, account, numbers, emailSenders };
}

/** The account and its numbers, by everything that the credentials hold. */
export async function askAccount(
  transport: Transport,
  provider: Provider,
  credentials: Credentials,
): Promise<Result<Omit<CheckedAccount, "provider" | "credentials">>> {
  const account = await transport.call(
    provider,
    provider.validateCredentials,
    undefined,
    credentials,
  );
  if (!account.ok) return account;
  const numbers = await listIfAny(transport, provider, provider.listNumbers, credentials);
  if (!numbers.ok) return numbers;
  const senders = await listIfAny(transport, provider, provider.listEmailSenders, credentials);
  if (!senders.ok) return senders;
  return {
    ok: true,
    value: { account: account.value, numbers: numbers.value ?? [], emailSenders: senders.value },
  };
}

/** Undefined where the provider has no such list. */
async function listIfAny<Item>(
  transport: Transport,
  provider: Provider,
  operation: Operation<{ pageUrl?: string }, Page<Item>> | undefined,
  credentials: Credentials,
): Promise<Result<Item[] | undefined>> {
  if (!operation) return { ok: true, value: undefined };
  const list = await transport.listAll(provider, operation, {}, credentials);
  return list.ok ? { ok: true, value: list.value.items } : list;
}

/** The adapter and the cleaned credentials; 400 with the field that is wrong, never its value. */
export function checkCredentialFields(
  request: { provider: string; credentials: Record<string, unknown> },
): { provider: Provider; credentials: Credentials } {
  const provider = findProvider(request.provider);
  if (!provider) {
    throw new AppError("invalid_request", "Cannot take the request: unknown provider", {
      issues: [{ field: "provider", message: "is not a provider that can be connected here" }],
      hint: "List service_providers: those with is_enabled",
    });
  }
  const check = provider.checkCredentials(request.credentials);
  if (check.ok) return { provider, credentials: check.credentials };
  const issues = check.issues.map(({ field, message }) => ({
    field: `credentials.${field}`,
    message,
  }));
  throw new AppError(
    "invalid_request",
    `Cannot connect ${provider.displayName}: ${issues[0]?.field} is wrong`,
    { issues },
  );
}
