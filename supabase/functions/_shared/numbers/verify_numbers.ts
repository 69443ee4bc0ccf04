import { mapConcurrently } from "../concurrency.ts";
import {
  configureNumberWebhooks,
  type NumberConnection,
  type NumberWebhookDeps,
} from "../connections/number_webhooks.ts";
import { toStorableNumber } from "../connections/storable_number.ts";
import { dataOf } from "../database/answer.ts";
import { logDefect } from "../log_defect.ts";
import type { OwnedNumber, Result } from "../providers/provider.ts";
import type { CompleteList } from "../providers/transport.ts";
import { openConnections } from "./open_connections.ts";

/** How many connections were asked about, and how many of their providers answered. */
export interface VerificationReport {
  asked: number;
  answered: number;
}

const CONNECTIONS_PER_RUN = 5;

/** Asks whether accounts still have their numbers, a few at each tick. Silence changes nothing. */
export async function verifyNumbers(deps: NumberWebhookDeps): Promise<VerificationReport> {
  const claimed = dataOf(
    await deps.service.rpc("claim_number_verifications", { claim_limit: CONNECTIONS_PER_RUN }),
  );
  if (claimed.length === 0) return { asked: 0, answered: 0 };
  const connections = await openConnections(deps.service, claimed, "verify numbers");
  const answers = await mapConcurrently(
    [...connections.values()],
    CONNECTIONS_PER_RUN,
    async (connection) => {
      try {
        return (await verifyConnection(deps, connection)).ok;
      } catch (error) {
        logDefect("Verifying numbers", error);
        return false;
      }
    },
  );
  return { asked: claimed.length, answered: answers.filter((isAnswered) => isAnswered).length };
}

/**
 * Compares the numbers of a connection with the account's. With an id, that number is judged by what
 * this one list says; the others are given a second chance.
 */
export async function verifyConnection(
  deps: NumberWebhookDeps,
  connection: NumberConnection,
  phoneNumberId?: string,
): Promise<Result<CompleteList<OwnedNumber>>> {
  const { provider, credentials } = connection;
  const owned = await deps.transport.listAll(provider, provider.listNumbers, {}, credentials);
  if (!owned.ok) return owned;
  dataOf(
    await deps.service.rpc("record_number_verification", {
      connection_id: connection.id,
      numbers: owned.value.items.map((number) => toStorableNumber(number)),
      is_complete: owned.value.isComplete,
      ...(phoneNumberId === undefined ? {} : { phone_number_id: phoneNumberId }),
    }),
  );
  await configureNewlyActive(deps, connection);
  return owned;
}

/** A number that the provider was still setting up when it came has no webhook yet. */
async function configureNewlyActive(
  deps: NumberWebhookDeps,
  connection: NumberConnection,
): Promise<void> {
  const numbers = dataOf(
    await deps.service.from("phone_numbers").select("external_id, phone_number")
      .eq("connection_id", connection.id).eq("status", "active").eq("webhook_configured", false)
      .is("metadata->webhook_error", null),
  );
  await configureNumberWebhooks(
    deps,
    connection,
    numbers.map((number) => ({
      externalId: number.external_id,
      phoneNumber: number.phone_number,
    })),
  );
}
