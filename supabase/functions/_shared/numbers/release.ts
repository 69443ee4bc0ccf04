import type { OpenConnection } from "../connections/open_connection.ts";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { AppError } from "../http/error.ts";
import { toAppError } from "../http/provider_refusal.ts";
import type { Transport } from "../providers/transport.ts";

export interface ReleasableNumber {
  id: string;
  external_id: string;
  phone_number: string;
}

/** Gives a number back to its provider, then retires it here. One that is gone already is released. */
export async function releaseNumber(
  { transport, service }: { transport: Transport; service: DatabaseClient },
  { provider, credentials }: OpenConnection,
  actorId: string,
  number: ReleasableNumber,
): Promise<void> {
  if (!provider.releaseNumber) {
    throw new AppError(
      "unsupported",
      `Cannot release the number: ${provider.displayName} takes none back through its API`,
      { hint: `Release it at ${provider.displayName}, then POST /phone-numbers/<id>/verify` },
    );
  }
  dataOf(
    await service.rpc("check_number_release", { actor_id: actorId, phone_number_id: number.id }),
  );
  const input = { externalId: number.external_id, phoneNumber: number.phone_number };
  const released = await transport.call(provider, provider.releaseNumber, input, credentials);
  if (!released.ok && released.error.code !== "not_found") throw toAppError(released.error);
  dataOf(
    await service.rpc("release_phone_number", { actor_id: actorId, phone_number_id: number.id }),
  );
}
