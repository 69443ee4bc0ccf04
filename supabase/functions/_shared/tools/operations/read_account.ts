import { createCredentialStore } from "../../connections/credentials.ts";
import { toAppError } from "../../http/provider_refusal.ts";
import type { Credentials, ProviderReading, Result } from "../../providers/provider.ts";
import { readingProviders } from "../../providers/reading_registry.ts";
import type { Transport } from "../../providers/transport.ts";
import type { Ask, AskOperation, AskOutcome, JsonObject } from "./ask.ts";

interface OpenAccount {
  transport: Transport;
  provider: ProviderReading;
  credentials: Credentials;
  ask: Ask;
}

/** Asking again changes nothing, so that a tool call whose answer was lost simply asks once more. */
export function readAccount<Value>(
  read: (account: OpenAccount) => Promise<Result<Value>>,
  describe: (value: Value, ask: Ask) => JsonObject,
): AskOperation {
  return async ({ service, transport }, ask, toolCallId): Promise<AskOutcome> => {
    const store = createCredentialStore(service);
    await store.load([ask.connection_id], `agent tool ${ask.family}`, toolCallId);
    const secrets = store.get(ask.connection_id);
    const provider = readingProviders.get(ask.provider);
    if (!secrets || !provider) {
      const message = "Cannot use the account: it was disconnected, or its secrets cannot be read";
      return { error: { code: "connection_unavailable", message } };
    }
    const { credentials } = secrets;
    const answer = await read({ transport, provider, credentials, ask });
    if (!answer.ok) {
      const { code, message } = toAppError(answer.error);
      return { error: { code, message } };
    }
    const { provider: name, connection_id } = ask;
    return { result: { provider: name, connection_id, ...describe(answer.value, ask) } };
  };
}
