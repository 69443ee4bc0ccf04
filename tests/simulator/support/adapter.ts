/** Drives a provider's own adapter against the simulator, and reads what it posts. */
import { assert } from "@std/assert";
import type {
  Credentials,
  Provider,
  WebhookEvent,
  WebhookRequest,
} from "../../../supabase/functions/_shared/providers/provider.ts";
import {
  createTransport,
  type Transport,
} from "../../../supabase/functions/_shared/providers/transport.ts";
import { type ReceivedWebhook, type Receiver, withReceiver } from "./receiver.ts";
import { type TestSimulator, withSimulator } from "./simulator.ts";

export interface AdapterTest<Account> {
  simulator: TestSimulator;
  receiver: Receiver;
  transport: Transport;
  /** What the control API answered. */
  account: Account;
}

/** A simulator, a receiver of webhooks, and an account made by the control API. */
export async function withAccount<Account>(
  provider: string,
  fields: Record<string, unknown>,
  test: (given: AdapterTest<Account>) => Promise<void>,
): Promise<void> {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const { status, body } = await simulator.control<Account>(
        "POST",
        `/${provider}/accounts`,
        fields,
      );
      assert(status === 201, `Cannot add account: status ${status}`);
      const transport = createTransport({ simulatorUrl: simulator.url });
      await test({ simulator, receiver, transport, account: body });
    });
  });
}

/** The events of what was posted; each webhook has to prove that it comes from the provider. */
export async function readWebhooks(
  provider: Provider,
  credentials: Credentials,
  webhooks: readonly ReceivedWebhook[],
): Promise<WebhookEvent[]> {
  const events = await Promise.all(webhooks.map(async (webhook) => {
    assert(await isProven(provider, credentials, webhook), `${webhook.url} is not signed`);
    return await provider.readWebhook(toRequest(webhook));
  }));
  return events.flat();
}

export async function isProven(
  provider: Provider,
  credentials: Credentials,
  webhook: ReceivedWebhook,
): Promise<boolean> {
  const secret = provider.webhookSecret(credentials) ?? "";
  return await provider.verifyWebhook(toRequest(webhook), { secret, nowMs: Date.now() });
}

function toRequest({ method, url, headers, text }: ReceivedWebhook): WebhookRequest {
  return { method, url, headers, body: new TextEncoder().encode(text) };
}
